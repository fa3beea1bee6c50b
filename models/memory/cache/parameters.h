// Parameters of the global cache (FiberCache). Pure data.
#pragma once

#include "models/parameter/words.h"

#include <cstdint>

namespace loas::cache
{

/// lru: the line used longest ago. a_first: the same, but lines of A only when the set holds nothing else. random: any.
enum class replacement { lru, a_first, random };
inline constexpr std::string_view replacement_words[] = {"lru", "a-first", "random"};
constexpr parameter::words words_of(replacement)
{
    return replacement_words;
}

struct parameters {
    unsigned size_kib = 256;
    unsigned line_bytes = 32;
    unsigned banks = 16;
    unsigned bank_ports = 1;
    unsigned ways = 16;
    replacement policy = replacement::a_first;
    std::int64_t seed = 1;       ///< of policy random
    unsigned hit_latency = 2;    ///< cycles
    unsigned mshrs = 16;         ///< lines on their way from memory, a bank
    unsigned write_buffers = 64; ///< lines on their way to memory
    bool ideal = false;          ///< every access hits, at once, and moves nothing

    std::uint64_t size_bytes() const { return std::uint64_t{size_kib} * 1024; }

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.power_of_two("cache.size_kib", size_kib, 1, 65536, "KiB", published, "Size of the global cache.");
        to.power_of_two("cache.line_bytes", line_bytes, 8, 256, "bytes", ours, "Line of the global cache.");
        to.power_of_two("cache.banks", banks, 1, 256, "banks", published, "Banks, interleaved by line.");
        to.integer("cache.bank_ports", bank_ports, 1, 16, "ports", published,
                   "Read ports, and as many write ports, of a bank: lines that it serves in a cycle.");
        to.power_of_two("cache.ways", ways, 1, 65536, "ways", published,
                        "Associativity: 1 is direct-mapped, size / line / banks fully associative in a bank.");
        to.word("cache.policy", policy, published,
                "Replacement: least recently used; the same, but lines of A stay longest; or any line.");
        to.integer("cache.seed", seed, 0, 1e9, "", ours, "Seed of policy random.");
        to.integer("cache.hit_latency", hit_latency, 0, 64, "cycles", "CACTI: 1.36 ns at 32 nm",
                   "From bank access to data.");
        to.integer("cache.mshrs", mshrs, 1, 1024, "lines", ours,
                   "Miss registers of each bank: lines on their way from memory. 16 in all could not fill an HBM.");
        to.integer("cache.write_buffers", write_buffers, 1, 4096, "lines", ours, "Lines on their way to memory.");
        to.flag("cache.ideal", ideal, ours, "Every access hits, and moves nothing between cache and memory.");
    }
};

/// Lines go round the banks.
inline unsigned bank_of(std::uint64_t line_number, unsigned banks)
{
    return static_cast<unsigned>(line_number & (banks - 1));
}

} // namespace loas::cache
