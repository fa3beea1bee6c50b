// Who wants something of memory, as it travels with a transaction: for whoever watches links, and for targets that
// serve several.
#pragma once

#include <cstdint>
#include <string>

namespace loas::kernel
{

/// tile: of an accelerator, with its number. shared: a unit of it that works for all tiles, with its number.
enum class unit : std::uint8_t { unknown, host, dispatcher, tile, shared, compressor, cache };

struct requester {
    unit what = unit::unknown;
    std::uint16_t number = 0;
    std::uint16_t ring = 0; ///< number of the command ring for which it works
};

/// "tile 3", "host", ...
inline std::string name_of(const requester& by)
{
    static constexpr const char* names[] = {"unknown", "host", "dispatcher", "tile", "shared", "compressor", "cache"};
    const std::string name = names[static_cast<std::size_t>(by.what)];
    return by.what == unit::tile || by.what == unit::shared ? name + " " + std::to_string(by.number) : name;
}

} // namespace loas::kernel
