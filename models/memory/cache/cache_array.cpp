#include "models/memory/cache/cache_array.h"

#include "models/functional/random_source.h"

#include <algorithm>
#include <stdexcept>

namespace loas::cache
{

namespace
{

bool power_of_two(std::uint64_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

unsigned log2_of(std::uint64_t power)
{
    return static_cast<unsigned>(__builtin_ctzll(power));
}

const geometry& checked(const geometry& shape)
{
    const bool powers = power_of_two(shape.size_bytes) && power_of_two(shape.line_bytes) && power_of_two(shape.banks) &&
                        power_of_two(shape.ways);
    // Anchors share the numbers of the lines, and direct-mapped there are two of them for each.
    if (!powers || shape.lines() > cache_array::none / 4 ||
        shape.lines() < std::uint64_t{shape.banks} * std::uint64_t{shape.ways})
        throw std::invalid_argument("cache: impossible geometry");
    return shape;
}

} // namespace

cache_array::cache_array(const geometry& shape)
    : m_shape(checked(shape)), m_lines(static_cast<line_index>(shape.lines())), m_sets(m_lines / shape.ways),
      m_way_bits(log2_of(shape.ways)), m_set_bits(log2_of(m_sets)), m_bucket_shift(63 - log2_of(m_lines)),
      m_numbers(m_lines), m_flags(m_lines), m_owners(m_lines), m_data(shape.size_bytes),
      m_links(m_lines + std::size_t{2} * m_sets), m_few_ways(shape.ways <= most_few_ways),
      m_tags(m_few_ways ? m_lines : 0), m_buckets(m_few_ways ? 0 : std::size_t{2} * m_lines),
      m_chain(m_few_ways ? 0 : m_lines), m_first_free(m_sets), m_random_state(shape.seed)
{
    invalidate_all();
}

cache_array::eviction cache_array::allocate(std::uint64_t line_number, bool is_a)
{
    const line_index set = static_cast<line_index>(line_number & (m_sets - 1));
    line_index& first_free = m_first_free[set];
    while (first_free < m_shape.ways && (m_flags[(set << m_way_bits) + first_free] & valid_flag) != 0)
        ++first_free;

    eviction result;
    if (first_free < m_shape.ways) {
        result.at = (set << m_way_bits) + first_free;
        ++first_free;
    } else {
        result.at = choose_victim(set);
        if (result.at == none)
            return result;
        result.valid = true;
        result.dirty = dirty(result.at);
        result.line_number = m_numbers[result.at];
        result.owner = m_owners[result.at];
        unlink(result.at);
        forget_number(result.at);
    }

    const line_index at = result.at;
    m_numbers[at] = line_number;
    m_flags[at] = valid_flag;
    m_owners[at] = 0;
    if (m_few_ways) {
        m_tags[at] = tag_of(line_number);
    } else {
        line_index& bucket = m_buckets[bucket_of(line_number)];
        m_chain[at] = bucket;
        bucket = at;
    }
    put_newest(at, anchor(set, is_a && m_shape.policy == replacement::a_first));
    return result;
}

cache_array::line_index cache_array::choose_victim(line_index set)
{
    if (m_shape.policy == replacement::random)
        return random_way(set);
    const line_index victim = oldest(anchor(set, false));
    return victim != none ? victim : oldest(anchor(set, true));
}

cache_array::line_index cache_array::oldest(line_index ring) const
{
    line_index at = m_links[ring].newer; // the anchor closes the ring: beyond the newest comes the oldest
    while (at != ring && pinned(at))
        at = m_links[at].newer;
    return at == ring ? none : at;
}

cache_array::line_index cache_array::random_way(line_index set)
{
    const line_index first =
        static_cast<line_index>(functional::random_source::splitmix64(m_random_state) & (m_shape.ways - 1));
    for (line_index step = 0; step < m_shape.ways; ++step) {
        const line_index at = (set << m_way_bits) + ((first + step) & (m_shape.ways - 1));
        if (!pinned(at))
            return at;
    }
    return none;
}

void cache_array::invalidate(line_index at)
{
    unlink(at);
    forget_number(at);
    m_flags[at] = 0;
    line_index& first_free = m_first_free[set_of(at)];
    first_free = std::min(first_free, at & (m_shape.ways - 1));
}

void cache_array::invalidate_all()
{
    std::fill(m_numbers.begin(), m_numbers.end(), no_line);
    std::fill(m_flags.begin(), m_flags.end(), std::uint8_t{0});
    std::fill(m_buckets.begin(), m_buckets.end(), none);
    std::fill(m_first_free.begin(), m_first_free.end(), line_index{0});
    for (std::size_t ring = m_lines; ring < m_links.size(); ++ring)
        m_links[ring] = {static_cast<line_index>(ring), static_cast<line_index>(ring)};
}

std::vector<cache_array::line_index> cache_array::dirty_lines() const
{
    std::vector<line_index> places;
    for (line_index at = 0; at < m_lines; ++at)
        if (dirty(at))
            places.push_back(at);
    std::sort(places.begin(), places.end(),
              [this](line_index left, line_index right) { return m_numbers[left] < m_numbers[right]; });
    return places;
}

void cache_array::forget_number(line_index at)
{
    if (m_few_ways) {
        m_numbers[at] = no_line;
        return;
    }
    line_index* place = &m_buckets[bucket_of(m_numbers[at])];
    while (*place != at)
        place = &m_chain[*place];
    *place = m_chain[at];
}

} // namespace loas::cache
