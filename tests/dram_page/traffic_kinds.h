// The kinds of traffic with which DRAM simulators are usually compared, as requests without cache and accelerator.
#pragma once

#include "models/memory/dram/parameters.h"
#include "models/memory/dram/replay.h"

#include "tests/support/random.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace loas::test
{

using dram::replay_request;

struct traffic_kind {
    std::string_view name;
    bool timed; ///< a request does not come before its time
    /// Number i of a list: its burst and whether it writes; timed kinds say when, too.
    std::function<replay_request(std::size_t i, support::random_source& random, const dram::parameters& parameters)>
        make;
};

inline const std::vector<traffic_kind>& traffic_kinds()
{
    using random_source = support::random_source;
    using dram::parameters;
    constexpr std::uint64_t memory_bytes = std::uint64_t{1} << 30;
    static const auto burst = [](const parameters& p) { return std::uint64_t{p.burst_bytes()}; };
    static const auto anywhere = [](random_source& random, const parameters& p) {
        return random.below(memory_bytes / burst(p)) * burst(p);
    };
    static const auto in_turn = [](bool write) {
        return [write](std::size_t i, random_source&, const parameters& p) {
            return replay_request{0, i * burst(p), write};
        };
    };
    static const auto mixed = [](unsigned writes_percent) {
        return [writes_percent](std::size_t, random_source& random, const parameters& p) {
            const std::uint64_t address = anywhere(random, p);
            return replay_request{0, address, random.chance(writes_percent, 100)};
        };
    };
    // Every so many bursts of each channel; the channels take turns.
    static const auto strided = [](std::uint64_t bursts) {
        return [bursts](std::size_t i, random_source&, const parameters& p) {
            return replay_request{0, (i / p.channels * bursts * p.channels + i % p.channels) * burst(p), false};
        };
    };
    // Streams far from each other and in banks of their own, of which those numbered `written` write.
    static const auto streams = [](std::size_t count, std::size_t written) {
        return [count, written](std::size_t i, random_source&, const parameters& p) {
            const std::size_t stream = i % count;
            const std::uint64_t next_bank = std::uint64_t{p.row_bytes} * p.bank_groups * p.channels;
            return replay_request{0, stream * (memory_bytes / count + next_bank) + i / count * burst(p),
                                  stream >= count - written};
        };
    };
    static const std::vector<traffic_kind> kinds = {
        {"sequential reads", false, in_turn(false)},
        {"sequential writes", false, in_turn(true)},
        {"random reads", false, mixed(0)},
        {"random writes", false, mixed(100)},
        {"random, 30 % written", false, mixed(30)},
        {"random, 50 % written", false, mixed(50)},
        {"sequential, 30 % written", false,
         [](std::size_t i, random_source& random, const parameters& p) {
             return replay_request{0, i * burst(p), random.chance(30, 100)};
         }},
        {"stride of 4 bursts", false, strided(4)},
        {"stride of 64 bursts", false, strided(64)},
        {"stride of 512 bursts", false, strided(512)},
        {"4 streams, all read", false, streams(4, 0)},
        {"4 streams, one written", false, streams(4, 1)},
        {"hammer: two rows of a bank in turn", false,
         [](std::size_t i, random_source&, const parameters& p) {
             // The row is the highest field of an address, so this changes nothing but the row.
             const std::uint64_t row = std::uint64_t{p.row_bytes} * p.banks() * p.channels;
             return replay_request{0, i % 2 * row * 64, false};
         }},
        {"bursts of 64 a channel, 2 us apart", true,
         [](std::size_t i, random_source& random, const parameters& p) {
             const std::uint64_t address = anywhere(random, p);
             return replay_request{i / (std::size_t{64} * p.channels) * 2000000, address, random.chance(30, 100)};
         }},
        {"one a channel each 64 ns, 30 % written", true,
         [](std::size_t i, random_source& random, const parameters& p) {
             const std::uint64_t address = anywhere(random, p);
             return replay_request{i * 64000 / p.channels, address, random.chance(30, 100)};
         }},
    };
    return kinds;
}

inline std::vector<replay_request> requests_of(const traffic_kind& kind, const dram::parameters& parameters,
                                               std::size_t count)
{
    support::random_source random(1);
    std::vector<replay_request> requests(count);
    for (std::size_t i = 0; i < count; ++i)
        requests[i] = kind.make(i, random, parameters);
    return requests;
}

} // namespace loas::test
