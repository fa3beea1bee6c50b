// What a buffer of any capacity moves: one pass over the accesses to the fibers of an operand gives the stack distance
// of each, and with it the hits of an LRU buffer of every capacity.
#pragma once

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

    std::uint64_t best_bits(std::size_t i) const { return lru_bits[i] < pinned_bits[i] ? lru_bits[i] : pinned_bits[i]; }
    void add(const reuse_curve& other);
};

/// Takes the accesses in their order. A fiber is accessed whole. It hits in an LRU buffer that holds it and all other
/// fibers that were accessed since it was last: the sum of their sizes is the stack distance.
class reuse_pass
{
public:
    /// capacities_bits: ascending. sizes_bits: of each fiber. at_a_time: fibers between calls of forget(); 0: all.
    reuse_pass(const std::vector<std::uint64_t>& capacities_bits, std::vector<std::uint64_t> sizes_bits, std::size_t at_a_time = 0);

    /// None of the fibers so far comes again.
    void forget();

    void access(std::size_t fiber)
    {
        if (fiber == m_last) // nothing in between
            ++m_again[fiber];
        else
            access_other(fiber);
    }

    reuse_curve curve() const;

private:
    static constexpr std::uint32_t never = 0;

    void access_other(std::size_t fiber);
    void renumber();
    void add_at(std::size_t time, std::uint64_t bits);
    std::uint64_t up_to(std::size_t time) const;
    std::size_t bucket_of(std::uint64_t distance_bits) const;

    const std::vector<std::uint64_t>& m_capacities;
    std::vector<std::uint64_t> m_sizes;
    std::vector<std::uint64_t> m_sums;     ///< a Fenwick tree over the times of last accesses: sizes of their fibers
    std::vector<std::uint32_t> m_time;     ///< of a fiber's last access, from 1; `never`
    std::vector<std::uint32_t> m_fiber_at; ///< time; one more than the fiber
    std::size_t m_now = 0;
    std::uint64_t m_live_bits = 0; ///< of fibers that were accessed
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
