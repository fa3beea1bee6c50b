// What a DRAM channel counted, as keys: of results.json, and of what loas-vp dram prints.
#pragma once

#include "models/observe/memory_statistics.h"
#include "platform/results/tree.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace loas::results
{

/// From the channels' own units to bytes and times.
struct dram_scale {
    double clock_ns;
    std::uint64_t burst_bytes;
};

/// Without the zeros at the end: bucket b counts values of b binary digits.
template <class Tree> void describe(Tree& tree, const char* key, observe::histogram& histogram)
{
    using list = std::vector<std::uint64_t>;
    tree.template converted<list>(
        key,
        [&] {
            list used(histogram.begin(), histogram.end());
            while (!used.empty() && used.back() == 0)
                used.pop_back();
            return used;
        },
        [&](const list& used) {
            histogram = {};
            if (used.size() > histogram.size())
                return false;
            std::copy(used.begin(), used.end(), histogram.begin());
            return true;
        });
}

/// Figures in ns follow from the steps, which are in DRAM clocks.
template <class Tree>
void describe(Tree& tree, const char* key, observe::latency_distribution& latency, const dram_scale& scale)
{
    const auto ns = [&](double clocks) { return clocks * scale.clock_ns; };
    const auto at = [&](double share) { return ns(static_cast<double>(latency.percentile(share))); };
    const std::uint64_t count = latency.count();
    tree.object(key, [&](auto& item) {
        item.derived("mean", count == 0 ? 0.0 : ns(static_cast<double>(latency.sum()) / static_cast<double>(count)));
        item.derived("median", at(0.5));
        item.derived("percentile_99", at(0.99));
        item.derived("worst", at(1));
        std::uint64_t sum = latency.sum();
        item.value("sum_clocks", sum);
        item.template converted<std::vector<std::uint64_t>>(
            "steps_clocks", [&] { return latency.used_steps(); },
            [&](const std::vector<std::uint64_t>& used) { return latency.restore(used, sum); });
    });
}

/// Of a sum of channels the banks of one number together.
template <class Tree> void describe_banks(Tree& tree, std::vector<observe::bank_statistics>& banks)
{
    constexpr std::pair<const char*, std::uint64_t observe::bank_statistics::*> figures[] = {
        {"read_bursts", &observe::bank_statistics::reads},
        {"write_bursts", &observe::bank_statistics::writes},
        {"activates", &observe::bank_statistics::activates},
        {"row_conflicts", &observe::bank_statistics::row_conflicts}};
    tree.object("banks", [&](auto& item) {
        for (const auto& [key, member] : figures) {
            std::vector<std::uint64_t> values;
            for (const observe::bank_statistics& bank : banks)
                values.push_back(bank.*member);
            item.value(key, values);
            banks.resize(std::max(banks.size(), values.size()));
            for (std::size_t i = 0; i < values.size(); ++i)
                banks[i].*member = values[i];
        }
    });
}

template <class Tree> void describe(Tree& tree, observe::channel_statistics& channel, const dram_scale& scale)
{
    tree.value("read_bursts", channel.reads);
    tree.value("write_bursts", channel.writes);
    tree.value("row_hits", channel.row_hits);
    tree.value("row_misses", channel.row_misses);
    tree.value("row_conflicts", channel.row_conflicts);
    tree.value("activates", channel.activates);
    tree.value("precharges", channel.precharges);
    tree.value("refreshes", channel.refreshes);
    tree.value("forwarded_reads", channel.forwarded_reads);
    tree.value("merged_writes", channel.merged_writes);
    tree.value("bank_refreshes", channel.bank_refreshes);
    tree.value("unused_activates", channel.unused_activates);
    tree.value("queue_full_clocks", channel.queue_full_clocks);
    tree.value("open_clocks", channel.open_clocks);
    tree.value("active_clocks", channel.active_clocks);
    tree.value("data_clocks", channel.data_clocks);
    const double active_ns = static_cast<double>(channel.active_clocks) * scale.clock_ns;
    const std::uint64_t bursts = channel.reads - channel.forwarded_reads + channel.writes - channel.merged_writes;
    tree.derived("active_gb_per_s",
                 active_ns == 0 ? 0.0 : static_cast<double>(bursts * scale.burst_bytes) / active_ns);
    describe(tree, "read_latency_clocks", channel.read_latency_clocks);
    describe(tree, "queue_depth", channel.queue_depth);
    describe(tree, "read_latency_ns", channel.read_latency, scale);
    describe(tree, "write_latency_ns", channel.write_latency, scale);
    describe_banks(tree, channel.banks);
}

} // namespace loas::results
