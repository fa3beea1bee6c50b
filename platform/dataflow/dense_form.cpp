// The rule for any order: a level that keeps the piece of an operand that the inner loops touch fills it as often as the
// loops from the outermost down to the innermost that indexes the operand run; those directly outside the kept piece that
// do not index it cost nothing. Tiling splits a loop in two.
#include "platform/dataflow/dense_form.h"

#include "platform/dataflow/bits_of.h"
#include "platform/dataflow/sparse_layer.h"

#include <algorithm>

namespace loas::dataflow
{
namespace
{

bool among(std::initializer_list<loop> some, loop each)
{
    return std::find(some.begin(), some.end(), each) != some.end();
}

std::size_t innermost_of(const loop_nest& nest, std::initializer_list<loop> own)
{
    std::size_t place = 0;
    for (const loop each : own)
        place = std::max(place, nest.innermost(each));
    return place;
}

/// Steps of the loops that do not index the operand, outside of `end`.
std::uint64_t other_steps(const loop_nest& nest, std::initializer_list<loop> own, std::size_t end)
{
    std::uint64_t steps = 1;
    for (const loop each : {loop::m, loop::n, loop::k, loop::t})
        if (!among(own, each))
            steps *= nest.steps_outside(each, end);
    return steps;
}

std::uint64_t touched(const loop_nest& nest, std::size_t inside, std::initializer_list<loop> own)
{
    std::uint64_t items = 1;
    for (const loop each : own)
        items *= nest.touched_inside(inside, each);
    return items;
}

} // namespace

std::size_t loop_nest::outermost(loop which) const
{
    return static_cast<std::size_t>(
        std::find_if(loops.begin(), loops.end(), [&](const entry& each) { return each.which == which; }) - loops.begin());
}

std::size_t loop_nest::innermost(loop which) const
{
    return loops.size() - 1 -
           static_cast<std::size_t>(
               std::find_if(loops.rbegin(), loops.rend(), [&](const entry& each) { return each.which == which; }) -
               loops.rbegin());
}

std::uint64_t loop_nest::steps_outside(loop which, std::size_t end) const
{
    const std::size_t first = outermost(which), last = innermost(which);
    if (first >= end)
        return 1;
    if (last >= end)
        return loops[first].steps;
    if (first == last)
        return loops[last].steps;
    std::uint64_t steps = 0;
    for (std::uint64_t tile = 0; tile < loops[first].steps; ++tile)
        steps += groups_of(in_group(sizes.of(which), loops[first].held, tile), units.of(which));
    return steps;
}

std::uint64_t loop_nest::touched_inside(std::size_t at, loop which) const
{
    for (std::size_t i = at + 1; i < loops.size(); ++i)
        if (loops[i].which == which)
            return loops[i].touched;
    return loops[innermost(which)].held;
}

loop_nest nest_of(const loop_order& order, const layer_sizes& sizes, const unrolling& space, const tiling& tiles)
{
    loop_nest nest;
    nest.sizes = sizes;
    nest.units = {space.units_of(loop::m), space.units_of(loop::n), space.units_of(loop::k), 1};
    for (const tiling::tile& each : tiles.tiles)
        if (const std::uint64_t size = sizes.of(each.of); each.size < size)
            nest.loops.push_back({each.of, true, groups_of(size, each.size), size, each.size});
    for (const loop each : order.loops) {
        const std::uint64_t size = tiles.size_of(each, sizes.of(each)), units = nest.units.of(each);
        nest.loops.push_back({each, false, groups_of(size, units), size, std::min(size, units)});
    }
    return nest;
}

dense_form dense_of(const loop_nest& nest, unsigned word_timesteps)
{
    const layer_sizes& sizes = nest.sizes;
    const auto fetched = [&](std::initializer_list<loop> own) {
        std::uint64_t items = other_steps(nest, own, innermost_of(nest, own));
        for (const loop each : own)
            items *= sizes.of(each);
        return items;
    };
    const std::size_t m = nest.outermost(loop::m), k = nest.outermost(loop::k), t = nest.outermost(loop::t);
    dense_form form;
    form.fetches = {fetched({loop::m, loop::k, loop::t}), fetched({loop::k, loop::n}), fetched({loop::m, loop::n, loop::t})};
    form.once_if_items = {touched(nest, nest.outermost(loop::n), {loop::m, loop::k, loop::t}),
                          touched(nest, sizes.t > 1 ? std::min(m, t) : m, {loop::k, loop::n}),
                          touched(nest, k, {loop::m, loop::n, loop::t})};
    form.live_sums = form.once_if_items.o * word_timesteps;
    // With t inside k the sums of all timesteps wait, and a neuron takes them one after another when they are complete.
    if (sizes.t > 1 && t < k) {
        form.live_potentials = touched(nest, t, {loop::m, loop::n});
        // The neurons of a single step of all units stay in these.
        const std::uint64_t in_units = nest.loops[nest.innermost(loop::m)].held * nest.loops[nest.innermost(loop::n)].held;
        form.stored_potentials = form.live_potentials > in_units ? form.live_potentials : 0;
    }
    return form;
}

std::uint64_t dense_latency_cycles(const loop_nest& nest)
{
    return other_steps(nest, {}, nest.loops.size());
}

reuse_curve dense_curve(const loop_nest& nest, std::initializer_list<loop> own, std::uint64_t item_bits,
                        const std::vector<std::uint64_t>& capacities_bits)
{
    const std::size_t innermost = innermost_of(nest, own);
    std::uint64_t whole = item_bits, times = 1;
    for (const loop each : own)
        whole *= nest.sizes.of(each);
    reuse_sum sum(capacities_bits);
    for (std::size_t i = 0; i < innermost; ++i) {
        if (among(own, nest.loops[i].which))
            continue;
        const std::uint64_t with_it = other_steps(nest, own, i + 1);
        sum.again(whole, with_it - times, item_bits * touched(nest, i, own));
        times = with_it;
    }
    sum.first(whole, times);
    return sum.curve();
}

namespace
{

/// Without tiles: the neurons of a step of the loops outside t wait together, in the last steps fewer.
reuse_curve waiting_of(const loop_nest& nest, const std::vector<std::uint64_t>& capacities_bits)
{
    const std::size_t t = nest.outermost(loop::t);
    std::uint64_t inside = sum_bits;
    std::vector<loop> outside;
    for (const loop each : {loop::m, loop::n})
        if (nest.outermost(each) < t)
            outside.push_back(each);
        else
            inside *= nest.sizes.of(each);
    reuse_sum sum(capacities_bits);
    const auto add = [&](auto&& self, std::size_t depth, std::uint64_t steps, std::uint64_t bits) -> void {
        if (depth == outside.size()) {
            sum.first(steps * bits, nest.sizes.t);
            sum.again(steps * bits, nest.sizes.t - 1, bits);
            return;
        }
        const std::uint64_t size = nest.sizes.of(outside[depth]), units = nest.units.of(outside[depth]), rest = size % units;
        if (size >= units)
            self(self, depth + 1, steps * (size / units), bits * units);
        if (rest > 0)
            self(self, depth + 1, steps, bits * rest);
    };
    add(add, 0, 1, inside);
    return sum.curve();
}

/// With them: visit after visit.
class potential_walk
{
public:
    potential_walk(const loop_nest& nest, const std::vector<std::uint64_t>& capacities_bits)
        : m_nest(nest), m_columns(groups(loop::n)), m_pass(capacities_bits, sizes())
    {
        const std::size_t k = nest.outermost(loop::k);
        for (std::size_t i = 0; i < nest.loops.size(); ++i) // without those that are over when a neuron has its sums
            if (nest.loops[i].which != loop::k && (nest.loops[i].which != loop::t || i < k))
                m_loops.push_back(nest.loops[i]);
        step_into(0);
    }
    reuse_curve curve() const { return m_pass.curve(); }

private:
    /// Of units, which end where a tile does.
    std::uint64_t group(loop which) const { return m_nest.loops[m_nest.innermost(which)].held; }
    std::uint64_t groups(loop which) const { return groups_of(m_nest.sizes.of(which), group(which)); }
    std::vector<std::uint64_t> sizes() const
    {
        std::vector<std::uint64_t> bits;
        for (std::uint64_t m = 0; m < groups(loop::m); ++m)
            for (std::uint64_t n = 0; n < groups(loop::n); ++n)
                bits.push_back(in_group(m_nest.sizes.m, group(loop::m), m) * in_group(m_nest.sizes.n, group(loop::n), n) * sum_bits);
        return bits;
    }
    void step_into(std::size_t depth)
    {
        if (depth == m_loops.size()) {
            const std::size_t visited = m_first.m / group(loop::m) * m_columns + m_first.n / group(loop::n);
            if (visited != m_last)
                m_pass.access(visited);
            m_last = visited;
            return;
        }
        const loop_nest::entry& each = m_loops[depth];
        std::uint64_t& first = each.which == loop::m ? m_first.m : each.which == loop::n ? m_first.n : m_first.t;
        const std::uint64_t from = first, size = m_nest.sizes.of(each.which);
        for (std::uint64_t i = from; i < std::min(from + each.touched, size); i += each.held) {
            first = i;
            step_into(depth + 1);
        }
        first = from;
    }

    const loop_nest& m_nest;
    std::uint64_t m_columns; ///< groups of n
    reuse_pass m_pass;
    std::vector<loop_nest::entry> m_loops;
    layer_sizes m_first; ///< index of the step
    std::size_t m_last = ~std::size_t{0};
};

} // namespace

reuse_curve potentials_of(const loop_nest& nest, const dense_form& dense, const std::vector<std::uint64_t>& capacities_bits)
{
    if (dense.stored_potentials == 0)
        return reuse_sum(capacities_bits).curve();
    reuse_curve curve = nest.loops.size() == 4 ? waiting_of(nest, capacities_bits) : potential_walk(nest, capacities_bits).curve();
    const std::uint64_t waiting_bits = dense.stored_potentials * sum_bits, again_bits = curve.accessed_bits - curve.first_bits;
    for (std::size_t i = 0; i < capacities_bits.size(); ++i) {
        const double kept = static_cast<double>(std::min(capacities_bits[i], waiting_bits)) / static_cast<double>(waiting_bits);
        curve.pinned_bits[i] = curve.accessed_bits - static_cast<std::uint64_t>(static_cast<double>(again_bits) * kept);
    }
    return curve;
}

} // namespace loas::dataflow
