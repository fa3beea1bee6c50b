// Stack distances of accesses to fibers: the bits of all other fibers that were accessed since the fiber's last access,
// and its own. In two forms that give the same.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace loas::dataflow
{

/// Of a fiber that was not accessed before.
inline constexpr std::uint64_t no_distance = std::numeric_limits<std::uint64_t>::max();

/// For accesses in any order: a Fenwick tree over the times of last accesses, three walks of it an access.
class access_tree
{
public:
    /// sizes_bits: of each fiber; must outlive it. at_a_time: fibers between calls of forget().
    access_tree(const std::vector<std::uint64_t>& sizes_bits, std::size_t at_a_time);

    /// None of the fibers so far comes again.
    void forget();

    std::uint64_t access(std::size_t fiber);

    /// That these were the last accesses, the oldest first.
    void start_from(const std::vector<std::uint32_t>& fibers);

private:
    static constexpr std::uint32_t never = 0;

    void renumber();
    void sum_up();
    void add_at(std::size_t time, std::uint64_t bits);
    std::uint64_t up_to(std::size_t time) const;

    const std::vector<std::uint64_t>& m_sizes;
    std::vector<std::uint64_t> m_sums;     ///< over times: sizes of fibers that were last accessed then
    std::vector<std::uint32_t> m_time;     ///< of a fiber's last access, from 1; `never`
    std::vector<std::uint32_t> m_fiber_at; ///< time; one more than the fiber
    std::size_t m_now = 0;
    std::uint64_t m_live_bits = 0; ///< of fibers that were accessed
};

/// For accesses in rounds, in each of which fibers ascend: rows of spikes and columns of weights, as orders take them.
/// Since fiber x was last accessed in round p, there were: what was last accessed in later rounds; of p itself, what is
/// behind x; and of the round under way, what is before x and was older. So a sum a round is enough, which grows by what
/// older fibers bring, and a second one of what the round under way has gone past. A step for each fiber that is gone
/// past, and an addition for each younger round: many times less than the tree's walks, if a round has more than a
/// twentieth of the fibers. Where it has less, or the order of fibers makes no rounds, too_slow() says so.
class access_rounds
{
public:
    explicit access_rounds(const std::vector<std::uint64_t>& sizes_bits);

    void forget();

    std::uint64_t access(std::size_t fiber)
    {
        if (fiber < m_next)
            begin_round();
        if (fiber < m_lowest)
            m_lowest = m_next = fiber;
        if (fiber > m_highest)
            m_highest = fiber;
        std::uint32_t* const round_of = m_round.data();
        std::uint64_t* const passed = m_passed.data();
        const std::uint64_t* const size_of = m_sizes.data();
        const std::uint32_t before = round_of[fiber];
        const std::uint64_t size = size_of[fiber];
        m_credit += steps_of_the_tree - static_cast<std::int64_t>(fiber - m_next + (m_now - before) / 4);
        for (std::size_t other = m_next; other < fiber; ++other)
            passed[round_of[other]] += size_of[other];
        const std::uint64_t distance = before == never ? no_distance : m_held[before] - passed[before];
        // Rounds behind the one under way may get something: they begin with nothing anyway.
        std::uint64_t* held = m_held.data() + before + 1;
        for (const std::uint64_t* const end = m_held.data() + m_now; held <= end; held += at_once)
            for (std::size_t i = 0; i < at_once; ++i)
                held[i] += size;
        round_of[fiber] = m_now;
        m_next = fiber + 1;
        return distance;
    }

    bool too_slow() const { return m_too_slow; }
    /// Fibers by their last accesses, the oldest first.
    std::vector<std::uint32_t> accessed() const;

private:
    static constexpr std::uint32_t never = 0;
    static constexpr std::size_t most_rounds = 256;       ///< before those whose fibers were all accessed later are left out
    static constexpr std::size_t at_once = 4;             ///< rounds
    static constexpr std::int64_t steps_of_the_tree = 24; ///< that take as long as an access to it

    void begin_round();
    void renumber();

    const std::vector<std::uint64_t>& m_sizes;
    std::vector<std::uint32_t> m_round;  ///< of a fiber's last access, from 1; `never`
    std::vector<std::uint64_t> m_held;   ///< of fibers whose last access was in a round or later, those of m_passed among them
    std::vector<std::uint64_t> m_passed; ///< of them, those last accessed in this very round that the round under way went past
    std::uint32_t m_now = 1;             ///< the round under way
    std::size_t m_next = 0;              ///< fiber behind the last accessed one
    std::size_t m_lowest, m_highest = 0; ///< of those that were accessed
    std::int64_t m_credit = 20000;       ///< steps that the tree would have taken, and a start, less those that were
    bool m_too_slow = false;
};

/// Rounds as long as they are fast, then the tree.
class stack_distances
{
public:
    /// at_a_time: fibers between calls of forget(); 0: all.
    stack_distances(const std::vector<std::uint64_t>& sizes_bits, std::size_t at_a_time)
        : m_sizes(sizes_bits), m_at_a_time(at_a_time == 0 ? sizes_bits.size() : at_a_time), m_rounds(sizes_bits)
    {
    }

    void forget()
    {
        if (m_tree)
            m_tree->forget();
        else
            m_rounds.forget();
    }
    std::uint64_t access(std::size_t fiber)
    {
        if (m_tree)
            return m_tree->access(fiber);
        const std::uint64_t distance = m_rounds.access(fiber);
        if (m_rounds.too_slow())
            grow_tree();
        return distance;
    }

private:
    void grow_tree();

    const std::vector<std::uint64_t>& m_sizes;
    std::size_t m_at_a_time;
    access_rounds m_rounds;
    std::optional<access_tree> m_tree;
};

} // namespace loas::dataflow
