// How a PE of Gamma merges more fibers than its merger has ways: in rounds. A round that is not the last makes one
// partial row of the fibers it takes, and a later round takes that instead of them.
//
// Every round takes as many fibers as there are ways, but the first one, which takes so few that all later ones are
// full: fewest rounds, and the least is merged twice. n fibers take ceil((n - 1) / (radix - 1)) rounds, and one if they
// are 0 or 1. Rounds take rows of B as long as the partial rows that wait, which are all merged at the end, have room.
#pragma once

#include <algorithm>
#include <cstdint>

namespace loas::designs
{

struct merge_round {
    std::uint32_t first = 0, rows = 0; ///< of the fibers, in their order
    std::uint32_t partial_rows = 0;    ///< the oldest of those that wait
    bool last = true;                  ///< what comes out is the result
};

class merge_plan
{
public:
    merge_plan() = default;

    /// kept: partial rows that may wait at a time, 1 to radix - 1.
    merge_plan(std::uint32_t fibers, std::uint32_t radix, std::uint32_t kept)
        : m_left(fibers), m_radix(radix), m_kept(kept), m_ways(fibers > radix ? (fibers - 2) % (radix - 1) + 2 : radix),
          m_done(false)
    {
    }

    /// The last round has been given.
    bool done() const { return m_done; }
    bool next_is_last() const { return m_left + m_waiting <= m_radix; }

    merge_round next()
    {
        merge_round round{m_first, m_left, m_waiting, next_is_last()};
        m_done = round.last;
        if (round.last)
            return round;
        const std::uint32_t full = m_waiting == m_kept ? m_waiting : 0; // no room: they go into this round
        round.rows = std::min(m_left, m_ways - full);
        round.partial_rows = m_ways - round.rows;
        m_first += round.rows;
        m_left -= round.rows;
        m_waiting += 1 - round.partial_rows;
        m_ways = m_radix;
        return round;
    }

private:
    std::uint32_t m_first = 0, m_left = 0;
    std::uint32_t m_waiting = 0; ///< partial rows
    std::uint32_t m_radix = 2, m_kept = 1;
    std::uint32_t m_ways = 2; ///< that the next round takes
    bool m_done = true;
};

} // namespace loas::designs
