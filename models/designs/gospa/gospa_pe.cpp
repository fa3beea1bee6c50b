#include "models/designs/gospa/gospa_pe.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

gospa_pe::gospa_pe(const sc_core::sc_module_name& name, std::size_t rows, std::size_t inputs)
    : sc_module(name), m_weights(inputs), m_sums(rows)
{
}

void gospa_pe::load_weights(functional::span<const std::int8_t> weights)
{
    if (weights.size() > m_weights.size())
        SC_REPORT_FATAL(name(), "more weights than a tile has inputs");
    std::copy(weights.begin(), weights.end(), m_weights.begin());
}

void gospa_pe::load_sums(functional::span<const std::int32_t> sums)
{
    if (sums.size() > m_sums.size())
        SC_REPORT_FATAL(name(), "more sums than a block has rows");
    std::copy(sums.begin(), sums.end(), m_sums.begin());
}

void gospa_pe::read_sums(functional::span<std::int32_t> sums) const
{
    if (sums.size() > m_sums.size())
        SC_REPORT_FATAL(name(), "more sums than a block has rows");
    std::copy_n(m_sums.begin(), sums.size(), sums.begin());
}

std::uint64_t gospa_pe::take(functional::span<const matched_spike> spikes, std::uint64_t cycle)
{
    if (spikes.size() == 0)
        SC_REPORT_FATAL(name(), "spikes without the end of their stream");
    const std::size_t count = spikes.size() - 1;
    std::uint64_t free = 0; // cycle of the stream in which all before are added
    for (std::size_t i = 0; i < count; ++i) {
        free = std::max<std::uint64_t>(free, spikes[i].cycle) + 1;
        std::int32_t& sum = m_sums[spikes[i].row];
        sum = static_cast<std::int32_t>( // 32-bit adders wrap
            static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(m_weights[spikes[i].weight]));
    }
    free = std::max<std::uint64_t>(free, spikes[count].cycle); // more could come while the stream runs
    m_counters[counter::matches] += count;
    m_counters[counter::busy_cycles] += count;
    m_counters[counter::stall_stream] += free - count;
    m_counters[counter::sram_read_b_weights] += 8 * count;
    return cycle + free;
}

} // namespace loas::designs
