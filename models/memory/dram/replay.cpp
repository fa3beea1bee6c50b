#include "models/memory/dram/replay.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <queue>

namespace loas::dram
{

namespace
{

class front_end
{
public:
    front_end(const parameters& parameters, const std::vector<replay_request>& requests, const replay_options& options)
        : m_parameters(parameters), m_clock_ps(parameters.clock_ps()), m_mapping(parameters), m_requests(requests),
          m_options(options), m_per_group(channel_group::size_of(parameters)), m_under_way(parameters.channels),
          m_arrival(requests.size())
    {
        for (std::uint32_t i = 0; i * m_per_group < parameters.channels; ++i) {
            m_groups.emplace_back(parameters, i);
            m_groups.back().set_observer(options.observer);
        }
        if (options.ends_ps != nullptr)
            options.ends_ps->assign(requests.size(), 0);
        m_latencies[0].reserve(requests.size());
        m_latencies[1].reserve(requests.size());
    }

    void run()
    {
        if (m_options.keep_times && !m_requests.empty())
            begin_at(clock_of(m_requests.front()));
        for (std::uint64_t now = 0; now != never; now = next_clock(now)) {
            while (!m_ends.empty() && m_ends.top().clock <= now) {
                --m_under_way[m_ends.top().channel];
                m_ends.pop();
            }
            hand_over(now);
            for (channel_group& group : m_groups)
                if (group.next_clock() == now)
                    advance(group, now);
        }
        for (channel_group& group : m_groups)
            for (const channel& each : group.channels())
                m_end = std::max(m_end, each.data_end()); // what was posted moves after its answer
        for (channel_group& group : m_groups)
            group.idle_until(m_end);
    }

    replay_result result();

private:
    /// Nothing is counted before the first request: until then there is nothing but refreshes.
    void begin_at(std::uint64_t clock)
    {
        m_begin = clock;
        for (channel_group& group : m_groups) {
            group.idle_until(clock);
            for (const channel& each : group.channels())
                m_before.push_back(each.statistics());
        }
    }

    struct data_end {
        std::uint64_t clock;
        std::uint32_t channel;
        bool operator>(const data_end& other) const { return clock > other.clock; }
    };

    std::uint64_t next_clock(std::uint64_t now)
    {
        std::uint64_t next = m_ends.empty() ? never : m_ends.top().clock;
        for (channel_group& group : m_groups)
            next = std::min(next, group.next_clock());
        if (m_next < m_requests.size() && m_options.keep_times)
            if (const std::uint64_t clock = clock_of(m_requests[m_next]); clock > now)
                next = std::min(next, clock);
        // A queue that was full may have a place now.
        return m_queue_full ? std::min(next, now + 1) : std::max(next, next == never ? next : now);
    }

    std::uint64_t clock_of(const replay_request& request) const
    {
        return (request.time_ps + m_clock_ps - 1) / m_clock_ps;
    }

    void hand_over(std::uint64_t now)
    {
        m_queue_full = false;
        for (; m_next < m_requests.size(); ++m_next) {
            const replay_request& from = m_requests[m_next];
            if (m_options.keep_times && clock_of(from) > now)
                return;
            const location where = m_mapping.of(from.address / m_parameters.burst_bytes());
            if (m_options.in_flight != 0 && m_under_way[where.channel] >= m_options.in_flight)
                return;
            channel_group& group = m_groups[where.channel / m_per_group];
            const bool waits_outside = m_options.keep_times && m_options.in_flight == 0;
            m_queue_full = !waits_outside && !group.accepts(where.channel, from.write);
            if (m_queue_full)
                return;
            ++m_under_way[where.channel];
            m_arrival[m_next] = now;
            group.push({m_next, where, from.write, now});
        }
    }

