// Parameters of what lies behind an accelerator's ports, beside those of the cache and of a DRAM channel. No SystemC.
#pragma once

#include "models/memory/cache/parameters.h"
#include "models/memory/dram/parameters.h"
#include "models/parameter/words.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loas::memory
{

struct memory_parameters;

/// What is known of a backend without building it; the list is in backends.cpp.
struct backend_facts {
    std::string_view word; ///< of memory.backend
    bool cached;           ///< crossbars and the global cache stand before it
    bool stalls;           ///< false: accesses take no time
    bool dram;             ///< it has channels, which the parameters under [dram] describe
    /// Of an access while nothing else is under way, in ns.
    double (*idle_latency_ns)(const memory_parameters& memory, const dram::parameters& dram);
    /// What it moves at most, bytes per ns (= 10^9 bytes/s); nullptr: without limit.
    double (*peak_bytes_per_ns)(const memory_parameters& memory, const dram::parameters& dram) = nullptr;
};
/// Of a word that the option allows.
const backend_facts& backend_facts_of(std::string_view word);
std::vector<std::string_view> backend_words();

struct memory_parameters {
    std::string backend = "dram";
    std::int64_t latency_ns = 60;
    double bandwidth_gb_per_s = 128.0; ///< 10^9 bytes a second
    std::int64_t ram_mib = 256;        ///< RAM of the machine, 2^20 bytes

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.text("memory.backend", backend, ours,
                "Behind the accelerator's ports: crossbars, global cache and DRAM; or a fixed latency and bandwidth; "
                "or memory that never stalls.")
            .one_of(backend_words())
            .under_published("ideal");
        to.integer("memory.latency_ns", latency_ns, 0, 1000000, "ns", ours,
                   "Latency of a read or write (backend fixed).");
        to.number("memory.bandwidth_gb_per_s", bandwidth_gb_per_s, 0.001, 100000, "10^9 bytes/s", published,
                  "Bandwidth of the memory (backend fixed).");
        to.integer("memory.ram_mib", ram_mib, 1, 16384, "MiB", ours, "Size of the machine's RAM.");
    }
};

enum class arbitration { round_robin, fixed_priority };
inline constexpr std::string_view arbitration_words[] = {"round-robin", "fixed-priority"};
constexpr parameter::words words_of(arbitration)
{
    return arbitration_words;
}

/// Crossbars between the accelerator's ports and the banks of the global cache.
struct xbar_parameters {
    memory::arbitration arbitration = memory::arbitration::round_robin;
    unsigned latency = 1; ///< cycles, bank to port
    bool ideal = false;   ///< no port and no bank waits for another

    template <typename table> void describe(table& to)
    {
        using parameter::ours;
        to.word("xbar.arbitration", arbitration, ours,
                "Who gets a bank of the cache that several ports want; fixed priority: the lowest port.");
        to.integer("xbar.latency", latency, 0, 64, "cycles", ours, "Latency of the crossbar, bank to port.");
        to.flag("xbar.ideal", ideal, ours, "No port and no bank ever waits for another.");
    }
};

/// DRAM behind the cache.
struct dram_parameters : dram::parameters {
    bool ideal = false;             ///< no latency, no limit
    std::int64_t lose_response = 0; ///< fault injection: number of the access; 0 = none

    template <typename table> void describe(table& to)
    {
        using parameter::ours;
        dram::parameters::describe(to);
        to.flag("dram.ideal", ideal, ours, "Behind the cache is a memory without latency and limit.");
        to.integer("dram.lose_response", lose_response, 0, 1e9, "", ours,
                   "Fault injection: the access of this number is never answered; 0 = none.");
    }
};

} // namespace loas::memory
