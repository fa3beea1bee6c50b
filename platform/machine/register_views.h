// The board's devices as a CMSIS-SVD file, from which debuggers show registers by name and field.
#pragma once

#include <string>

namespace loas::machine
{

/// rings: blocks of registers of the accelerator.
std::string register_views(unsigned rings);

} // namespace loas::machine
