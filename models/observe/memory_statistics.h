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

/// Sums since construction; the difference of two is what happened in between.
struct channel_statistics {
    std::uint64_t reads = 0, writes = 0; ///< bursts
    std::uint64_t row_hits = 0;          ///< bursts whose row was open: no command but their own
    std::uint64_t row_misses = 0;        ///< the bank was closed: ACTIVATE
    std::uint64_t row_conflicts = 0;     ///< another row was open: PRECHARGE and ACTIVATE
    std::uint64_t activates = 0, precharges = 0, refreshes = 0;
    std::uint64_t forwarded_reads = 0; ///< answered from a waiting write
    std::uint64_t active_clocks = 0;   ///< clocks with a request waiting or data moving
    std::uint64_t data_clocks = 0;     ///< clocks in which data moved
    histogram read_latency_clocks{};   ///< arrival to last data
    histogram queue_depth{};           ///< requests already waiting, seen by each one that arrives

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
