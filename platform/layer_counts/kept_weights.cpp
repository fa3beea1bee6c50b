#include "platform/layer_counts/kept_weights.h"

#include "platform/reuse/stack_distance.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace loas::dataflow
{
namespace
{

constexpr std::size_t unseen = std::numeric_limits<std::size_t>::max();

} // namespace

std::vector<std::uint64_t> kept_weights::run(std::size_t layer, const touched_fibers& of)
{
    // Fibers by a number: their place in the stack, and behind it those that are not there.
    std::vector<std::uint64_t> sizes;
    std::vector<std::size_t> number(of.sizes_bits.size(), unseen);
    for (std::size_t i = 0; i < m_stack.size(); ++i) {
        sizes.push_back(m_stack[i].bits);
        if (m_stack[i].layer == layer)
            number[m_stack[i].fiber] = i;
    }
    for (const std::uint32_t fiber : of.first)
        if (number[fiber] == unseen) {
            number[fiber] = sizes.size();
            sizes.push_back(of.sizes_bits[fiber]);
        }
    access_tree distances(sizes, sizes.size());
    std::vector<std::uint32_t> before(m_stack.size());
    std::iota(before.begin(), before.end(), 0U);
    distances.start_from(before);

    std::vector<std::uint64_t> hit_bits(m_capacities.size() + 1);
    for (const std::uint32_t fiber : of.first)
        if (const std::uint64_t distance = distances.access(number[fiber]); distance != no_distance) {
            hit_bits[static_cast<std::size_t>(std::lower_bound(m_capacities.begin(), m_capacities.end(), distance) - m_capacities.begin())] +=
                of.sizes_bits[fiber];
            m_stack[number[fiber]].bits = 0; // it moves to the end
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
