// When a shared channel is busy. Callers announce transfers ahead of time and not in order of time (a fetch knows its
// second, dependent access before another fetch announces its first), so a transfer takes the first gap that is long
// enough, as it would on a channel that serves whoever is there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::memory
{

class channel_calendar
{
public:
    /// Books `duration` from the first free time at or after `earliest`; returns the start. Nothing will ever be asked
    /// again for times before `now`.
    std::uint64_t book(std::uint64_t now, std::uint64_t earliest, std::uint64_t duration)
    {
        forget(now);
        if (duration == 0)
            return earliest;
        std::size_t at = m_first;
        std::uint64_t start = earliest;
        while (at < m_busy.size() && start + duration > m_busy[at].begin) {
            start = std::max(start, m_busy[at].end);
            ++at;
        }
        insert(at, {start, start + duration});
        return start;
    }

private:
    struct interval {
        std::uint64_t begin, end;
    };

    void forget(std::uint64_t now)
    {
        while (m_first < m_busy.size() && m_busy[m_first].end <= now)
            ++m_first;
        if (m_first > 64 && 2 * m_first > m_busy.size()) { // now and then, so that it costs nothing on average
            m_busy.erase(m_busy.begin(), m_busy.begin() + static_cast<std::ptrdiff_t>(m_first));
            m_first = 0;
        }
    }

    /// Intervals that touch become one, so their number is that of the gaps.
    void insert(std::size_t at, interval added)
    {
        const bool joins_left = at > m_first && m_busy[at - 1].end == added.begin;
        const bool joins_right = at < m_busy.size() && m_busy[at].begin == added.end;
        if (joins_left && joins_right) {
            m_busy[at - 1].end = m_busy[at].end;
            m_busy.erase(m_busy.begin() + static_cast<std::ptrdiff_t>(at));
        } else if (joins_left) {
            m_busy[at - 1].end = added.end;
        } else if (joins_right) {
            m_busy[at].begin = added.begin;
        } else {
            m_busy.insert(m_busy.begin() + static_cast<std::ptrdiff_t>(at), added);
        }
    }

    std::vector<interval> m_busy; ///< in order of time, not touching; those before m_first are past
    std::size_t m_first = 0;
};

} // namespace loas::memory
