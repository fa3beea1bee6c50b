#include "platform/dataflow/reuse.h"

#include <algorithm>
#include <limits>

namespace loas::dataflow
{
namespace
{

/// hit_bits: by the smallest capacity that has them. groups: accesses of each fiber, bits of all fibers.
reuse_curve curve_of(const std::vector<std::uint64_t>& capacities, const std::vector<std::uint64_t>& hit_bits,
                     std::vector<std::pair<std::uint64_t, std::uint64_t>> groups)
{
    reuse_curve curve;
    for (const auto& [accesses, bits] : groups) {
        curve.first_bits += bits;
        curve.accessed_bits += accesses * bits;
    }
    std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::uint64_t missed = curve.accessed_bits;
    std::size_t group = 0;                          // the first that is not kept whole
    std::uint64_t kept = 0, saved = 0;              // bits of those before, and what they do not move again
    for (std::size_t i = 0; i < capacities.size(); ++i) {
        missed -= hit_bits[i];
        curve.lru_bits.push_back(missed);
        for (; group < groups.size() && kept + groups[group].second <= capacities[i]; ++group) {
            kept += groups[group].second;
            saved += groups[group].second * (groups[group].first - 1);
        }
        const std::uint64_t part = group == groups.size() ? 0 : (capacities[i] - kept) * (groups[group].first - 1);
        curve.pinned_bits.push_back(curve.accessed_bits - saved - part);
    }
    return curve;
}

} // namespace

void reuse_curve::add(const reuse_curve& other)
{
    first_bits += other.first_bits;
    accessed_bits += other.accessed_bits;
    lru_bits.resize(other.lru_bits.size());
    pinned_bits.resize(other.pinned_bits.size());
    for (std::size_t i = 0; i < lru_bits.size(); ++i) {
        lru_bits[i] += other.lru_bits[i];
        pinned_bits[i] += other.pinned_bits[i];
    }
}

reuse_pass::reuse_pass(const std::vector<std::uint64_t>& capacities_bits, std::vector<std::uint64_t> sizes_bits, std::size_t at_a_time)
    : m_capacities(capacities_bits), m_sizes(std::move(sizes_bits)), m_time(m_sizes.size(), never),
      m_last(std::numeric_limits<std::size_t>::max()), m_accesses(m_sizes.size()), m_again(m_sizes.size()),
      m_hit_bits(capacities_bits.size() + 1)
{
    const std::size_t times = std::max<std::size_t>(2 * (at_a_time == 0 ? m_sizes.size() : at_a_time), 64);
    m_sums.assign(times + 1, 0);
    m_fiber_at.assign(times + 1, 0);
}

void reuse_pass::forget()
{
    std::fill(m_sums.begin(), m_sums.end(), 0);
    m_now = 0;
    m_live_bits = 0;
    m_last = std::numeric_limits<std::size_t>::max();
}

void reuse_pass::add_at(std::size_t time, std::uint64_t bits)
{
    for (; time < m_sums.size(); time += time & (~time + 1))
        m_sums[time] += bits; // wraps where a time is left, and comes out right
}

std::uint64_t reuse_pass::up_to(std::size_t time) const
{
    std::uint64_t sum = 0;
    for (; time > 0; time &= time - 1)
        sum += m_sums[time];
    return sum;
}

/// The first capacity that is no smaller, as std::lower_bound, without branches that nobody could predict.
std::size_t reuse_pass::bucket_of(std::uint64_t distance_bits) const
{
    std::size_t at = 0;
    for (std::size_t left = m_capacities.size(); left > 0;) {
        const std::size_t half = (left + 1) / 2;
        at += m_capacities[at + half - 1] < distance_bits ? half : 0;
        left -= half;
    }
    return at;
}

/// Times that no fiber's last access has any more are given up.
void reuse_pass::renumber()
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
    for (std::size_t time = 1; time < m_sums.size(); ++time) // sums of a Fenwick tree, each into the next one up
        if (const std::size_t up = time + (time & (~time + 1)); up < m_sums.size())
            m_sums[up] += m_sums[time];
}

void reuse_pass::access_other(std::size_t fiber)
{
    const std::uint64_t size = m_sizes[fiber];
    if (m_now + 1 == m_sums.size())
        renumber();
    if (const std::uint32_t before = m_time[fiber]; before != never) {
        m_hit_bits[bucket_of(m_live_bits - up_to(before - 1))] += size;
        add_at(before, ~size + 1);
    } else
        m_live_bits += size;
    ++m_now;
    m_time[fiber] = static_cast<std::uint32_t>(m_now);
    m_fiber_at[m_now] = static_cast<std::uint32_t>(fiber + 1);
    add_at(m_now, size);
    ++m_accesses[fiber];
    m_last = fiber;
}

reuse_curve reuse_pass::curve() const
{
    std::vector<std::uint64_t> hit_bits = m_hit_bits;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> groups;
    for (std::size_t i = 0; i < m_sizes.size(); ++i)
        if (m_accesses[i] > 0) {
            hit_bits[bucket_of(m_sizes[i])] += m_again[i] * m_sizes[i];
            groups.emplace_back(m_accesses[i] + m_again[i], m_sizes[i]);
        }
    return curve_of(m_capacities, hit_bits, std::move(groups));
}

void reuse_sum::again(std::uint64_t bits_each_time, std::uint64_t times, std::uint64_t distance_bits)
{
    const auto at = std::lower_bound(m_capacities.begin(), m_capacities.end(), distance_bits) - m_capacities.begin();
    m_hit_bits[static_cast<std::size_t>(at)] += bits_each_time * times;
}

reuse_curve reuse_sum::curve() const
{
    return curve_of(m_capacities, m_hit_bits, {m_bits_by_accesses.begin(), m_bits_by_accesses.end()});
}

} // namespace loas::dataflow
