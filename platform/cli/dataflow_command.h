// loas-vp dataflow: orders of the loops.
#pragma once

#include "platform/cli/command.h"

namespace loas::cli
{

command dataflow_row();

} // namespace loas::cli
