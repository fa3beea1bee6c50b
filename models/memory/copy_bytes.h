// Copies of a line or a part of it.
#pragma once

#include <cstddef>
#include <cstring>

namespace loas::memory
{

/// memcpy. The usual case, a whole line of 32 bytes, is two instructions instead of a call.
inline void copy_bytes(void* to, const void* from, std::size_t bytes)
{
    if (bytes == 32)
        std::memcpy(to, from, 32);
    else
        std::memcpy(to, from, bytes);
}

} // namespace loas::memory
