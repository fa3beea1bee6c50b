// What a DRAM channel is made of: geometry, timing, policies. Pure data; which set of numbers is HBM2-class, DDR4-class
// or LPDDR4-class is said in scenario files and in platform/config.
#pragma once

#include "models/parameter/words.h"

#include <cstdint>
#include <string>

namespace loas::dram
{

inline constexpr std::string_view hbm2 = "HBM2-class data sheets"; ///< source of most defaults

/// Timing as data sheets give it, in ns.
struct timing_ns {
    double t_ck = 2.0;      ///< command clock; data move twice per clock
    double t_rcd = 14.0;    ///< ACTIVATE to READ or WRITE
    double t_rp = 14.0;     ///< PRECHARGE to ACTIVATE
    double t_cl = 14.0;     ///< READ to first data
    double t_cwl = 8.0;     ///< WRITE to first data
    double t_ras = 34.0;    ///< ACTIVATE to PRECHARGE
    double t_rc = 48.0;     ///< ACTIVATE to ACTIVATE, same bank
    double t_ccd_s = 4.0;   ///< column command to column command, other bank group
    double t_ccd_l = 8.0;   ///< the same, same bank group
    double t_rrd = 4.0;     ///< ACTIVATE to ACTIVATE, any bank of the channel
    double t_faw = 16.0;    ///< five ACTIVATEs take longer than this
    double t_wr = 16.0;     ///< last written data to PRECHARGE
    double t_wtr = 8.0;     ///< last written data to READ
    double t_rtp = 7.5;     ///< READ to PRECHARGE
    double t_refi = 3900.0; ///< refresh interval; 0: never
    double t_rfc = 260.0;   ///< REFRESH to next command

