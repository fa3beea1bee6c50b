// The stream of spikes and the intersection in front of the PEs. No SystemC.
//
// A tile's spikes are coordinates; the tile of weights is a mask for each column, and each column has a PE. Spikes pass
// in order, up to `width` a cycle, and each is compared with all masks at once: where the column has a weight, the row
// and the place of the weight go into the FIFO of that PE.
// - A PE takes one matched spike a cycle. One that comes when nothing is before it is taken in the cycle in which it
//   comes; else it waits in the FIFO, which holds fifo_depth of them beside the one that is taken.
// - A spike passes when all PEs that it matches can take or hold it. Until then the whole stream stands.
// So a PE is known by the cycle in which it has taken all that came so far, and a spike without a match costs nothing
// but its place in the stream. tests/golden/stream_machine.h steps the same rules cycle by cycle.
#pragma once

#include "models/designs/gospa/parameters.h"
#include "models/functional/span.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::designs
{

/// The spikes of a block of rows that lie in a tile, in the order in which they pass.
struct spike_block {
    struct part {
        std::uint32_t end; ///< in inputs; begins where the part before ends
        std::uint16_t row; ///< of the block
    };
    std::vector<std::uint16_t> inputs; ///< within the tile
    std::vector<part> parts;
};

/// On its way to a PE. The last one that a PE gets of a block is no spike: its cycle is the end of the stream.
struct matched_spike {
    std::uint32_t cycle; ///< of the stream, from 0
    std::uint16_t row;
    std::uint16_t weight; ///< its place among the weights of the PE's column in the tile
};

class spike_stream
{
public:
    spike_stream(const gospa_parameters& parameters, std::size_t pes);

    /// The masks of a tile: words 64-bit words for each of `columns` columns, one behind the other.
    void load_masks(const std::uint64_t* masks, std::size_t columns, std::size_t words);

    /// Has a block pass the masks. Returns the cycles that the stream takes.
    std::uint32_t pass(const spike_block& spikes);

    /// What came to a PE in the last pass, with the end of the stream; they stand until the next pass.
    functional::span<const matched_spike> matches(std::size_t pe) const
    {
        const matched_spike* first = m_matches.data() + pe * m_most_matches;
        return {first, static_cast<std::size_t>(m_pes[pe].next - first)};
    }

private:
    struct place {
        std::uint16_t pe, weight;
    };

    std::uint64_t m_width; ///< both without bound for 0
    std::uint64_t m_depth;
    std::vector<std::uint32_t> m_first; ///< for each input of the tile, in m_places; and the end
    std::vector<place> m_places;        ///< weights by input
    struct pe_state {
        std::uint64_t free;  ///< cycle in which it has taken all that came
        matched_spike* next; ///< where its next match goes
    };
    std::vector<pe_state> m_pes;
    std::vector<std::uint32_t> m_matching; ///< spikes of a part that match any
    std::vector<matched_spike> m_matches;  ///< [PE][m_most_matches]
    std::size_t m_most_matches = 0;
};

} // namespace loas::designs
