// What a DRAM channel is made of: geometry, timing, policies. Pure data, the defaults HBM2-class; the numbers of other
// standards stand in scenarios/memory.
#pragma once

#include "models/parameter/words.h"

#include <cstdint>
#include <string>
#include <vector>

namespace loas::dram
{

inline constexpr std::string_view hbm2 = "HBM2-class data sheets"; ///< source of most defaults

/// Timing as data sheets give it, in ns. Where a sheet has a short and a long distance, the short one holds between
/// bank groups, the long one within a group, and is never below the short one: 0 says that there is only one.
struct timing_ns {
    double t_ck = 2.0;        ///< clock of the commands
    double t_rcd = 14.0;      ///< ACTIVATE to READ
    double t_rp = 14.0;       ///< PRECHARGE to ACTIVATE
    double t_cl = 14.0;       ///< READ to first data
    double t_cwl = 8.0;       ///< WRITE to first data
    double t_ras = 34.0;      ///< ACTIVATE to PRECHARGE
    double t_rc = 48.0;       ///< ACTIVATE to ACTIVATE, same bank
    double t_ccd_s = 4.0;     ///< column command to column command, other bank group
    double t_ccd_l = 8.0;     ///< the same, same bank group
    double t_rrd = 4.0;       ///< ACTIVATE to ACTIVATE, other bank group
    double t_faw = 16.0;      ///< five ACTIVATEs take longer than this
    double t_wr = 16.0;       ///< last written data to PRECHARGE
    double t_wtr = 8.0;       ///< last written data to READ, other bank group
    double t_rtp = 7.5;       ///< READ to PRECHARGE
    double t_refi = 3900.0;   ///< refresh interval; 0: never
    double t_rfc = 260.0;     ///< REFRESH of all banks to next command
    double t_rcd_write = 0.0; ///< ACTIVATE to WRITE; 0: as t_rcd
    double t_rrd_l = 0.0;     ///< ACTIVATE to ACTIVATE, same bank group
    double t_wtr_l = 0.0;     ///< last written data to READ, same bank group
    double t_rfc_bank = 0.0;  ///< REFRESH of one bank to its next command; 0: as t_rfc
    double t_rrefd = 0.0;     ///< REFRESH of one bank to ACTIVATE or REFRESH of another; 0: as t_rrd