    template <typename table> void describe(table& to)
    {
        to.number("dram.t_ck_ns", t_ck, 0.1, 100, "ns", parameter::published,
                  "Command clock; data move twice a clock.");
        to.number("dram.t_rcd_ns", t_rcd, 0, 1000, "ns", hbm2, "ACTIVATE to READ or WRITE.");
        to.number("dram.t_rp_ns", t_rp, 0, 1000, "ns", hbm2, "PRECHARGE to ACTIVATE.");
        to.number("dram.t_cl_ns", t_cl, 0, 1000, "ns", hbm2, "READ to first data.");
        to.number("dram.t_cwl_ns", t_cwl, 0, 1000, "ns", hbm2, "WRITE to first data.");
        to.number("dram.t_ras_ns", t_ras, 0, 1000, "ns", hbm2, "ACTIVATE to PRECHARGE.");
        to.number("dram.t_rc_ns", t_rc, 0, 1000, "ns", hbm2, "ACTIVATE to ACTIVATE of the same bank.");
        to.number("dram.t_ccd_s_ns", t_ccd_s, 0, 1000, "ns", hbm2, "Column command to the next, other bank group.");
        to.number("dram.t_ccd_l_ns", t_ccd_l, 0, 1000, "ns", hbm2, "Column command to the next, same bank group.");
        to.number("dram.t_rrd_ns", t_rrd, 0, 1000, "ns", hbm2, "ACTIVATE to ACTIVATE of another bank.");
        to.number("dram.t_faw_ns", t_faw, 0, 1000, "ns", hbm2, "Window in which four ACTIVATEs fit.");
        to.number("dram.t_wr_ns", t_wr, 0, 1000, "ns", hbm2, "Last written data to PRECHARGE.");
        to.number("dram.t_wtr_ns", t_wtr, 0, 1000, "ns", hbm2, "Last written data to READ.");
        to.number("dram.t_rtp_ns", t_rtp, 0, 1000, "ns", hbm2, "READ to PRECHARGE.");
        to.number("dram.t_refi_ns", t_refi, 0, 1e6, "ns", hbm2, "Refresh interval; 0 = no refresh.");
        to.number("dram.t_rfc_ns", t_rfc, 0, 1e5, "ns", hbm2, "A refresh.");
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

struct parameters {
    unsigned channels = 16;       ///< power of two
    unsigned channel_bits = 64;   ///< width of a channel's data bus, power of two, 8 or more
    unsigned burst_beats = 4;     ///< data beats per column command, power of two, two per clock
    unsigned bank_groups = 4;     ///< power of two
    unsigned banks_per_group = 4; ///< power of two
    unsigned row_bytes = 1024;    ///< of one bank of one channel, power of two
    timing_ns timing;
    std::string mapping = "row-bank-column-bankgroup-channel"; ///< fields from the highest address bit to the lowest
    bool channel_hash = true;                                  ///< XOR the channel bits with higher address bits
    /// The channels refresh one after another (less power at a time), or all together. What is spread over all channels
    /// waits for each of them in turn when they do not refresh together, so that is the default.
    bool refresh_staggered = false;
    page_policy page = page_policy::open;
    scheduling scheduler = scheduling::fr_fcfs;
    unsigned read_window = 32;  ///< waiting reads among which the scheduler chooses
    unsigned write_window = 32; ///< waiting writes among which the scheduler chooses
    unsigned write_high = 24;   ///< waiting writes at which draining starts, even against reads
    unsigned write_low = 8;     ///< waiting writes at which it ends

    /// Bytes that one column command moves.
    unsigned burst_bytes() const { return channel_bits / 8 * burst_beats; }
    /// Banks of a channel.
    unsigned banks() const { return bank_groups * banks_per_group; }
    /// Peak of all channels, bytes per ns (= 10^9 bytes/s).
    double peak_bytes_per_ns() const { return channels * (channel_bits / 8.0) * 2.0 / timing.t_ck; }

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.power_of_two("dram.channels", channels, 1, 64, "channels", published, "DRAM channels.");
        to.power_of_two("dram.channel_bits", channel_bits, 8, 512, "bits", published, "Width of a channel.");
        to.power_of_two("dram.burst_beats", burst_beats, 2, 64, "beats", hbm2,
                        "Data beats of one access, two a clock; with the width, the bytes of a burst.");
        to.power_of_two("dram.bank_groups", bank_groups, 1, 16, "groups", hbm2, "Bank groups of a channel.");
        to.power_of_two("dram.banks_per_group", banks_per_group, 1, 64, "banks", hbm2, "Banks of a group.");
        to.power_of_two("dram.row_bytes", row_bytes, 64, 65536, "bytes", hbm2, "Row of a bank.");
        timing.describe(to);
        to.text("dram.mapping", mapping, ours, "Fields of an address from the highest bits to the lowest.")
            .one_of(mapping_words);
        to.flag("dram.channel_hash", channel_hash, ours, "XOR the channel bits with higher bits of the address.");
        to.flag("dram.refresh_staggered", refresh_staggered, ours,
                "Channels refresh one after another, not all together; fibers that lie in all channels then wait more "
                "often.");
        to.word("dram.page_policy", page, ours,
                "Rows stay open after an access, or are closed when nothing waits for them.");
        to.word("dram.scheduler", scheduler, ours,
                "Open rows first, then in order of arrival; or strictly in order of arrival, reads and writes each.");
        to.integer("dram.read_window", read_window, 1, 256, "requests", ours,
                   "Waiting reads of a channel among which the scheduler chooses.");
        to.integer("dram.write_window", write_window, 1, 256, "requests", ours, "The same of writes.");
        to.integer("dram.write_high", write_high, 1, 256, "requests", ours,
                   "Waiting writes of a channel at which they are served before reads.");
        to.integer("dram.write_low", write_low, 0, 255, "requests", ours, "Waiting writes at which that ends.");
    }
};

/// Banks of one channel that the scheduler can tell apart.
constexpr unsigned max_banks = 64;

/// What is wrong with these numbers, in words; empty: nothing.
std::string mistake_in(const parameters& parameters);
/// The same parameters; throws std::invalid_argument when there is a mistake in them.
const parameters& checked(const parameters& parameters);

/// The same in command clocks, each rounded up, as data sheets tell controllers to do.
struct timing_clocks {
    std::uint32_t burst; ///< data bus occupied by one column command
    std::uint32_t rcd, rp, cl, cwl, ras, rc, ccd_s, ccd_l, rrd, faw, wr, wtr, rtp, refi, rfc;

    explicit timing_clocks(const parameters& from);
};

/// Where a burst lies.
struct location {
    std::uint32_t channel = 0;
    std::uint32_t bank_group = 0;
    std::uint32_t bank = 0; ///< within its group
    std::uint64_t row = 0;
    std::uint32_t column = 0; ///< burst within the row
};

} // namespace loas::dram
