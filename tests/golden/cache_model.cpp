#include "tests/golden/cache_model.h"

#include <algorithm>
#include <stdexcept>

namespace loas::golden
{

cache_model::cache_model(const cache_config& config) : m_config(config), m_sets(0), m_random_state(config.seed)
{
    if (config.policy != "lru" && config.policy != "a_first" && config.policy != "random")
        throw std::invalid_argument("cache_model: unknown policy " + config.policy);
    const std::uint64_t set_bytes = config.line_bytes * config.banks * config.ways;
    if (set_bytes == 0 || config.size_bytes == 0 || config.size_bytes % set_bytes != 0)
        throw std::invalid_argument("cache_model: the sets do not fill the size");
    m_sets = config.size_bytes / set_bytes;
}

cache_access cache_model::access(std::uint64_t line_number, bool write, bool is_a, unsigned owner)
{
    cache_set& set = set_of(line_number);
    cache_access result;
    line current;

    const auto found = set.lines.find(line_number);
    if (found != set.lines.end()) {
        result.hit = true;
        ++m_counters.hits;
        current = found->second;
        set.by_rank.erase(rank_of(current));
    } else {
        ++m_counters.misses;
        if (set.lines.size() == m_config.ways) {
            result.evicted = true;
            result.evicted_line = victim_of(set);
            ++m_counters.evictions;
            const line victim = set.lines.at(result.evicted_line);
            if (victim.dirty) {
                result.written_back = true;
                result.written_owner = victim.owner;
                ++m_counters.write_backs;
            }
            set.lines.erase(result.evicted_line);
            set.of_way.erase(victim.way);
            set.by_rank.erase(rank_of(victim));
            current.way = victim.way;
        } else {
            current.way = set.lines.size(); // no line ever leaves without another taking its way
        }
    }

    current.last_use = ++m_uses;
    current.is_a = is_a;
    if (write) {
        current.dirty = true;
        current.owner = owner;
    }
    set.lines[line_number] = current;
    set.of_way[current.way] = line_number;
    set.by_rank[rank_of(current)] = line_number;
    return result;
}

std::vector<std::uint64_t> cache_model::flush()
{
    std::vector<std::uint64_t> written;
    for (auto& [place, set] : m_contents) {
        for (auto& [line_number, line] : set.lines) {
            if (line.dirty)
                written.push_back(line_number);
            line.dirty = false;
        }
    }
    std::sort(written.begin(), written.end());
    m_counters.write_backs += written.size();
    return written;
}

cache_model::cache_set& cache_model::set_of(std::uint64_t line_number)
{
    const std::uint64_t bank = line_number % m_config.banks;
    const std::uint64_t set = line_number / m_config.banks % m_sets;
    return m_contents[{bank, set}];
}

cache_model::rank cache_model::rank_of(const line& line) const
{
    return {m_config.policy == "a_first" && line.is_a, line.last_use};
}

std::uint64_t cache_model::victim_of(const cache_set& set)
{
    if (m_config.policy == "random")
        return set.of_way.at(next_random() % m_config.ways);
    return set.by_rank.begin()->second;
}

std::uint64_t cache_model::next_random()
{
    m_random_state += 0x9E3779B97F4A7C15u;
    std::uint64_t mixed = m_random_state;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

} // namespace loas::golden
