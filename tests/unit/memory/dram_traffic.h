// Kinds of DRAM, random traffic for them, and what came of it.
#pragma once

#include "models/memory/dram/channel_group.h"

#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace loas::test
{

/// Clocks of the default parameters: burst 2, rcd 7, rp 7, cl 7, cwl 4, ras 17, rc 24, ccd 2 and 4, rrd 2, faw 8, wr 8,
/// wtr 4, rtp 4, refi 1950, rfc 130.
inline dram::parameters without_refresh()
{
    dram::parameters p;
    p.timing.t_refi = 0;
    return p;
}

/// Of a command, as tests write it down.
inline std::string letter_of(dram::command what)
{
    static const char* const names[] = {"A", "P", "R", "W", "F", "Q", "f", "p"};
    return names[static_cast<int>(what)];
}

/// All that comes of what has been pushed.
inline std::vector<dram::completion> run_out(dram::channel_group& unit)
{
    std::vector<dram::completion> done;
    while (unit.next_clock() != dram::never)
        unit.advance(unit.next_clock(), done);
    return done;
}

inline std::vector<dram::parameters> all_kinds()
{
    std::vector<dram::parameters> kinds(1); // HBM2-class
    dram::parameters ddr4;
    ddr4.channels = 1;
    ddr4.channels_per_command_bus = 1;
    ddr4.separate_column_bus = false;
    ddr4.activate_clocks = 1;
    ddr4.burst_beats = 8;
    ddr4.row_bytes = 8192;
    ddr4.timing = {0.833, 14.16, 14.16, 14.16, 10, 32, 46.16, 3.332, 5, 5.3, 21, 15, 7.5, 7.5, 7800, 350};
    ddr4.timing.t_rrd_l = 6.4;
    ddr4.timing.t_wtr = 2.5;
    ddr4.timing.t_wtr_l = 7.5;
    ddr4.refresh_postponed = 8;
    kinds.push_back(ddr4);
    dram::parameters one_group; // as many banks as there may be
    one_group.bank_groups = 1;
    one_group.banks_per_group = 64;
    kinds.push_back(one_group);
    dram::parameters lpddr4;
    lpddr4.channels = 2;
    lpddr4.channel_bits = 16;
    lpddr4.burst_beats = 16;
    lpddr4.bank_groups = 1;
    lpddr4.banks_per_group = 8;
    lpddr4.row_bytes = 2048;
    lpddr4.timing = {0.625, 18, 18, 17.5, 8.75, 42, 60, 5, 5, 10, 40, 18, 10, 7.5, 3904, 280};
    lpddr4.write_window = 4;
    lpddr4.separate_column_bus = false; // shared by two channels, as none is
    lpddr4.activate_clocks = 4;
    lpddr4.precharge_clocks = 2;
    lpddr4.column_clocks = 4;
    lpddr4.refresh = dram::refresh_kind::per_bank;
    lpddr4.timing.t_rfc_bank = 140;
    lpddr4.timing.t_rrefd = 30;
    kinds.push_back(lpddr4);
    dram::parameters one_bank;
    one_bank.channels = 1;
    one_bank.bank_groups = 1;
    one_bank.banks_per_group = 1;
    one_bank.read_window = 1;
    one_bank.write_window = 1;
    one_bank.write_high = 1;
    one_bank.write_low = 0;
    kinds.push_back(one_bank);
    dram::parameters many_banks;
    many_banks.bank_groups = 16;
    many_banks.read_window = 100;
    many_banks.timing.t_faw = 50;
    many_banks.timing.t_cwl = 20; // later than tCL
    many_banks.timing.t_rcd_write = 8;
    many_banks.channels_per_command_bus = 4;
    many_banks.row_hit_cap = 2;
    many_banks.posted_writes = true;
    many_banks.merge_writes = false;
    many_banks.refresh = dram::refresh_kind::per_bank;
    many_banks.refresh_postponed = 3;
    many_banks.timing.t_refi = 31200;
    many_banks.timing.t_rfc_bank = 160;
    kinds.push_back(many_banks);
    dram::parameters hurried; // hardly any time between refreshes, and nearly everything takes no time
    hurried.timing = {1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 100, 20};
    kinds.push_back(hurried);
    dram::parameters never = kinds[0];
    never.timing.t_refi = 0;
    kinds.push_back(never);
    kinds[0].refresh_staggered = true; // the others refresh together
    return kinds;
}

/// The last group of that kind.
inline dram::channel_group last_group(const dram::parameters& p)
{
    return {p, p.channels / dram::channel_group::size_of(p) - 1};
}

inline dram::parameters variant(dram::parameters p, unsigned number)
{
    p.page = number % 2 == 0 ? dram::page_policy::open : dram::page_policy::closed;
    p.scheduler = number / 2 % 2 == 0 ? dram::scheduling::fr_fcfs : dram::scheduling::fcfs;
    return p;
}

// For the last group. Some runs of neighbours, some jumps within few rows, and now and then a long silence.
inline std::vector<dram::request> traffic(const dram::parameters& p, std::size_t count, std::uint64_t seed)
{
    loas::support::random_source random(seed);
    std::vector<dram::request> requests(count);
    std::uint64_t clock = 0;
    dram::location where;
    const unsigned mean_gap = random.between_unsigned(1, 12);
    const unsigned written = random.between_unsigned(0, 9);
    for (std::size_t i = 0; i < count; ++i) {
        if (random.chance(1, 3)) {
            where.bank_group = static_cast<std::uint32_t>(random.below(p.bank_groups));
            where.bank = static_cast<std::uint32_t>(random.below(p.banks_per_group));
            where.row = random.below(4);
        }
        where.channel = p.channels - 1 - static_cast<std::uint32_t>(random.below(dram::channel_group::size_of(p)));
        where.column = static_cast<std::uint32_t>(random.below(p.row_bytes / p.burst_bytes()));
        clock += random.chance(1, 500) ? random.below(5000)
                 : random.chance(1, 2) ? 0
                                       : random.below(std::uint64_t{2} * mean_gap);
        requests[i] = {i, where, random.chance(written, 10), clock};
    }
    return requests;
}

inline std::vector<dram::completion> by_id(const std::vector<dram::completion>& done,
                                           const std::vector<dram::request>& requests)
{
    std::vector<dram::completion> sorted(requests.size());
    std::vector<bool> seen(requests.size());
    for (const dram::completion& c : done) {
        EXPECT_FALSE(seen[c.id]);
        seen[c.id] = true;
        sorted[c.id] = c;
        EXPECT_GT(c.end_clock, requests[c.id].clock);
    }
    EXPECT_EQ(done.size(), requests.size());
    return sorted;
}

// At each clock, or all at once in advance.
inline std::vector<dram::completion> complete(dram::channel_group& unit, const std::vector<dram::request>& requests,
                                              bool ahead)
{
    std::vector<dram::completion> done;
    std::uint64_t last = 0;
    const auto advance_to = [&](std::uint64_t limit) {
        while (unit.next_clock() < limit) {
            EXPECT_GE(unit.next_clock(), last);
            last = unit.next_clock();
            unit.advance(last, done);
        }
    };
    for (const dram::request& request : requests) {
        if (!ahead)
            advance_to(request.clock);
        unit.push(request);
    }
    advance_to(dram::never);
    EXPECT_EQ(unit.waiting(), 0u);
    return by_id(done, requests);
}

// As late as answers_from() allows, or at any time before.
inline std::vector<dram::completion> complete_late(dram::channel_group& unit,
                                                   const std::vector<dram::request>& requests, std::uint64_t seed)
{
    loas::support::random_source random(seed);
    std::vector<dram::completion> done;
    const auto run_to = [&](std::uint64_t clock) {
        const std::size_t told = done.size();
        const std::uint64_t from = unit.answers_from();
        unit.run_to(clock, done);
        for (std::size_t i = told; i < done.size(); ++i)
            EXPECT_GE(done[i].end_clock, from);
        EXPECT_GT(unit.next_clock(), clock);
    };
    for (const dram::request& request : requests) {
        if (request.clock > 0 && (unit.answers_from() <= request.clock || random.chance(1, 4)))
            run_to(request.clock - 1);
        unit.announce(request);
    }
    while (unit.answers_from() != dram::never)
        run_to(unit.answers_from());
    run_to(dram::never / 2); // writes that were answered before their commands
    return by_id(done, requests);
}

inline void expect_equal(const std::vector<dram::completion>& a, const std::vector<dram::completion>& b)
{
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        ASSERT_EQ(a[i].end_clock, b[i].end_clock) << "request " << i;
        ASSERT_EQ(a[i].refresh_clocks, b[i].refresh_clocks) << "request " << i;
    }
}

