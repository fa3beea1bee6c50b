// Physical memory protection: 8 regions, each off, up to an address (TOR), of 4 bytes (NA4) or of a power of two
// (NAPOT).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace loas::rv64
{

/// Rights, as bits of a region's configuration.
inline constexpr unsigned may_read = 1, may_write = 2, may_execute = 4, may_all = 7;

class pmp
{
public:
    static constexpr unsigned regions = 8;

    /// pmpcfg0: a byte a region.
    std::uint64_t configurations() const;
    /// Locked regions stay as they are. Write without read is reserved and becomes neither.
    void set_configurations(std::uint64_t value);
    /// pmpaddr: address bits 55..2.
    std::uint64_t address(unsigned region) const { return m_regions[region].address; }
    void set_address(unsigned region, std::uint64_t value);

    /// What the bytes first..last may be used for. Nothing: a region has some of them, and not all.
    std::optional<unsigned> rights(std::uint64_t first, std::uint64_t last, bool machine_mode) const
    {
        for (const region& r : m_regions) {
            if (r.empty || last < r.first || first > r.last)
                continue;
            if (first < r.first || last > r.last)
                return std::nullopt;
            return machine_mode && !r.locked() ? may_all : r.configuration & may_all;
        }
        return machine_mode ? may_all : 0U;
    }

private:
    struct region {
        std::uint64_t address = 0;
        std::uint8_t configuration = 0;
        bool empty = true;
        std::uint64_t first = 0, last = 0; ///< addresses of bytes

        bool locked() const { return (configuration & 0x80) != 0; }
        unsigned kind() const { return configuration >> 3 & 3; }
    };

    void find_bounds();

    std::array<region, regions> m_regions{};
};

} // namespace loas::rv64
