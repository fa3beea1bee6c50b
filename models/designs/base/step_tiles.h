// What arrays have whose PEs go all in step: the cycles of each tile, and its sums of a round's timesteps, which the
// neurons take one a cycle. A tile holds its sums twice, so the array stands (packing) only while the neurons have not
// taken those before.
#pragma once

#include "models/compute/ports.h"
#include "models/observe/counters.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::designs
{

class step_tiles
{
public:
    /// timesteps: of a round
    step_tiles(std::size_t tiles, unsigned timesteps) : m_cycles(tiles), m_sums(timesteps * tiles) {}

    void begin_layer()
    {
        std::fill(m_cycles.begin(), m_cycles.end(), tile_cycles{});
        std::fill(m_sums.begin(), m_sums.end(), 0);
    }

    std::size_t size() const { return m_cycles.size(); }
    std::int32_t* sums(unsigned timestep) { return &m_sums[timestep * size()]; } ///< of each tile

    /// So many steps, of which `busy` added a weight that is not 0.
    void take(std::size_t tile, std::uint64_t busy, std::uint64_t steps)
    {
        m_cycles[tile].busy += busy;
        m_cycles[tile].zero_operand += steps - busy;
    }

    /// The array fills or drains, in the first tiles. Returns when it has.
    std::uint64_t fill(std::uint64_t cycles, std::size_t tiles, std::uint64_t cycle)
    {
        for (std::size_t tile = 0; tile < tiles; ++tile)
            m_cycles[tile].fill += cycles;
        return cycle + cycles;
    }

    /// The sums of the first tiles go to their neurons. place_of(tile): where those of the round's first timestep belong.
    /// Returns when the next round may begin.
    template <typename place>
    std::uint64_t hand_over(compute::sums_receiver& to, std::size_t tiles, unsigned timesteps, std::uint64_t cycle,
                            const place& place_of)
    {
        std::uint64_t begun = cycle;
        for (std::size_t tile = 0; tile < tiles; ++tile) {
            compute::sums_block block = place_of(tile);
            for (unsigned t = 0; t < timesteps; ++t, ++block.timestep) {
                const std::uint64_t taken = to.take_sums(block, {&sums(t)[tile], 1}, cycle);
                if (t == 0) // then the sums before these have been taken
                    begun = std::max(begun, taken);
            }
        }
        std::fill(m_sums.begin(), m_sums.end(), 0);
        for (std::size_t tile = 0; tile < tiles; ++tile)
            m_cycles[tile].packing += begun - cycle;
        return begun;
    }

    std::uint64_t busy(std::size_t tile) const { return m_cycles[tile].busy; }
    void collect_tile(std::size_t tile, observe::counter_set& counters) const
    {
        const tile_cycles& of = m_cycles[tile];
        counters[observe::counter::busy_cycles] += of.busy;
        counters[observe::counter::stall_zero_operand] += of.zero_operand;
        counters[observe::counter::stall_fill] += of.fill;
        counters[observe::counter::stall_packing] += of.packing;
    }

private:
    struct tile_cycles {
        std::uint64_t busy = 0, zero_operand = 0, fill = 0, packing = 0;
    };

    std::vector<tile_cycles> m_cycles;
    std::vector<std::int32_t> m_sums; ///< [timestep of the round][tile]
};

} // namespace loas::designs
