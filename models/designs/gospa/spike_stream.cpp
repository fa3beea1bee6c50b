#include "models/designs/gospa/spike_stream.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

namespace
{

constexpr std::uint64_t without_bound = std::uint64_t{1} << 60;

std::uint64_t bound(unsigned parameter)
{
    return parameter == 0 ? without_bound : parameter;
}

} // namespace

spike_stream::spike_stream(const gospa_parameters& parameters, std::size_t pes)
    : m_width(bound(parameters.stream_width)), m_depth(bound(parameters.fifo_depth)),
      m_first(std::size_t{parameters.tile_inputs} + 1), m_pes(pes)
{
}

void spike_stream::load_masks(const std::uint64_t* masks, std::size_t columns, std::size_t words)
{
    const auto for_each_weight = [&](auto use) {
        for (std::size_t pe = 0; pe < columns; ++pe) {
            std::uint16_t weight = 0;
            for (std::size_t word = 0; word < words; ++word)
                for (std::uint64_t bits = masks[pe * words + word]; bits != 0; bits &= bits - 1)
                    use(word * 64 + functional::lowest_bit(bits), place{static_cast<std::uint16_t>(pe), weight++});
        }
    };
    // Sorted by input: count, sum up, put in place from behind.
    std::fill(m_first.begin(), m_first.end(), 0);
    for_each_weight([&](std::size_t input, place) { ++m_first[input]; });
    std::uint32_t weights = 0;
    for (std::uint32_t& first : m_first)
        first = weights += first;
    m_places.resize(weights);
    for_each_weight([&](std::size_t input, place at) { m_places[--m_first[input]] = at; });
}

std::uint32_t spike_stream::pass(const spike_block& spikes)
{
    const std::size_t most = spikes.inputs.size() + 1; // with the end of the stream
    if (most > m_most_matches) {
        m_most_matches = std::max(most, 2 * m_most_matches); // blocks differ: not a bit larger every time
        m_matches.resize(m_pes.size() * m_most_matches);
        m_matching.resize(m_most_matches);
    }
    for (std::size_t pe = 0; pe < m_pes.size(); ++pe)
        m_pes[pe] = {0, m_matches.data() + pe * m_most_matches};
    pe_state* const pes = m_pes.data();
    // From the spike that stood last on, in which cycle each passes is known by its place.
    std::uint64_t place_of_stand = 0, cycle_of_stand = 0;
    std::size_t at = 0;
    for (const spike_block::part& part : spikes.parts) {
        // Those with a match first, without a branch: it would be unpredictable.
        std::size_t matching = 0;
        for (; at < part.end; ++at) {
            const std::size_t input = spikes.inputs[at];
            m_matching[matching] = static_cast<std::uint32_t>(at);
            matching += m_first[input] != m_first[input + 1];
        }
        for (std::size_t i = 0; i < matching; ++i) {
            const std::uint64_t spike = m_matching[i];
            const std::size_t input = spikes.inputs[spike];
            const place *first = m_places.data() + m_first[input], *last = m_places.data() + m_first[input + 1];
            std::uint64_t cycle = cycle_of_stand + (spike - place_of_stand) / m_width;
            std::uint64_t free = 0; // all of them
            for (const place* match = first; match != last; ++match)
                free = std::max(free, pes[match->pe].free);
            if (free > cycle + m_depth) {
                cycle = cycle_of_stand = free - m_depth;
                place_of_stand = spike;
            }
            for (const place* match = first; match != last; ++match) {
                pe_state& pe = pes[match->pe];
                pe.free = std::max(pe.free, cycle) + 1;
                *pe.next++ = {static_cast<std::uint32_t>(cycle), part.row, match->weight};
            }
        }
    }
    // Spikes of which any number pass in a cycle take none themselves.
    const std::uint64_t rest = at - place_of_stand;
    const auto end = static_cast<std::uint32_t>(
        m_width == without_bound ? cycle_of_stand : cycle_of_stand + (rest + m_width - 1) / m_width);
    for (pe_state& each : m_pes)
        *each.next++ = {end, 0, 0};
    return end;
}

} // namespace loas::designs
