#include "platform/reuse/stack_distance.h"

#include <algorithm>
#include <array>

namespace loas::dataflow
{

access_tree::access_tree(const std::vector<std::uint64_t>& sizes_bits, std::size_t at_a_time)
    : m_sizes(sizes_bits), m_sums(std::max<std::size_t>(2 * at_a_time, 64) + 1), m_time(sizes_bits.size(), never),
      m_fiber_at(m_sums.size())
{
}

void access_tree::forget()
{
    std::fill(m_sums.begin(), m_sums.end(), 0);
    m_now = 0;
    m_live_bits = 0;
}

void access_tree::add_at(std::size_t time, std::uint64_t bits)
{
    for (; time < m_sums.size(); time += time & (~time + 1))
        m_sums[time] += bits; // wraps where a time is left, and comes out right
}

std::uint64_t access_tree::up_to(std::size_t time) const
{
    std::uint64_t sum = 0;
    for (; time > 0; time &= time - 1)
        sum += m_sums[time];
    return sum;
}

/// Sums of a Fenwick tree of single sizes, each into the next one up.
void access_tree::sum_up()
{
    for (std::size_t time = 1; time < m_sums.size(); ++time)
        if (const std::size_t up = time + (time & (~time + 1)); up < m_sums.size())
            m_sums[up] += m_sums[time];
}

/// Times that no fiber's last access has any more are given up.
void access_tree::renumber()
{
    std::fill(m_sums.begin(), m_sums.end(), 0);
    std::size_t next = 0;
    for (std::size_t time = 1; time <= m_now; ++time)
        if (const std::uint32_t fiber = m_fiber_at[time]; fiber != 0 && m_time[fiber - 1] == time) {
            m_fiber_at[++next] = fiber;
            m_time[fiber - 1] = static_cast<std::uint32_t>(next);
            m_sums[next] = m_sizes[fiber - 1];
        }
    m_now = next;
    sum_up();
}

void access_tree::start_from(const std::vector<std::uint32_t>& fibers)
{
    for (const std::uint32_t fiber : fibers) {
        m_fiber_at[++m_now] = fiber + 1;
        m_time[fiber] = static_cast<std::uint32_t>(m_now);
        m_sums[m_now] = m_sizes[fiber];
        m_live_bits += m_sizes[fiber];
    }
    sum_up();
}

std::uint64_t access_tree::access(std::size_t fiber)
{
    const std::uint64_t size = m_sizes[fiber];
    std::uint64_t distance = no_distance;
    if (m_now + 1 == m_sums.size())
        renumber();
    if (const std::uint32_t before = m_time[fiber]; before != never) {
        distance = m_live_bits - up_to(before - 1);
        add_at(before, ~size + 1);
    } else
        m_live_bits += size;
    ++m_now;
    m_time[fiber] = static_cast<std::uint32_t>(m_now);
    m_fiber_at[m_now] = static_cast<std::uint32_t>(fiber + 1);
    add_at(m_now, size);
    return distance;
}

access_rounds::access_rounds(const std::vector<std::uint64_t>& sizes_bits)
    : m_sizes(sizes_bits), m_round(sizes_bits.size(), never), m_held(most_rounds + 1 + at_once), m_passed(most_rounds + 1), m_lowest(sizes_bits.size())
{
}

void access_rounds::forget()
{
    if (m_lowest <= m_highest) {
        std::fill_n(m_round.begin() + static_cast<std::ptrdiff_t>(m_lowest), m_highest - m_lowest + 1, never);
        m_credit -= static_cast<std::int64_t>((m_highest - m_lowest) / 4);
    }
    m_lowest = m_sizes.size();
    m_highest = 0;
    m_next = 0;
    m_now = 1;
    m_held[1] = m_passed[1] = 0;
}

void access_rounds::begin_round()
{
    if (m_now + 1 == most_rounds)
        renumber();
    m_held[++m_now] = 0;
    std::fill_n(m_passed.begin(), m_now + 1, 0);
    m_next = m_lowest;
    m_too_slow = m_too_slow || m_credit < 0;
}

void access_rounds::renumber()
{
    std::array<std::uint32_t, most_rounds> number{};
    for (const std::uint32_t round : m_round)
        number[round] = 1;
    number[never] = never;
    m_now = 0;
    for (std::uint32_t round = 1; round < most_rounds; ++round)
        if (number[round] != 0) {
            number[round] = ++m_now;
            m_held[m_now] = m_held[round];
        }
    for (std::uint32_t& round : m_round)
        round = number[round];
    m_credit -= static_cast<std::int64_t>(m_round.size());
    m_too_slow = m_now > most_rounds / 2;
}

std::vector<std::uint32_t> access_rounds::accessed() const
{
    std::vector<std::uint32_t> fibers;
    for (std::uint32_t fiber = 0; fiber < m_round.size(); ++fiber)
        if (m_round[fiber] != never)
            fibers.push_back(fiber);
    std::stable_sort(fibers.begin(), fibers.end(), [&](std::uint32_t a, std::uint32_t b) { return m_round[a] < m_round[b]; });
    return fibers;
}

void stack_distances::grow_tree()
{
    m_tree.emplace(m_sizes, m_at_a_time);
    m_tree->start_from(m_rounds.accessed());
}

} // namespace loas::dataflow
