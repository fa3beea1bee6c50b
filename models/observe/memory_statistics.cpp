#include "models/observe/memory_statistics.h"

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

void channel_statistics::combine(const channel_statistics& other, std::uint64_t factor)
{
    for (const auto member :
         {&channel_statistics::reads, &channel_statistics::writes, &channel_statistics::row_hits,
          &channel_statistics::row_misses, &channel_statistics::row_conflicts, &channel_statistics::activates,
          &channel_statistics::precharges, &channel_statistics::refreshes, &channel_statistics::forwarded_reads,
          &channel_statistics::active_clocks, &channel_statistics::data_clocks})
        this->*member += factor * other.*member;
    combine_histograms(read_latency_clocks, other.read_latency_clocks, factor);
    combine_histograms(queue_depth, other.queue_depth, factor);
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
