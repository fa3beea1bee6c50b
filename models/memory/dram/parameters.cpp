#include "models/memory/dram/parameters.h"

#include "models/memory/dram/mapping.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace loas::dram
{

namespace
{

std::uint32_t clocks_of(double t, double t_ck)
{
    // 14.0 / 0.7 must be 20 although the quotient of the two nearest doubles may be a little more.
    constexpr double tolerance = 1e-6;
    return static_cast<std::uint32_t>(std::ceil(t / t_ck - tolerance));
}

/// An ACTIVATE, a PRECHARGE and a column command of each channel on a bus.
std::uint32_t commands_clocks(const parameters& parameters)
{
    return (parameters.activate_clocks + parameters.precharge_clocks + parameters.column_clocks) *
           std::min(parameters.channels_per_command_bus, parameters.channels);
}

bool power_of_two(unsigned value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

} // namespace

timing_clocks::timing_clocks(const parameters& from) : burst(std::max(from.burst_beats / from.beats_per_clock, 1U))
{
    const timing_ns& ns = from.timing;
    rcd = clocks_of(ns.t_rcd, ns.t_ck);
    rcd_write = ns.t_rcd_write > 0.0 ? clocks_of(ns.t_rcd_write, ns.t_ck) : rcd;
    rp = clocks_of(ns.t_rp, ns.t_ck);
    cl = clocks_of(ns.t_cl, ns.t_ck);
    cwl = clocks_of(ns.t_cwl, ns.t_ck);
    ras = clocks_of(ns.t_ras, ns.t_ck);
    rc = clocks_of(ns.t_rc, ns.t_ck);
    ccd_s = std::max(clocks_of(ns.t_ccd_s, ns.t_ck), burst);
    ccd_l = std::max(clocks_of(ns.t_ccd_l, ns.t_ck), ccd_s);
    rrd = clocks_of(ns.t_rrd, ns.t_ck);
    rrd_l = std::max(clocks_of(ns.t_rrd_l, ns.t_ck), rrd);
    faw = clocks_of(ns.t_faw, ns.t_ck);
    wr = clocks_of(ns.t_wr, ns.t_ck);
    wtr = clocks_of(ns.t_wtr, ns.t_ck);
    wtr_l = std::max(clocks_of(ns.t_wtr_l, ns.t_ck), wtr);
    rtp = clocks_of(ns.t_rtp, ns.t_ck);
    refi = clocks_of(ns.t_refi, ns.t_ck);
    rfc = clocks_of(ns.t_rfc, ns.t_ck);
    rrefd = ns.t_rrefd > 0.0 ? clocks_of(ns.t_rrefd, ns.t_ck) : rrd;
    const bool per_bank = from.refresh == refresh_kind::per_bank;
    refresh_interval = per_bank && refi != 0 ? std::max(refi / from.banks(), 1U) : refi;
    row_use = std::max({ras, cwl + burst + wr, rtp});
    // On the bus another channel's commands may come first, and its PRECHARGE and REFRESH too, which are due as well.
    const std::uint32_t on_bus = std::min(from.channels_per_command_bus, from.channels);
    refresh_close = std::max(row_use + rp, rc) + commands_clocks(from) + from.precharge_clocks * on_bus +
                    (per_bank ? std::max({rrefd, rrd_l, faw}) : 0);
    // Begun so early that it is not late, though banks have to be closed first.
    refresh_owed = from.refresh_postponed * refresh_interval;
    refresh_put_off = refresh_owed > refresh_close ? refresh_owed - refresh_close : 0;
    refresh_clocks = per_bank && ns.t_rfc_bank > 0.0 ? clocks_of(ns.t_rfc_bank, ns.t_ck) : rfc;
}

mistake mistake_in(const parameters& parameters)
{
    const auto wrong = [](std::vector<std::string_view> keys, auto value, const std::string& why) {
        std::ostringstream text;
        text << keys.front() << " = " << value << ' ' << why;
        return mistake{std::move(keys), text.str()};
    };
    const struct {
        const char* key;
        unsigned value;
    } powers[] = {{"dram.channels", parameters.channels},
                  {"dram.channel_bits", parameters.channel_bits},
                  {"dram.burst_beats", parameters.burst_beats},
                  {"dram.bank_groups", parameters.bank_groups},
                  {"dram.banks_per_group", parameters.banks_per_group},
                  {"dram.row_bytes", parameters.row_bytes},
                  {"dram.channels_per_command_bus", parameters.channels_per_command_bus},
                  {"dram.beats_per_clock", parameters.beats_per_clock}};
    for (const auto& power : powers)
        if (!power_of_two(power.value) || power.value > 1U << 20)
            return wrong({power.key}, power.value, "is no power of two up to 2^20");
    if (parameters.channel_bits < 8)
        return wrong({"dram.channel_bits"}, parameters.channel_bits, "is less than 8");
    if (const std::uint64_t banks = std::uint64_t{parameters.bank_groups} * parameters.banks_per_group;
        banks > max_banks)
        return wrong({"dram.banks_per_group", "dram.bank_groups"}, parameters.banks_per_group,
                     "x dram.bank_groups = " + std::to_string(parameters.bank_groups) + " is more than the " +
                         std::to_string(max_banks) + " banks of a channel");
    if (const std::uint64_t burst = std::uint64_t{parameters.channel_bits} / 8 * parameters.burst_beats;
        burst > parameters.row_bytes)
        return wrong({"dram.row_bytes", "dram.burst_beats", "dram.channel_bits"}, parameters.row_bytes,
                     "is less than a burst of " + std::to_string(burst) +
                         " bytes (dram.channel_bits / 8 x dram.burst_beats)");
    if (!address_mapping::valid(parameters.mapping))
        return wrong({"dram.mapping"}, parameters.mapping, "is no order of these fields");
    const struct {
        const char* key;
        unsigned value, least, most;
    } ranges[] = {{"dram.read_window", parameters.read_window, 1, ~0U},
                  {"dram.write_window", parameters.write_window, 1, ~0U},
                  {"dram.activate_clocks", parameters.activate_clocks, 1, 16},
                  {"dram.precharge_clocks", parameters.precharge_clocks, 1, 16},
                  {"dram.column_clocks", parameters.column_clocks, 1, 16},
                  {"dram.refresh_postponed", parameters.refresh_postponed, 0, max_postponed}};
    for (const auto& range : ranges)
        if (range.value < range.least || range.value > range.most)
            return wrong({range.key}, range.value,
                         "is not in " + std::to_string(range.least) + ".." + std::to_string(range.most));

    const timing_ns& ns = parameters.timing;
    if (!(ns.t_ck > 0.0))
        return wrong({"dram.t_ck_ns"}, ns.t_ck, "is not above 0");
    constexpr double longest_clocks = 1e6; // sums of a few must fit into 26 bits
    const struct {
        const char* key;
        double value;
    } times[] = {{"dram.t_rcd_ns", ns.t_rcd},     {"dram.t_rp_ns", ns.t_rp},
                 {"dram.t_cl_ns", ns.t_cl},       {"dram.t_cwl_ns", ns.t_cwl},
                 {"dram.t_ras_ns", ns.t_ras},     {"dram.t_rc_ns", ns.t_rc},
                 {"dram.t_ccd_s_ns", ns.t_ccd_s}, {"dram.t_ccd_l_ns", ns.t_ccd_l},
                 {"dram.t_rrd_ns", ns.t_rrd},     {"dram.t_faw_ns", ns.t_faw},
                 {"dram.t_wr_ns", ns.t_wr},       {"dram.t_wtr_ns", ns.t_wtr},
                 {"dram.t_rtp_ns", ns.t_rtp},     {"dram.t_refi_ns", ns.t_refi},
                 {"dram.t_rfc_ns", ns.t_rfc},     {"dram.t_rcd_write_ns", ns.t_rcd_write},
                 {"dram.t_rrd_l_ns", ns.t_rrd_l}, {"dram.t_wtr_l_ns", ns.t_wtr_l},
                 {"dram.t_rrefd_ns", ns.t_rrefd}, {"dram.t_rfc_bank_ns", ns.t_rfc_bank}};
    for (const auto& time : times)
        if (!(time.value >= 0.0) || time.value / ns.t_ck > longest_clocks)
            return wrong({time.key, "dram.t_ck_ns"}, time.value, "is not 0 to 10^6 clocks of dram.t_ck_ns");
    // Between two refreshes a row must be opened, used and closed again, or a request would wait for ever. Each command
    // may have to wait for one of every other channel on its bus.
    const timing_clocks clocks(parameters);
    const std::uint32_t open = std::max({clocks.rc, clocks.rcd, clocks.rcd_write}) + clocks.wtr_l +
                               std::max({clocks.rrd_l, clocks.faw, clocks.rrefd});
    const std::uint32_t commands = 4 * commands_clocks(parameters);
    if (clocks.refi != 0 && clocks.refi <= clocks.row_use + clocks.rp + clocks.refresh_clocks + open + commands)
        return wrong({"dram.t_refi_ns", "dram.t_rfc_ns", "dram.refresh"}, ns.t_refi,
                     "leaves no time for requests between two refreshes");
    // Banks are closed for their refresh one after the other; the refreshes themselves may overlap.
    if (clocks.refi != 0 && parameters.refresh == refresh_kind::per_bank &&
        clocks.refresh_interval <=
            clocks.row_use + clocks.rp + std::max({clocks.rrefd, clocks.rrd_l, clocks.faw}) + commands)
        return wrong({"dram.t_refi_ns", "dram.t_rfc_ns", "dram.refresh"}, ns.t_refi,
                     "leaves no time to refresh each bank");
    return {};
}

const parameters& checked(const parameters& parameters)
{
    if (const mistake found = mistake_in(parameters); !found.text.empty())
        throw std::invalid_argument(found.text);
    return parameters;
}

} // namespace loas::dram