    template <typename table> void describe(table& to)
    {
        to.number("dram.t_ck_ns", t_ck, 0.1, 100, "ns", parameter::published,
                  "Command clock; data move twice a clock.");
        to.number("dram.t_rcd_ns", t_rcd, 0, 1000, "ns", hbm2, "ACTIVATE to READ.");
        to.number("dram.t_rp_ns", t_rp, 0, 1000, "ns", hbm2, "PRECHARGE to ACTIVATE.");
        to.number("dram.t_cl_ns", t_cl, 0, 1000, "ns", hbm2, "READ to first data.");
        to.number("dram.t_cwl_ns", t_cwl, 0, 1000, "ns", hbm2, "WRITE to first data.");
        to.number("dram.t_ras_ns", t_ras, 0, 1000, "ns", hbm2, "ACTIVATE to PRECHARGE.");
        to.number("dram.t_rc_ns", t_rc, 0, 1000, "ns", hbm2, "ACTIVATE to ACTIVATE of the same bank.");
        to.number("dram.t_ccd_s_ns", t_ccd_s, 0, 1000, "ns", hbm2, "Column command to the next, other bank group.");
        to.number("dram.t_ccd_l_ns", t_ccd_l, 0, 1000, "ns", hbm2, "Column command to the next, same bank group.");
        to.number("dram.t_rrd_ns", t_rrd, 0, 1000, "ns", hbm2, "ACTIVATE to ACTIVATE, other bank group.");
        to.number("dram.t_faw_ns", t_faw, 0, 1000, "ns", hbm2, "Window in which four ACTIVATEs fit.");
        to.number("dram.t_wr_ns", t_wr, 0, 1000, "ns", hbm2, "Last written data to PRECHARGE.");
        to.number("dram.t_wtr_ns", t_wtr, 0, 1000, "ns", hbm2, "Last written data to READ, other bank group.");
        to.number("dram.t_rtp_ns", t_rtp, 0, 1000, "ns", hbm2, "READ to PRECHARGE.");
        to.number("dram.t_refi_ns", t_refi, 0, 1e6, "ns", hbm2, "Refresh interval; 0 = no refresh.");
        to.number("dram.t_rfc_ns", t_rfc, 0, 1e5, "ns", hbm2, "A refresh of all banks.");
        to.number("dram.t_rcd_write_ns", t_rcd_write, 0, 1000, "ns", hbm2, "ACTIVATE to WRITE; 0 = as t_rcd_ns.");
        to.number("dram.t_rrd_l_ns", t_rrd_l, 0, 1000, "ns", hbm2,
                  "ACTIVATE to ACTIVATE, same bank group; 0 = as t_rrd_ns.");
        to.number("dram.t_wtr_l_ns", t_wtr_l, 0, 1000, "ns", hbm2,
                  "Last written data to READ, same bank group; 0 = as t_wtr_ns.");
        to.number("dram.t_rfc_bank_ns", t_rfc_bank, 0, 1e5, "ns", hbm2, "A refresh of one bank; 0 = as t_rfc_ns.");
        to.number("dram.t_rrefd_ns", t_rrefd, 0, 1000, "ns", hbm2,
                  "Refresh of one bank to ACTIVATE or refresh of another; 0 = as t_rrd_ns.");
    }
};

enum class page_policy { open, closed };
inline constexpr std::string_view page_policy_words[] = {"open", "closed"};
constexpr parameter::words words_of(page_policy)
{
    return page_policy_words;
}

enum class scheduling { fr_fcfs, fcfs };
inline constexpr std::string_view scheduling_words[] = {"fr-fcfs", "fcfs"};
constexpr parameter::words words_of(scheduling)
{
    return scheduling_words;
}

/// Orders of address fields that a scenario can choose; a mapping can be any other.
inline constexpr std::string_view mapping_words[] = {
    "row-bank-column-bankgroup-channel", "row-column-bank-bankgroup-channel", "row-bank-bankgroup-column-channel",
    "row-channel-bank-bankgroup-column"};

/// All banks together once every t_refi; or one after the other, each once every t_refi, while the others work.
enum class refresh_kind { all_banks, per_bank };
inline constexpr std::string_view refresh_kind_words[] = {"all-banks", "per-bank"};
constexpr parameter::words words_of(refresh_kind)
{
    return refresh_kind_words;
}

struct parameters {
    unsigned channels = 16;       ///< power of two
    unsigned channel_bits = 64;   ///< width of a channel's data bus, power of two, 8 or more
    unsigned burst_beats = 4;     ///< data beats per column command, power of two, two per clock
    unsigned bank_groups = 4;     ///< power of two
    unsigned banks_per_group = 4; ///< power of two
    unsigned row_bytes = 1024;    ///< of one bank of one channel, power of two
    /// Commands. HBM: two pseudo channels share a bus for row commands and one for column commands, and an ACTIVATE
    /// takes two clocks of the former. Elsewhere a channel has one bus for all commands. JESD235, JESD79-4, JESD209-4.
    unsigned channels_per_command_bus = 2;
    bool separate_column_bus = true; ///< row and column commands have a bus each
    unsigned activate_clocks = 2;    ///< that an ACTIVATE occupies its bus
    unsigned precharge_clocks = 1;   ///< the same of PRECHARGE and REFRESH
    unsigned column_clocks = 1;      ///< the same of READ and WRITE
    unsigned beats_per_clock = 2;    ///< data beats in a command clock
    timing_ns timing;
    std::string mapping = "row-bank-column-bankgroup-channel"; ///< fields from the highest address bit to the lowest
    bool channel_hash = true;                                  ///< XOR the channel bits with higher address bits
    /// The channels refresh one after another (less power at a time), or all together. What is spread over all channels
    /// waits for each of them in turn when they do not refresh together, so that is the default.
    bool refresh_staggered = false;
    refresh_kind refresh = refresh_kind::all_banks;
    unsigned refresh_postponed = 0; ///< refreshes that may be put off while requests wait, at most 8 (JEDEC)
    page_policy page = page_policy::open;
    scheduling scheduler = scheduling::fr_fcfs;
    unsigned read_window = 32;  ///< places for reads, among which the scheduler chooses
    unsigned write_window = 32; ///< places for writes, among which the scheduler chooses
    unsigned write_high = 24;   ///< waiting writes at which draining starts, even against reads
    unsigned write_low = 8;     ///< waiting writes at which it ends when reads wait
    /// Bursts that one row may serve in turn while an older request waits for another row of the bank; 0: no bound.
    /// The default is all bursts of an HBM2 row, so it only binds when a row is read again and again.
    unsigned row_hit_cap = 32;
    bool merge_writes = true;   ///< a write to a burst that waits to be written anyway costs no second one
    bool posted_writes = false; ///< a write is answered when it has a place in the queue

