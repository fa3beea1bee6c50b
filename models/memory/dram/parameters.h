// What a DRAM channel is made of: geometry, timing, policies. Pure data; which set of numbers is HBM2-class, DDR4-class
// or LPDDR4-class is said in scenario files and in platform/config.
#pragma once

#include <cstdint>
#include <string>

namespace loas::dram
{

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
};

enum class page_policy { open, closed };
enum class scheduling { fr_fcfs, fcfs };

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
