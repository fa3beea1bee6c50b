// loas-vp dram: a trace on the DRAM alone.
#pragma once

#include "platform/cli/command.h"

namespace loas::cli
{

/// The subcommand.
command dram_row();

} // namespace loas::cli