    /// The command clock, rounded to the simulator's resolution.
    std::uint64_t clock_ps() const { return static_cast<std::uint64_t>(timing.t_ck * 1000 + 0.5); }
    /// Bytes that one column command moves.
    unsigned burst_bytes() const { return channel_bits / 8 * burst_beats; }
    /// Banks of a channel.
    unsigned banks() const { return bank_groups * banks_per_group; }
    /// Peak of all channels, bytes per ns (= 10^9 bytes/s).
    double peak_bytes_per_ns() const { return channels * (channel_bits / 8.0) * beats_per_clock / timing.t_ck; }

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.power_of_two("dram.channels", channels, 1, 64, "channels", published, "DRAM channels.");
        to.power_of_two("dram.channel_bits", channel_bits, 8, 512, "bits", published, "Width of a channel.");
        to.power_of_two("dram.burst_beats", burst_beats, 2, 64, "beats", hbm2,
                        "Data beats of one access; with the width, the bytes of a burst.");
        to.power_of_two("dram.beats_per_clock", beats_per_clock, 1, 16, "beats", hbm2,
                        "Data beats in a clock of the commands.");
        to.power_of_two("dram.bank_groups", bank_groups, 1, 16, "groups", hbm2, "Bank groups of a channel.");
        to.power_of_two("dram.banks_per_group", banks_per_group, 1, 64, "banks", hbm2, "Banks of a group.");
        to.power_of_two("dram.row_bytes", row_bytes, 64, 65536, "bytes", hbm2, "Row of a bank.");
        to.power_of_two("dram.channels_per_command_bus", channels_per_command_bus, 1, 64, "channels", hbm2,
                        "Channels that share their command buses.");
        to.flag("dram.separate_column_bus", separate_column_bus, hbm2,
                "READ and WRITE have a bus of their own; else one bus carries all commands.");
        to.integer("dram.activate_clocks", activate_clocks, 1, 16, "clocks", hbm2,
                   "That an ACTIVATE takes of its bus.");
        to.integer("dram.precharge_clocks", precharge_clocks, 1, 16, "clocks", hbm2,
                   "That a PRECHARGE or a refresh takes of its bus.");
        to.integer("dram.column_clocks", column_clocks, 1, 16, "clocks", hbm2,
                   "That a READ or WRITE takes of its bus.");
        timing.describe(to);
        to.text("dram.mapping", mapping, ours, "Fields of an address from the highest bits to the lowest.")
            .one_of(mapping_words);
        to.flag("dram.channel_hash", channel_hash, ours, "XOR the channel bits with higher bits of the address.");
        to.flag("dram.refresh_staggered", refresh_staggered, ours,
                "Channels refresh one after another, not all together; fibers that lie in all channels then wait more "
                "often.");
        to.word("dram.refresh", refresh, ours,
                "All banks of a channel are refreshed together, or one after the other while the others work.");
        to.integer("dram.refresh_postponed", refresh_postponed, 0, 8, "refreshes", ours,
                   "Refreshes that waiting requests may put off.");
        to.word("dram.page_policy", page, ours,
                "Rows stay open after an access, or are closed when nothing waits for them.");
        to.word("dram.scheduler", scheduler, ours,
                "Open rows first, then in order of arrival; or strictly in order of arrival, reads and writes each.");
        to.integer("dram.read_window", read_window, 1, 256, "requests", ours,
                   "Places for reads in a channel's queue, among which the scheduler chooses.");
        to.integer("dram.write_window", write_window, 1, 256, "requests", ours, "The same of writes.");
        to.integer("dram.write_high", write_high, 1, 256, "requests", ours,
                   "Waiting writes of a channel at which they are served before reads.");
        to.integer("dram.write_low", write_low, 0, 255, "requests", ours, "Waiting writes at which that ends.");
        to.integer(
            "dram.row_hit_cap", row_hit_cap, 0, 4096, "bursts", ours,
            "Bursts that a row serves in turn while an older request waits for another row of the bank; 0 = any.");
        to.flag("dram.merge_writes", merge_writes, ours,
                "A write to a burst that waits to be written anyway costs no second one.");
        to.flag(
            "dram.posted_writes", posted_writes, ours,
            "A write is answered when it has a place in the queue; what is there still when a layer's cycles end moves "
            "before software is told of it.");
    }
};

