#include "models/memory/dram/parameters.h"

#include "models/memory/dram/mapping.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

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
    // Begun so early that it is not late, though banks have to be closed first.
    const std::uint32_t close = std::max({ras, cwl + burst + wr, rtp}) + rp + commands_clocks(from);
    const std::uint32_t owed = from.refresh_postponed * refresh_interval;
    refresh_put_off = owed > close ? owed - close : 0;
    refresh_clocks = per_bank && ns.t_rfc_bank > 0.0 ? clocks_of(ns.t_rfc_bank, ns.t_ck) : rfc;
}

std::string mistake_in(const parameters& parameters)
{
    const struct {
        const char* name;
        unsigned value;
    } powers[] = {{"channels", parameters.channels},
                  {"channel_bits", parameters.channel_bits},
                  {"burst_beats", parameters.burst_beats},
                  {"bank_groups", parameters.bank_groups},
                  {"banks_per_group", parameters.banks_per_group},
                  {"row_bytes", parameters.row_bytes},
                  {"channels_per_command_bus", parameters.channels_per_command_bus},
                  {"beats_per_clock", parameters.beats_per_clock}};
    for (const auto& power : powers)
        if (!power_of_two(power.value) || power.value > 1U << 20)
            return std::string(power.name) + " must be a power of two, at most 2^20";
    if (parameters.channel_bits < 8)
        return "channel_bits must be 8 or more";
    if (std::uint64_t{parameters.bank_groups} * parameters.banks_per_group > max_banks)
        return "a channel has at most " + std::to_string(max_banks) + " banks";
    if (std::uint64_t{parameters.channel_bits} / 8 * parameters.burst_beats > parameters.row_bytes)
        return "a burst must fit into a row";
    if (!address_mapping::valid(parameters.mapping))
        return "mapping: no such order of fields: " + parameters.mapping;
    if (parameters.read_window == 0 || parameters.write_window == 0)
        return "read_window and write_window must be 1 or more";
    for (const unsigned clocks : {parameters.activate_clocks, parameters.precharge_clocks, parameters.column_clocks})
        if (clocks == 0 || clocks > 16)
            return "a command takes 1 to 16 clocks of its bus";
    if (parameters.refresh_postponed > max_postponed)
        return "refresh_postponed must be at most " + std::to_string(max_postponed);

    const timing_ns& ns = parameters.timing;
    if (!(ns.t_ck > 0.0))
        return "t_ck must be above 0";
    constexpr double longest_clocks = 1e6; // sums of a few must fit into 26 bits
    for (const double t : {ns.t_rcd,   ns.t_rp,        ns.t_cl,    ns.t_cwl,   ns.t_ras,      ns.t_rc,   ns.t_ccd_s,
                           ns.t_ccd_l, ns.t_rrd,       ns.t_faw,   ns.t_wr,    ns.t_wtr,      ns.t_rtp,  ns.t_refi,
                           ns.t_rfc,   ns.t_rcd_write, ns.t_rrd_l, ns.t_wtr_l, ns.t_rfc_bank, ns.t_rrefd})
        if (!(t >= 0.0) || t / ns.t_ck > longest_clocks)
            return "a time must be 0 or more and at most 10^6 clocks";
    // Between two refreshes a row must be opened, used and closed again, or a request would wait for ever. Each command
    // may have to wait for one of every other channel on its bus.
    const timing_clocks clocks(parameters);
    const std::uint32_t close = std::max({clocks.ras, clocks.cwl + clocks.burst + clocks.wr, clocks.rtp});
    const std::uint32_t open = std::max({clocks.rc, clocks.rcd, clocks.rcd_write}) + clocks.wtr_l +
                               std::max({clocks.rrd_l, clocks.faw, clocks.rrefd});
    const std::uint32_t commands = 4 * commands_clocks(parameters);
    if (clocks.refi != 0 && clocks.refi <= close + clocks.rp + clocks.refresh_clocks + open + commands)
        return "t_refi leaves no time for requests between two refreshes";
    // Banks are closed for their refresh one after the other; the refreshes themselves may overlap.
    if (clocks.refi != 0 && parameters.refresh == refresh_kind::per_bank &&
        clocks.refresh_interval <= close + clocks.rp + std::max({clocks.rrefd, clocks.rrd_l, clocks.faw}) + commands)
        return "t_refi leaves no time to refresh each bank";
    return "";
}

const parameters& checked(const parameters& parameters)
{
    if (const std::string mistake = mistake_in(parameters); !mistake.empty())
        throw std::invalid_argument(mistake);
    return parameters;
}

} // namespace loas::dram
