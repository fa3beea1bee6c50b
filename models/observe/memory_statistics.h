// What the memory system saw, beyond the counters: per DRAM channel, and distributions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::observe
{

constexpr std::size_t histogram_buckets = 20;

/// Bucket b counts the values of b binary digits: 0, 1, 2..3, 4..7, ...; the last one everything above as well.
using histogram = std::array<std::uint64_t, histogram_buckets>;

constexpr std::size_t bucket_of(std::uint64_t value)
{
    const std::size_t digits = value == 0 ? 0 : 64 - static_cast<std::size_t>(__builtin_clzll(value));
    return digits < histogram_buckets ? digits : histogram_buckets - 1;
}

/// Latencies fine enough for percentiles: each value below 32 has a step of its own, above that an octave has 16 steps,
/// so a percentile is at most 1/16 too high. The last step has everything above as well.
class latency_distribution
{
public:
    void count(std::uint64_t value)
    {
        ++m_steps[step_of(value)];
        m_sum += value;
    }
    std::uint64_t count() const;
    std::uint64_t sum() const { return m_sum; }
    histogram in_buckets() const;
    /// The smallest step that `share` (0 to 1) of the values do not exceed, its upper end; 0: there are no values.
    std::uint64_t percentile(double share) const;
    /// As with channel_statistics; factor 1 or all ones.
    void combine(const latency_distribution& other, std::uint64_t factor);

    /// Steps that have values: upper end and count of each, one after the other.
    std::vector<std::uint64_t> used_steps() const;
    /// From what used_steps() and sum() said. False: that cannot be.
    bool restore(const std::vector<std::uint64_t>& used, std::uint64_t sum);

private:
    static constexpr unsigned exact = 32, steps_of_octave = 16, octaves = 19;

    static std::size_t step_of(std::uint64_t value)
    {
        if (value < exact)
            return static_cast<std::size_t>(value);
        const auto shift = static_cast<unsigned>(59 - __builtin_clzll(value)); // leaves 16 to 31
        const std::size_t step = exact + (shift - 1) * std::size_t{steps_of_octave} + ((value >> shift) & 15);
        return step < exact + octaves * steps_of_octave ? step : exact + octaves * steps_of_octave - 1;
    }
    static std::uint64_t upper_end(std::size_t step);

    std::array<std::uint32_t, exact + octaves * steps_of_octave> m_steps{};
    std::uint64_t m_sum = 0;
};

/// What one bank of a channel did.
struct bank_statistics {
    std::uint64_t reads = 0, writes = 0; ///< bursts
    std::uint64_t activates = 0, row_conflicts = 0;
};

/// Sums since construction; the difference of two is what happened in between.
struct channel_statistics {
    std::uint64_t reads = 0, writes = 0; ///< bursts
    std::uint64_t row_hits = 0;          ///< bursts whose row was open: no command but their own
    std::uint64_t row_misses = 0;        ///< the bank was closed: ACTIVATE
    std::uint64_t row_conflicts = 0;     ///< another row was open: PRECHARGE and ACTIVATE
    std::uint64_t activates = 0, precharges = 0;
    std::uint64_t refreshes = 0;         ///< of all banks
    std::uint64_t bank_refreshes = 0;    ///< of one bank
    std::uint64_t unused_activates = 0;  ///< rows closed without a burst, for a refresh
    std::uint64_t forwarded_reads = 0;   ///< answered from a waiting write
    std::uint64_t merged_writes = 0;     ///< became one with a waiting write to the same burst
    std::uint64_t queue_full_clocks = 0; ///< that requests waited for a place in the queue, before all else
    std::uint64_t open_clocks = 0;       ///< with a row open in some bank: background power is higher then
    std::uint64_t active_clocks = 0;     ///< clocks with a request waiting or data moving
    std::uint64_t data_clocks = 0;       ///< clocks in which data moved
    histogram read_latency_clocks{};     ///< arrival to last data
    histogram queue_depth{};             ///< requests already waiting, seen by each one that arrives
    latency_distribution read_latency, write_latency; ///< clocks, arrival to last data
    std::vector<bank_statistics> banks;

    void add(const channel_statistics& other) { combine(other, 1); }
    void subtract(const channel_statistics& other) { combine(other, ~std::uint64_t{0}); }

private:
    void combine(const channel_statistics& other, std::uint64_t factor);
};

struct memory_statistics {
    std::vector<channel_statistics> channels; ///< empty: no DRAM model behind the accelerator
    histogram access_latency_cycles{};        ///< of the accelerator's accesses, request to last byte

    void add(const memory_statistics& other);
    void subtract(const memory_statistics& earlier); ///< of the same memory
    channel_statistics all_channels() const;
};

} // namespace loas::observe