/// Banks of one channel that the scheduler can tell apart.
constexpr unsigned max_banks = 64;
/// Refreshes that JEDEC lets a controller owe.
constexpr unsigned max_postponed = 8;

struct mistake {
    std::vector<std::string_view> keys; ///< of a scenario, to blame, the likeliest first
    std::string text;                   ///< begins with that key and its value; empty: nothing is wrong
};

/// What is wrong with these numbers.
mistake mistake_in(const parameters& parameters);
/// The same parameters; throws std::invalid_argument when there is a mistake in them.
const parameters& checked(const parameters& parameters);

/// The same in command clocks, each rounded up, as data sheets tell controllers to do.
struct timing_clocks {
    std::uint32_t burst; ///< data bus occupied by one column command
    std::uint32_t rcd, rcd_write, rp, cl, cwl, ras, rc, ccd_s, ccd_l, rrd, rrd_l, faw, wr, wtr, wtr_l, rtp, refi, rfc,
        rrefd;
    std::uint32_t refresh_interval; ///< from one REFRESH of a channel to the next: refi, or a share of it for each bank
    std::uint32_t row_use;          ///< from the last command of a row to its PRECHARGE, at most
    std::uint32_t refresh_close;    ///< from the beginning of a refresh to its REFRESH, at most
    std::uint32_t refresh_owed;     ///< clocks of the refreshes that may be put off
    std::uint32_t refresh_put_off;  ///< longest time from when it is due to its beginning
    std::uint32_t refresh_clocks;   ///< that a REFRESH takes, of the kind chosen

    explicit timing_clocks(const parameters& from);
};

inline unsigned log2_of(unsigned power_of_two)
{
    return static_cast<unsigned>(__builtin_ctz(power_of_two));
}

/// Where a burst lies.
struct location {
    std::uint32_t channel = 0;
    std::uint32_t bank_group = 0;
    std::uint32_t bank = 0; ///< within its group
    std::uint64_t row = 0;
    std::uint32_t column = 0; ///< burst within the row
};

} // namespace loas::dram
