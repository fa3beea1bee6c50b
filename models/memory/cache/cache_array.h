// The storage of the global cache: tags, states and data of its lines, and the choice of victims. Plain C++, no time.
//
// A line belongs to bank (line number % banks) and there to set (line number / banks % sets). Ways of a set are filled
// from the lowest number on while one is invalid; after that the policy names the victim.
#pragma once

#include "models/memory/cache/parameters.h"

#include <cstdint>
#include <vector>

namespace loas::cache
{

/// What the array takes of the parameters; whoever says nothing else gets those of their defaults.
struct geometry {
    std::uint64_t size_bytes = parameters{}.size_bytes(); ///< power of two
    unsigned line_bytes = parameters{}.line_bytes;        ///< power of two
    unsigned banks = parameters{}.banks;                  ///< power of two
    unsigned ways =
        parameters{}.ways; ///< power of two, 1 (direct-mapped) to size / line / banks (a bank is associative)
    replacement policy = parameters{}.policy;
    std::uint64_t seed = static_cast<std::uint64_t>(parameters{}.seed); ///< of random

    std::uint64_t lines() const { return size_bytes / line_bytes; }
    std::uint64_t sets_per_bank() const { return lines() / banks / ways; }
};

inline geometry geometry_of(const parameters& from)
{
    geometry to;
    to.size_bytes = from.size_bytes();
    to.line_bytes = from.line_bytes;
    to.banks = from.banks;
    to.ways = from.ways;
    to.policy = from.policy;
    to.seed = static_cast<std::uint64_t>(from.seed);
    return to;
}

class cache_array
{
public:
    using line_index = std::uint32_t; ///< place of a line in the array: line number % all sets * ways + way
    static constexpr line_index none = ~line_index{0};

    /// Throws std::invalid_argument for a geometry that cannot be.
    explicit cache_array(const geometry& shape);

    /// Place of the line, or none. Does not count as a use.
    line_index find(std::uint64_t line_number) const
    {
        if (m_few_ways) {
            const line_index first = first_of(line_number);
            const line_index way = way_of(&m_tags[first], tag_of(line_number));
            if (way == 0 || (way <= m_shape.ways && m_numbers[first + way - 1] == line_number))
                return way == 0 ? none : first + way - 1;
            for (line_index at = first; at < first + m_shape.ways; ++at) // tags of two ways are alike
                if (m_numbers[at] == line_number)
                    return at;
            return none;
        }
        line_index at = m_buckets[bucket_of(line_number)];
        while (at != none && m_numbers[at] != line_number)
            at = m_chain[at];
        return at;
    }

    /// Counts as a use for the policy; is_a: the line now holds a fiber of A.
    void use(line_index at, bool is_a)
    {
        if (m_shape.policy == replacement::random)
            return;
        const line_index ring = anchor(set_of(at), is_a && m_shape.policy == replacement::a_first);
        if (m_links[ring].older == at) // used again at once, as the words of a line are
            return;
        unlink(at);
        put_newest(at, ring);
    }

    struct eviction {
        line_index at = none;          ///< where there is room now; none: every way of the set is pinned
        bool valid = false;            ///< a line was there ...
        bool dirty = false;            ///< ... with data that memory does not have
        std::uint64_t line_number = 0; ///< ... of this number
        std::uint8_t owner = 0;        ///< ... last written for this kind of operand (as given to set_dirty)
    };

    /// Makes room for a line that is not there: chooses way or victim, and installs the line there: valid, clean, used
    /// now. The victim's data stay readable in data(at) until the caller overwrites them. Pinned lines are no victims.
    eviction allocate(std::uint64_t line_number, bool is_a);

    /// Pinned: on its way from memory, or held for other reasons; it stays where it is.
    void pin(line_index at, bool pinned)
    {
        m_flags[at] = static_cast<std::uint8_t>(pinned ? m_flags[at] | pinned_flag : m_flags[at] & ~pinned_flag);
    }
    bool pinned(line_index at) const { return (m_flags[at] & pinned_flag) != 0; }

    void set_dirty(line_index at, std::uint8_t owner)
    {
        m_flags[at] |= dirty_flag;
        m_owners[at] = owner;
    }
    void clean(line_index at) { m_flags[at] = static_cast<std::uint8_t>(m_flags[at] & ~dirty_flag); }
    bool valid(line_index at) const { return (m_flags[at] & valid_flag) != 0; }
    bool dirty(line_index at) const { return (m_flags[at] & dirty_flag) != 0; }
    std::uint8_t owner(line_index at) const { return m_owners[at]; }
    std::uint64_t line_number(line_index at) const { return m_numbers[at]; }

