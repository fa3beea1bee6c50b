#include "platform/dataflow/analysis.h"

#include "models/functional/bits.h"

#include <algorithm>
#include <list>

namespace loas::dataflow
{
namespace
{

/// What points with the same unrolling share.
struct shared_counts {
    shared_counts(const sparse_layer& layer, const unrolling& of, unsigned word,
                  const std::vector<std::uint64_t>& capacities_bits, const work_rules& rules)
        : space(of), word_timesteps(word), words(word == 1 ? layer : packed(layer, word)),
          fetches(words, space, word, capacities_bits), work(words, fetches, space, rules)
    {
    }

    unrolling space;
    unsigned word_timesteps;
    sparse_layer words;
    fetch_counter fetches;
    work_counter work;
};

/// A loop of one step may stand anywhere: outermost, where no rule sees it.
loop_order in_time(loop_order order, unsigned steps)
{
    if (steps == 1)
        std::rotate(order.loops.begin(), order.loops.begin() + static_cast<std::ptrdiff_t>(order.place_of(loop::t)),
                    order.loops.begin() + static_cast<std::ptrdiff_t>(order.place_of(loop::t)) + 1);
    return order;
}

/// Potentials of neurons that wait for the next timestep: each is written and read once for all timesteps but one, in
/// the same order again and again, so that a buffer has all of those that wait at a time, or none of them in LRU order.
reuse_curve potentials_of(const dense_form& dense, const layer_sizes& sizes, const std::vector<std::uint64_t>& capacities_bits)
{
    reuse_sum sum(capacities_bits);
    if (dense.stored_potentials > 0 && sizes.t > 1) {
        const std::uint64_t bits = sizes.m * sizes.n * sum_bits;
        sum.first(bits, sizes.t);
        sum.again(bits, sizes.t - 1, dense.stored_potentials * sum_bits);
    }
    return sum.curve();
}

/// As many of those that wait at a time as the capacity holds.
void pin_potentials(reuse_curve& curve, const dense_form& dense, const std::vector<std::uint64_t>& capacities_bits)
{
    if (curve.first_bits == 0)
        return;
    const std::uint64_t waiting_bits = dense.stored_potentials * sum_bits;
    const std::uint64_t again_bits = curve.accessed_bits - curve.first_bits;
    for (std::size_t i = 0; i < capacities_bits.size(); ++i) {
        const double kept = static_cast<double>(std::min(capacities_bits[i], waiting_bits)) / static_cast<double>(waiting_bits);
        curve.pinned_bits[i] = curve.accessed_bits - static_cast<std::uint64_t>(static_cast<double>(again_bits) * kept);
    }
}

} // namespace

void point_counts::add(const point_counts& other)
{
    runs += other.runs;
    spike_matches += other.spike_matches;
    work.add(other.work);
    fetches.add(other.fetches);
    dense.fetches.add(other.dense.fetches);
    dense_latency_cycles += other.dense_latency_cycles;
    a.add(other.a);
    b.add(other.b);
    o.add(other.o);
    u.add(other.u);
    output_bits += other.output_bits;
}

std::vector<point_counts> analyse(const sparse_layer& layer, const std::vector<mapping>& points,
                                  const std::vector<std::uint64_t>& capacities_bits, const work_rules& rules)
{
    std::list<shared_counts> shared;
    std::uint64_t spike_matches = 0;
    for (std::size_t i = 0; i < layer.spikes.places.size(); ++i)
        spike_matches += std::uint64_t{layer.weights.length(layer.spikes.places[i])} *
                         functional::popcount(layer.spikes.words[i]);
    std::vector<point_counts> all;
    for (const mapping& point : points) {
        const unsigned word = point.space.word_timesteps(layer.t);
        unrolling space = point.space;
        if (space.units == 1) // which loop is not divided says nothing
            space.over = loop::m;
        auto found = std::find_if(shared.begin(), shared.end(), [&](const shared_counts& each) {
            return each.space.over == space.over && each.space.units == space.units && each.word_timesteps == word;
        });
        if (found == shared.end())
            found = shared.emplace(found, layer, space, word, capacities_bits, rules);
        const loop_order order = in_time(point.order, found->words.t);
        point_counts counts;
        counts.point = point;
        counts.sizes = {layer.m, layer.n, layer.k, found->words.t};
        counts.word_timesteps = word;
        counts.runs = 1;
        counts.spike_matches = spike_matches;
        counts.work = found->work.of(order, point.format);
        counts.dense = dense_of(order, counts.sizes, space, word);
        counts.dense_latency_cycles = dense_latency_cycles(counts.sizes, space);
        fetch_counter::curves curves;
        if (point.format.dense()) {
            counts.fetches = counts.dense.fetches;
            counts.work.latency_cycles = counts.dense_latency_cycles;
            curves = found->fetches.buffered_dense(order);
        } else {
            counts.fetches = found->fetches.items(order, counts.work.outputs);
            curves = found->fetches.buffered(order, point.format);
        }
        counts.a = std::move(curves.a);
        counts.b = std::move(curves.b);
        counts.o = std::move(curves.o);
        counts.u = potentials_of(counts.dense, counts.sizes, capacities_bits);
        pin_potentials(counts.u, counts.dense, capacities_bits);
        counts.output_bits = layer.m * layer.n * layer.t;
        all.push_back(std::move(counts));
    }
    return all;
}

} // namespace loas::dataflow
