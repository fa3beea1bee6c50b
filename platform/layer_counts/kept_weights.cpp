#include "platform/layer_counts/kept_weights.h"

#include <algorithm>

namespace loas::dataflow
{
namespace
{

constexpr std::uint32_t nowhere = 0;

/// Of bits at places from 1: a Fenwick tree of what is at a place and behind it.
class bits_behind
{
public:
    explicit bits_behind(std::size_t places) : m_sums(places + 1) {}

    void set(std::size_t place, std::uint64_t bits) { m_sums[place] = bits; }
    void sum_up()
    {
        for (std::size_t place = m_sums.size(); place-- > 1;)
            if (const std::size_t down = place & (place - 1); down > 0)
                m_sums[down] += m_sums[place];
    }
    std::uint64_t from(std::size_t place) const
    {
        std::uint64_t bits = 0;
        for (; place < m_sums.size(); place += place & (~place + 1))
            bits += m_sums[place];
        return bits;
    }
    void take(std::size_t place, std::uint64_t bits)
    {
        for (; place > 0; place &= place - 1)
            m_sums[place] -= bits;
    }

private:
    std::vector<std::uint64_t> m_sums;
};

} // namespace

std::vector<std::uint64_t> kept_weights::run(std::size_t layer, const touched_fibers& of)
{
    std::vector<std::uint32_t> place(of.sizes_bits.size(), nowhere); // of this layer's fibers in the stack, from 1
    bits_behind behind(m_stack.size());
    for (std::size_t i = 0; i < m_stack.size(); ++i) {
        behind.set(i + 1, m_stack[i].bits);
        if (m_stack[i].layer == layer)
            place[m_stack[i].fiber] = static_cast<std::uint32_t>(i + 1);
    }
    behind.sum_up();
    std::vector<std::uint64_t> hit_bits(m_capacities.size() + 1);
    std::uint64_t taken_bits = 0;
    for (const std::uint32_t fiber : of.first) {
        const std::uint64_t bits = of.sizes_bits[fiber];
        if (place[fiber] != nowhere) {
            const std::uint64_t distance = taken_bits + behind.from(place[fiber]);
            hit_bits[static_cast<std::size_t>(std::lower_bound(m_capacities.begin(), m_capacities.end(), distance) - m_capacities.begin())] += bits;
            behind.take(place[fiber], bits);
            m_stack[place[fiber] - 1].bits = 0; // it moves to the end
        }
        taken_bits += bits;
    }
    m_stack.erase(std::remove_if(m_stack.begin(), m_stack.end(), [](const entry& each) { return each.bits == 0; }), m_stack.end());
    for (const std::uint32_t fiber : of.last)
        m_stack.push_back({static_cast<std::uint32_t>(layer), fiber, of.sizes_bits[fiber]});
    // What no capacity holds.
    std::size_t first = m_stack.size();
    for (std::uint64_t bits = 0; first > 0 && !m_capacities.empty() && bits + m_stack[first - 1].bits <= m_capacities.back(); --first)
        bits += m_stack[first - 1].bits;
    m_stack.erase(m_stack.begin(), m_stack.begin() + static_cast<std::ptrdiff_t>(first));
    for (std::size_t i = 1; i < hit_bits.size(); ++i)
        hit_bits[i] += hit_bits[i - 1];
    hit_bits.pop_back();
    return hit_bits;
}

} // namespace loas::dataflow