    /// Forgets a line, dirty or not.
    void invalidate(line_index at);
    void invalidate_all();

    /// In ascending order of line number.
    std::vector<line_index> dirty_lines() const;

    std::uint8_t* data(line_index at) { return m_data.data() + std::size_t{at} * m_shape.line_bytes; }
    const std::uint8_t* data(line_index at) const { return m_data.data() + std::size_t{at} * m_shape.line_bytes; }

    unsigned bank_of(std::uint64_t line_number) const { return cache::bank_of(line_number, m_shape.banks); }
    const geometry& shape() const { return m_shape; }

private:
    static constexpr std::uint8_t valid_flag = 1;
    static constexpr std::uint8_t dirty_flag = 2;
    static constexpr std::uint8_t pinned_flag = 4;

    /// Neighbours in a ring in order of use. A ring starts and ends at an anchor, a link that belongs to no line.
    struct link {
        line_index newer, older;
    };

    static constexpr std::uint64_t no_line = ~std::uint64_t{0}; ///< number of no line, in places without one

    /// The part of a line's number that lines of a set are told apart by, nearly always.
    std::uint32_t tag_of(std::uint64_t line_number) const
    {
        return static_cast<std::uint32_t>(line_number >> m_set_bits);
    }
    /// Number of the way with that tag, from 1 on; 0: none. Of several it is no way's, or another's. Every way is
    /// looked at, so that the compiler makes vectors of it.
    line_index way_of(const std::uint32_t* tags, std::uint32_t tag) const
    {
        line_index found = 0;
        if (m_shape.ways == most_few_ways)
            for (line_index way = 0; way < most_few_ways; ++way)
                found |= tags[way] == tag ? way + 1 : 0;
        else
            for (line_index way = 0; way < m_shape.ways; ++way)
                found |= tags[way] == tag ? way + 1 : 0;
        return found;
    }

    line_index set_of(line_index at) const { return at >> m_way_bits; }
    line_index first_of(std::uint64_t line_number) const
    {
        return static_cast<line_index>(line_number & (m_sets - 1)) << m_way_bits;
    }
    // Twice as many buckets as lines; multiplied by 2^64 / golden ratio (Fibonacci hashing), strides of a power of two
    // spread as well as a sequence does.
    std::size_t bucket_of(std::uint64_t line_number) const
    {
        return static_cast<std::size_t>((line_number * 0x9E3779B97F4A7C15u) >> m_bucket_shift);
    }
    line_index anchor(line_index set, bool keep) const { return m_lines + 2 * set + (keep ? 1 : 0); }
    void put_newest(line_index at, line_index ring)
    {
        const line_index second = m_links[ring].older;
        m_links[at] = {ring, second};
        m_links[second].newer = at;
        m_links[ring].older = at;
    }
    void unlink(line_index at)
    {
        const link around = m_links[at];
        m_links[around.newer].older = around.older;
        m_links[around.older].newer = around.newer;
    }
    void forget_number(line_index at);

    line_index choose_victim(line_index set);
    line_index oldest(line_index ring) const;
    line_index random_way(line_index set);

    geometry m_shape;
    line_index m_lines;
    line_index m_sets; ///< of all banks
    unsigned m_way_bits;
    unsigned m_set_bits;
    unsigned m_bucket_shift;

    // By place.
    std::vector<std::uint64_t> m_numbers; ///< line numbers
    std::vector<std::uint8_t> m_flags;
    std::vector<std::uint8_t> m_owners;
    std::vector<std::uint8_t> m_data;

    // Exact order of use without a search: each set has a ring of lines to keep (those of A under a_first) and one of
    // the others. m_links holds the links of the lines by place, then two anchors a set.
    std::vector<link> m_links;

    // A few ways are compared all at once, without a branch that could be mispredicted: by their tags, which lie in a
    // line of the host's cache. For more, a hash table with
    // chains finds a line in any number of ways; it is never walked, so its order decides nothing.
    static constexpr line_index most_few_ways = 16;
    bool m_few_ways;
    std::vector<std::uint32_t> m_tags; ///< by place
    std::vector<line_index> m_buckets; ///< first line of a chain
    std::vector<line_index> m_chain;   ///< by place: next line of its chain

    std::vector<line_index> m_first_free; ///< by set: no way below this one is invalid
    std::uint64_t m_random_state;
};

} // namespace loas::cache