    void advance(channel_group& group, std::uint64_t now)
    {
        group.advance(now, m_done);
        for (const completion& done : m_done) {
            const replay_request& from = m_requests[done.id];
            m_latencies[from.write ? 1 : 0].push_back(static_cast<std::uint32_t>(done.end_clock - m_arrival[done.id]));
            m_ends.push({done.end_clock, m_mapping.of(from.address / m_parameters.burst_bytes()).channel});
            m_end = std::max(m_end, done.end_clock);
            if (m_options.ends_ps != nullptr)
                (*m_options.ends_ps)[done.id] = done.end_clock * m_clock_ps;
        }
        m_done.clear();
    }

    latency_summary summary(std::vector<std::uint32_t>& clocks) const;

    double ns(double clocks) const { return clocks * static_cast<double>(m_clock_ps) / 1000; }

    const parameters& m_parameters;
    std::uint64_t m_clock_ps;
    address_mapping m_mapping;
    const std::vector<replay_request>& m_requests;
    const replay_options& m_options;
    unsigned m_per_group;
    std::vector<channel_group> m_groups;
    std::vector<unsigned> m_under_way; // of each channel
    std::vector<std::uint64_t> m_arrival;
    std::vector<std::uint32_t> m_latencies[2]; // clocks: reads, writes
    std::priority_queue<data_end, std::vector<data_end>, std::greater<>> m_ends;
    std::vector<completion> m_done;
    std::size_t m_next = 0;
    std::uint64_t m_begin = 0, m_end = 0;
    std::vector<channel_statistics> m_before; // of each channel, at the begin; none: it is 0
    bool m_queue_full = false;
};

/// The order of `clocks` is lost.
latency_summary front_end::summary(std::vector<std::uint32_t>& clocks) const
{
    latency_summary of;
    of.requests = clocks.size();
    if (clocks.empty())
        return of;
    const auto at = [&](double share) {
        const auto index = static_cast<std::size_t>(std::ceil(share * static_cast<double>(clocks.size()))) - 1;
        const auto place = clocks.begin() + static_cast<std::ptrdiff_t>(index);
        std::nth_element(clocks.begin(), place, clocks.end());
        return ns(*place);
    };
    const double sum = std::accumulate(clocks.begin(), clocks.end(), 0.0);
    of.mean = ns(sum / static_cast<double>(clocks.size()));
    of.median = at(0.5);
    of.percentile_99 = at(0.99);
    of.worst = ns(*std::max_element(clocks.begin(), clocks.end()));
    return of;
}

replay_result front_end::result()
{
    replay_result out;
    out.requests = m_requests.size();
    out.begin_ns = ns(static_cast<double>(m_begin));
    out.time_ns = ns(static_cast<double>(m_end - m_begin));
    out.reads = summary(m_latencies[0]);
    out.writes = summary(m_latencies[1]);
    m_latencies[0].insert(m_latencies[0].end(), m_latencies[1].begin(), m_latencies[1].end());
    out.all = summary(m_latencies[0]);
    channel_statistics total;
    for (const channel_group& group : m_groups)
        for (const channel& each : group.channels()) {
            channel_statistics counted = each.statistics();
            if (!m_before.empty())
                counted.subtract(m_before[out.channels.size()]);
            out.channels.push_back(counted);
            total.add(counted);
        }
    const std::uint64_t bursts = total.row_hits + total.row_misses + total.row_conflicts;
    out.row_hit_share = bursts == 0 ? 0.0 : static_cast<double>(total.row_hits) / static_cast<double>(bursts);
    out.bytes = bursts * m_parameters.burst_bytes();
    if (out.time_ns > 0.0) {
        out.gb_per_s = static_cast<double>(out.bytes) / out.time_ns;
        out.share_of_peak = out.gb_per_s / m_parameters.peak_bytes_per_ns();
        out.mean_in_flight = out.all.mean * static_cast<double>(out.requests) / out.time_ns;
    }
    return out;
}

} // namespace

replay_result replay(const parameters& parameters, const std::vector<replay_request>& requests,
                     const replay_options& options)
{
    front_end replayed(parameters, requests, options);
    replayed.run();
    return replayed.result();
}

} // namespace loas::dram
