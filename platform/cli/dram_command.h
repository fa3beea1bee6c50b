// loas-vp dram: a trace on the DRAM alone.
#pragma once

#include "platform/cli/command.h"

namespace loas::cli
{

/// Throws text::user_error.
process::exit_code dram_replay(const po::variables_map& given);

} // namespace loas::cli
