// The rule for any order: a level that keeps the piece of an operand that the inner loops touch fills it as often as the
// loops from the outermost down to the innermost that indexes the operand run; those directly outside the kept piece that
// do not index it cost nothing.
#include "platform/dataflow/fetches.h"

#include <algorithm>
#include <initializer_list>

namespace loas::dataflow
{

fiber_bits spike_bits(stored how, unsigned word_timesteps)
{
    const bool words = word_timesteps > 1;
    switch (how) {
    case stored::raw: return {word_timesteps, 0};
    case stored::bitmask: return {1, words ? word_timesteps : 0U};
    case stored::coordinates: return {0, coordinate_bits + (words ? word_timesteps : 0U)};
    }
    return {};
}

fiber_bits weight_bits_of(stored how)
{
    switch (how) {
    case stored::raw: return {weight_bits, 0};
    case stored::bitmask: return {1, weight_bits};
    case stored::coordinates: return {0, coordinate_bits + weight_bits};
    }
    return {};
}

dense_form dense_of(const loop_order& order, const layer_sizes& sizes, const unrolling& space, unsigned word_timesteps)
{
    const auto steps = [&](loop each) { // of the loop in time
        return each == space.over ? groups_of(sizes.of(each), space.units) : sizes.of(each);
    };
    const auto units = [&](loop each) { // that hold something of their own
        return each == space.over ? std::min<std::uint64_t>(space.units, sizes.of(each)) : 1;
    };
    // Items without a buffer: all of the operand's own loops, and the others down to the innermost of them.
    const auto fetched = [&](std::initializer_list<loop> own, std::initializer_list<loop> others) {
        std::uint64_t items = 1;
        for (const loop each : own)
            items *= sizes.of(each);
        for (const loop other : others)
            if (std::any_of(own.begin(), own.end(), [&](loop each) { return order.outside(other, each); }))
                items *= steps(other);
        return items;
    };
    // What the loops inside `outer` touch, in all units.
    const auto touched_inside = [&](loop outer, std::initializer_list<loop> own) {
        std::uint64_t items = 1;
        for (const loop each : own)
            items *= order.outside(outer, each) ? sizes.of(each) : units(each);
        return items;
    };
    dense_form form;
    form.fetches = {fetched({loop::m, loop::k, loop::t}, {loop::n}), fetched({loop::k, loop::n}, {loop::m, loop::t}),
                    fetched({loop::m, loop::n, loop::t}, {loop::k})};
    const loop outer_of_b = order.outside(loop::m, loop::t) ? loop::m : loop::t;
    form.once_if_items = {touched_inside(loop::n, {loop::m, loop::k, loop::t}),
                          touched_inside(sizes.t > 1 ? outer_of_b : loop::m, {loop::k, loop::n}),
                          touched_inside(loop::k, {loop::m, loop::n, loop::t})};
    form.live_sums = form.once_if_items.o * word_timesteps;
    // With t inside k the sums of all timesteps wait, and a neuron takes them one after another when they are complete.
    if (sizes.t > 1 && order.outside(loop::t, loop::k)) {
        form.live_potentials = touched_inside(loop::t, {loop::m, loop::n});
        const bool in_units = order.outside(loop::m, loop::t) && order.outside(loop::n, loop::t);
        form.stored_potentials = in_units ? 0 : form.live_potentials;
    }
    return form;
}

} // namespace loas::dataflow
