// What this computer has room for.
#pragma once

#include <cstdint>

namespace loas::process
{

/// That this process may use; at least 1.
unsigned processors();

/// Memory that can be had without swapping; all there could be when the system does not tell.
std::uint64_t available_bytes();

} // namespace loas::process
