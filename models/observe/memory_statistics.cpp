#include "models/observe/memory_statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace loas::observe
{
namespace
{

// Unsigned arithmetic wraps, so a factor of all ones subtracts.
void combine_histograms(histogram& mine, const histogram& other, std::uint64_t factor)
{
    for (std::size_t i = 0; i < histogram_buckets; ++i)
        mine[i] += factor * other[i];
}

} // namespace

std::uint64_t latency_distribution::count() const
{
    return std::accumulate(m_steps.begin(), m_steps.end(), std::uint64_t{0});
}

std::uint64_t latency_distribution::upper_end(std::size_t step)
{
    if (step < exact)
        return step;
    const std::size_t above = step - exact;
    const std::size_t shift = above / steps_of_octave + 1;
    return ((above % steps_of_octave + steps_of_octave + 1) << shift) - 1;
}

histogram latency_distribution::in_buckets() const
{
    histogram sums{};
    for (std::size_t step = 0; step < m_steps.size(); ++step) // no step has values of two buckets
        sums[bucket_of(upper_end(step))] += m_steps[step];
    return sums;
}

std::uint64_t latency_distribution::percentile(double share) const
{
    const std::uint64_t all = count();
    if (all == 0)
        return 0;
    const auto wanted =
        std::max<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all))), 1);
    std::uint64_t seen = 0;
    std::size_t step = 0;
    while ((seen += m_steps[step]) < wanted)
        ++step;
    return upper_end(step);
}

std::vector<std::uint64_t> latency_distribution::used_steps() const
{
    std::vector<std::uint64_t> used;
    for (std::size_t step = 0; step < m_steps.size(); ++step)
        if (m_steps[step] != 0)
            used.insert(used.end(), {upper_end(step), m_steps[step]});
    return used;
}

bool latency_distribution::restore(const std::vector<std::uint64_t>& used, std::uint64_t sum)
{
    m_steps = {};
    m_sum = sum;
    for (std::size_t i = 0; i + 1 < used.size(); i += 2) {
        const std::size_t step = step_of(used[i]);
        if (upper_end(step) != used[i] || used[i + 1] > UINT32_MAX || m_steps[step] != 0)
            return false;
        m_steps[step] = static_cast<std::uint32_t>(used[i + 1]);
    }
    return used.size() % 2 == 0;
}

void latency_distribution::combine(const latency_distribution& other, std::uint64_t factor)
{
    for (std::size_t i = 0; i < m_steps.size(); ++i)
        m_steps[i] += static_cast<std::uint32_t>(factor * other.m_steps[i]);
    m_sum += factor * other.m_sum;
}

void channel_statistics::combine(const channel_statistics& other, std::uint64_t factor)
{
    for (const auto member :
         {&channel_statistics::reads, &channel_statistics::writes, &channel_statistics::row_hits,
          &channel_statistics::row_misses, &channel_statistics::row_conflicts, &channel_statistics::activates,
          &channel_statistics::precharges, &channel_statistics::refreshes, &channel_statistics::bank_refreshes,
          &channel_statistics::unused_activates, &channel_statistics::forwarded_reads,
          &channel_statistics::merged_writes, &channel_statistics::queue_full_clocks, &channel_statistics::open_clocks,
          &channel_statistics::active_clocks, &channel_statistics::data_clocks})
        this->*member += factor * other.*member;
    combine_histograms(read_latency_clocks, other.read_latency_clocks, factor);
    combine_histograms(queue_depth, other.queue_depth, factor);
    read_latency.combine(other.read_latency, factor);
    write_latency.combine(other.write_latency, factor);
    banks.resize(std::max(banks.size(), other.banks.size()));
    for (std::size_t i = 0; i < other.banks.size(); ++i)
        for (const auto member : {&bank_statistics::reads, &bank_statistics::writes, &bank_statistics::activates,
                                  &bank_statistics::row_conflicts})
            banks[i].*member += factor * other.banks[i].*member;
}

void memory_statistics::add(const memory_statistics& other)
{
    channels.resize(other.channels.size() > channels.size() ? other.channels.size() : channels.size());
    for (std::size_t i = 0; i < other.channels.size(); ++i)
        channels[i].add(other.channels[i]);
    combine_histograms(access_latency_cycles, other.access_latency_cycles, 1);
}

void memory_statistics::subtract(const memory_statistics& earlier)
{
    for (std::size_t i = 0; i < earlier.channels.size(); ++i)
        channels[i].subtract(earlier.channels[i]);
    combine_histograms(access_latency_cycles, earlier.access_latency_cycles, ~std::uint64_t{0});
}

channel_statistics memory_statistics::all_channels() const
{
    channel_statistics total;
    for (const channel_statistics& channel : channels)
        total.add(channel);
    return total;
}

} // namespace loas::observe
