// `loas-vp map`: the board in the forms that documents, compilers, operating systems and debuggers take.
#pragma once

#include "platform/cli/command.h"

namespace loas::cli
{

command map_row();

} // namespace loas::cli
