// A banked set-associative write-back cache, told in the words of its description: a yardstick for the real one. It
// knows which lines are there, not what is in them.
//
// Line n is in bank n % banks, and there in set n / banks % sets. A miss takes the lowest invalid way; if there is
// none, a victim has to leave, and is written back if it is dirty:
// - lru: the line used longest ago;
// - a_first: the line used longest ago of those that are not of A; of all, if all are;
// - random: way r % ways, with r the next number of one splitmix64 stream, which the cache has for all its sets.
// Hits and misses are uses; a line is of A if its last use said so.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace loas::golden
{

struct cache_config {
    std::uint64_t size_bytes = 0;
    std::uint64_t line_bytes = 0;
    std::uint64_t banks = 1;
    std::uint64_t ways = 1;
    std::string policy = "lru"; ///< "lru", "a_first" or "random"
    std::uint64_t seed = 0;     ///< state of the stream before its first number
};

struct cache_access {
    bool hit = false;
    bool evicted = false;
    std::uint64_t evicted_line = 0; ///< number of the line that left
    bool written_back = false;      ///< the line that left was dirty ...
    unsigned written_owner = 0;     ///< ... and its last write was for this owner
};

struct cache_counters {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t evictions = 0;
    std::uint64_t write_backs = 0; ///< of victims and by flush()
};

class cache_model
{
public:
    /// Throws std::invalid_argument for a cache that cannot be.
    explicit cache_model(const cache_config& config);

    cache_access access(std::uint64_t line_number, bool write, bool is_a, unsigned owner);

    /// Writes back all dirty lines and returns their numbers, lowest first. They stay, clean.
    std::vector<std::uint64_t> flush();

    const cache_counters& counters() const { return m_counters; }

private:
    struct line {
        std::uint64_t way = 0;
        std::uint64_t last_use = 0;
        bool is_a = false;
        bool dirty = false;
        unsigned owner = 0;
    };

    /// Victims in the order in which they leave: false before true, then the earlier use.
    using rank = std::pair<bool, std::uint64_t>;

    struct cache_set {
        std::map<std::uint64_t, line> lines;           ///< by line number
        std::map<std::uint64_t, std::uint64_t> of_way; ///< way to line number
        std::map<rank, std::uint64_t> by_rank;         ///< to line number
    };

    cache_set& set_of(std::uint64_t line_number);
    rank rank_of(const line& line) const;
    std::uint64_t victim_of(const cache_set& set);
    std::uint64_t next_random();

    cache_config m_config;
    std::uint64_t m_sets;                                                    ///< of a bank
    std::map<std::pair<std::uint64_t, std::uint64_t>, cache_set> m_contents; ///< by bank and set
    std::uint64_t m_uses = 0;
    std::uint64_t m_random_state;
    cache_counters m_counters;
};

} // namespace loas::golden
