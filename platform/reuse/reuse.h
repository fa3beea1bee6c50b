// What a buffer of any capacity moves: one pass over the accesses to the fibers of an operand gives the stack distance
// of each, and with it the hits of an LRU buffer of every capacity.
#pragma once

#include "platform/reuse/stack_distance.h"

#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace loas::dataflow
{

/// Bits that an operand moves over the edge of a buffer, for each capacity of a list.
struct reuse_curve {
    std::uint64_t first_bits = 0;    ///< each fiber once
    std::uint64_t accessed_bits = 0; ///< each access: no buffer
    std::vector<std::uint64_t> lru_bits;
    /// As much of what is accessed most often as the capacity holds stays for the whole layer, the last fiber in part.
    std::vector<std::uint64_t> pinned_bits;

    void add(const reuse_curve& other);
};

/// The smallest of some capacities that has a number of bits: their place in a list, found by the number's first bits.
class capacity_scale
{
public:
    /// Ascending.
    explicit capacity_scale(const std::vector<std::uint64_t>& capacities_bits);

    /// As std::lower_bound; without branches that nobody could predict.
    std::size_t place_of(std::uint64_t bits) const
    {
        std::size_t place = m_first[cell_of(bits)];
        for (unsigned i = 0; i < m_most_in_a_cell; ++i)
            place += m_capacities[place] < bits;
        return place;
    }

private:
    static constexpr unsigned cell_bits = 4; ///< behind the first bit that is set

    static std::size_t cell_of(std::uint64_t bits)
    {
        if (bits < 1U << cell_bits)
            return bits;
        const unsigned shift = 63 - cell_bits - static_cast<unsigned>(__builtin_clzll(bits));
        return (std::size_t{shift} << cell_bits) + (bits >> shift);
    }

    std::vector<std::uint64_t> m_capacities; ///< and one behind them that has everything
    std::array<std::uint16_t, (65 - cell_bits) << cell_bits> m_first{};
    unsigned m_most_in_a_cell = 0;
};

/// Takes the accesses in their order. A fiber is accessed whole. It hits in an LRU buffer that holds it and all other
/// fibers that were accessed since it was last: the sum of their sizes is the stack distance.
class reuse_pass
{
public:
    /// capacities_bits: ascending. sizes_bits: of each fiber. at_a_time: fibers between calls of forget(); 0: all.
    reuse_pass(const std::vector<std::uint64_t>& capacities_bits, std::vector<std::uint64_t> sizes_bits, std::size_t at_a_time = 0);

    reuse_pass(const reuse_pass&) = delete; // distances are of these very sizes
    reuse_pass& operator=(const reuse_pass&) = delete;

    /// None of the fibers so far comes again.
    void forget()
    {
        m_distances.forget();
        m_last = m_sizes.size();
    }

    void access(std::size_t fiber)
    {
        if (fiber == m_last) // nothing in between
            ++m_again[fiber];
        else
            access_other(fiber);
    }

    /// So many times right behind each other.
    void access(std::size_t fiber, std::uint64_t times)
    {
        access(fiber);
        m_again[fiber] += times - 1;
    }

    reuse_curve curve() const;

private:
    void access_other(std::size_t fiber)
    {
        if (const std::uint64_t distance = m_distances.access(fiber); distance != no_distance)
            m_hit_bits[m_scale.place_of(distance)] += m_sizes[fiber];
        ++m_accesses[fiber];
        m_last = fiber;
    }

    const std::vector<std::uint64_t>& m_capacities;
    capacity_scale m_scale;
    std::vector<std::uint64_t> m_sizes;
    stack_distances m_distances;
    std::size_t m_last;
    std::vector<std::uint64_t> m_accesses, m_again; ///< of a fiber; those right behind each other
    std::vector<std::uint64_t> m_hit_bits;          ///< by the smallest capacity that has them; beyond all: the last one
};

/// The same where accesses follow a rule.
class reuse_sum
{
public:
    explicit reuse_sum(const std::vector<std::uint64_t>& capacities_bits) : m_capacities(capacities_bits), m_hit_bits(capacities_bits.size() + 1) {}

    /// Fibers with so many bits together, each of which is accessed this often.
    void first(std::uint64_t bits, std::uint64_t accesses_each) { m_bits_by_accesses[accesses_each] += bits; }
    /// Of such accesses, those of so many bits that come again at this stack distance.
    void again(std::uint64_t bits_each_time, std::uint64_t times, std::uint64_t distance_bits);
    /// Both, of a fiber whose accesses stand right behind each other.
    void of_each(std::uint64_t bits, std::uint64_t accesses)
    {
        first(bits, accesses);
        again(bits, accesses - 1, bits);
    }

    reuse_curve curve() const;

private:
    const std::vector<std::uint64_t>& m_capacities;
    std::vector<std::uint64_t> m_hit_bits;
    std::map<std::uint64_t, std::uint64_t> m_bits_by_accesses;
};

} // namespace loas::dataflow
