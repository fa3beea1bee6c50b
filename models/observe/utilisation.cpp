#include "models/observe/utilisation.h"

#include <algorithm>

namespace loas::observe
{

void utilisation_timeline::record(std::uint64_t begin_cycle, std::uint64_t end_cycle, std::uint64_t busy_tile_cycles)
{
    m_cycles = std::max(m_cycles, end_cycle);
    while (slices() > most_slices)
        widen();
    if (begin_cycle >= end_cycle || busy_tile_cycles == 0)
        return;
    const std::uint64_t first = begin_cycle >> m_shift, last = (end_cycle - 1) >> m_shift;
    if (first == last) { // as nearly always
        m_busy[first] += busy_tile_cycles;
        return;
    }
    const std::uint64_t length = end_cycle - begin_cycle;
    const std::uint64_t whole = busy_tile_cycles / length, rest = busy_tile_cycles % length;
    std::uint64_t given = 0;
    for (std::uint64_t slice = first; slice <= last; ++slice) {
        const std::uint64_t until = std::min(end_cycle, (slice + 1) << m_shift) - begin_cycle;
        const std::uint64_t due = whole * until + rest * until / length;
        m_busy[slice] += due - given;
        given = due;
    }
}

bool utilisation_timeline::restore(std::uint64_t cycles, std::uint64_t slice_cycles,
                                   const std::vector<std::uint64_t>& busy)
{
    if (slice_cycles == 0 || (slice_cycles & (slice_cycles - 1)) != 0 || busy.size() > most_slices ||
        busy.size() != (cycles == 0 ? 0 : (cycles - 1) / slice_cycles + 1))
        return false;
    m_busy = {};
    std::copy(busy.begin(), busy.end(), m_busy.begin());
    m_cycles = cycles;
    m_shift = static_cast<unsigned>(__builtin_ctzll(slice_cycles));
    return true;
}

double utilisation_timeline::busy_share(std::size_t slice, std::uint64_t tiles) const
{
    const std::uint64_t begin = slice << m_shift;
    const std::uint64_t length = std::min(slice_cycles(), m_cycles - std::min(begin, m_cycles));
    return length * tiles == 0 ? 0.0 : static_cast<double>(m_busy[slice]) / static_cast<double>(length * tiles);
}

void utilisation_timeline::widen()
{
    for (std::size_t i = 0; i < most_slices; ++i)
        m_busy[i] = 2 * i < most_slices ? m_busy[2 * i] + m_busy[2 * i + 1] : 0;
    ++m_shift;
}

} // namespace loas::observe