inline std::vector<std::uint64_t> figures(const dram::channel_statistics& s);

/// Of all channels that share the buses.
inline std::vector<std::uint64_t> figures(const dram::channel_group& group)
{
    std::vector<std::uint64_t> all;
    for (const dram::channel& each : group.channels()) {
        const std::vector<std::uint64_t> of = figures(each.statistics());
        all.insert(all.end(), of.begin(), of.end());
    }
    return all;
}

inline std::vector<std::uint64_t> figures(const dram::channel_statistics& s)
{
    std::vector<std::uint64_t> all = {s.reads,
                                      s.writes,
                                      s.row_hits,
                                      s.row_misses,
                                      s.row_conflicts,
                                      s.activates,
                                      s.precharges,
                                      s.refreshes,
                                      s.forwarded_reads,
                                      s.active_clocks,
                                      s.data_clocks,
                                      s.merged_writes,
                                      s.open_clocks,
                                      s.bank_refreshes,
                                      s.unused_activates,
                                      s.queue_full_clocks,
                                      s.read_latency.sum(),
                                      s.write_latency.sum(),
                                      s.read_latency.percentile(0.5),
                                      s.write_latency.percentile(0.99)};
    for (const observe::bank_statistics& bank : s.banks)
        all.insert(all.end(), {bank.reads, bank.writes, bank.activates, bank.row_conflicts});
    all.insert(all.end(), s.read_latency_clocks.begin(), s.read_latency_clocks.end());
    all.insert(all.end(), s.queue_depth.begin(), s.queue_depth.end());
    return all;
}

} // namespace loas::test
