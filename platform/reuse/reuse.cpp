#include "platform/reuse/reuse.h"

#include <algorithm>
#include <limits>

namespace loas::dataflow
{
namespace
{

constexpr std::size_t most_to_sort_by = 256;

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

capacity_scale::capacity_scale(const std::vector<std::uint64_t>& capacities_bits) : m_capacities(capacities_bits)
{
    m_capacities.push_back(std::numeric_limits<std::uint64_t>::max());
    std::array<unsigned, std::tuple_size<decltype(m_first)>::value> inside{};
    for (const std::uint64_t each : capacities_bits)
        m_most_in_a_cell = std::max(m_most_in_a_cell, ++inside[cell_of(each)]);
    unsigned before = 0;
    for (std::size_t cell = 0; cell < inside.size(); ++cell) {
        m_first[cell] = static_cast<std::uint16_t>(before);
        before += inside[cell];
    }
}

reuse_pass::reuse_pass(const std::vector<std::uint64_t>& capacities_bits, std::vector<std::uint64_t> sizes_bits, std::size_t at_a_time)
    : m_capacities(capacities_bits), m_scale(capacities_bits), m_sizes(std::move(sizes_bits)), m_distances(m_sizes, at_a_time),
      m_last(m_sizes.size()), m_accesses(m_sizes.size()), m_again(m_sizes.size()), m_hit_bits(capacities_bits.size() + 1)
{
}

reuse_curve reuse_pass::curve() const
{
    std::vector<std::uint64_t> hit_bits = m_hit_bits;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> groups;
    std::vector<std::uint64_t> few(most_to_sort_by); // bits of fibers that were accessed so often: most of them
    for (std::size_t i = 0; i < m_sizes.size(); ++i)
        if (m_accesses[i] > 0) {
            hit_bits[m_scale.place_of(m_sizes[i])] += m_again[i] * m_sizes[i];
            if (const std::uint64_t accesses = m_accesses[i] + m_again[i]; accesses < few.size())
                few[accesses] += m_sizes[i];
            else
                groups.emplace_back(accesses, m_sizes[i]);
        }
    for (std::size_t accesses = 1; accesses < few.size(); ++accesses)
        if (few[accesses] > 0)
            groups.emplace_back(accesses, few[accesses]);
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
