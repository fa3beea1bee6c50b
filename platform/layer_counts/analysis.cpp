#include "platform/layer_counts/analysis.h"

#include "models/functional/bits.h"
#include "platform/layer_counts/tiled_fibers.h"
#include "platform/layer_counts/tiled_work.h"

#include <algorithm>
#include <list>
#include <map>
#include <optional>

namespace loas::dataflow
{
namespace
{

/// What points with the same unrolling and tiles share.
struct shared_counts {
    shared_counts(const sparse_layer& layer, const mapping& of, unsigned word, const std::vector<std::uint64_t>& capacities_bits,
                  const work_rules& rules)
        : point(of), word_timesteps(word), packed_words(word == 1 ? sparse_layer{} : packed(layer, word)),
          words(word == 1 ? layer : packed_words), items(words, of.space),
          work(words, items, of.space, rules), capacities(capacities_bits)
    {
        for (tiling::tile& each : point.tiles.tiles)
            if (each.of == loop::t)
                each.size = groups_of(each.size, word);
    }
    fiber_curves buffered(const loop_order& order, const formats& format)
    {
        if (point.tiles.empty()) {
            if (!fibers)
                fibers.emplace(words, point.space, word_timesteps, capacities);
            return fibers->buffered(order, format);
        }
        if (!tiled_fibers)
            tiled_fibers.emplace(words, point.space, word_timesteps, point.tiles, capacities);
        return tiled_fibers->buffered(order, format);
    }
    bool serves(const mapping& other, unsigned word) const
    {
        return word_timesteps == word && point.space == other.space && asked_tiles == other.tiles;
    }

    mapping point; ///< with tiles of t in words
    tiling asked_tiles = point.tiles;
    unsigned word_timesteps;
    sparse_layer packed_words; ///< of several timesteps
    const sparse_layer& words;
    item_counter items;
    work_counter work;
    const std::vector<std::uint64_t>& capacities;
    std::optional<fiber_counter> fibers; ///< where nothing is skipped, they are not needed
    std::optional<tiled_fiber_counter> tiled_fibers;
    std::vector<tile_order> tile_orders; ///< of all points with these tiles
    std::size_t next_tile_order = 0;
};

/// A loop of one step may stand anywhere: outermost, where no rule sees it.
loop_order in_time(loop_order order, std::uint64_t steps)
{
    if (steps == 1)
        std::rotate(order.loops.begin(), order.loops.begin() + static_cast<std::ptrdiff_t>(order.place_of(loop::t)),
                    order.loops.begin() + static_cast<std::ptrdiff_t>(order.place_of(loop::t)) + 1);
    return order;
}

/// Which of the units' loops is not divided says nothing; nor does a unit's only timestep in words. Where units meet is
/// for their latency alone.
mapping in_effect(mapping point, unsigned word)
{
    if (point.space.all_units() == 1)
        point.space.over = loop::m;
    point.space.timesteps = word;
    point.space.meet = {};
    return point;
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
    b_kept_bits.resize(other.b_kept_bits.size());
    for (std::size_t i = 0; i < b_kept_bits.size(); ++i)
        b_kept_bits[i] += other.b_kept_bits[i];
    output_bits += other.output_bits;
}

std::vector<point_counts> analyse(const sparse_layer& layer, const std::vector<mapping>& points,
                                  const std::vector<std::uint64_t>& capacities_bits, const work_rules& rules,
                                  std::vector<touched_fibers>* weights)
{
    std::list<shared_counts> all_shared;
    std::vector<shared_counts*> shared; // of each point
    const auto steps_of = [](const shared_counts& of) { return of.point.tiles.size_of(loop::t, of.words.t); };
    for (const mapping& asked : points) {
        const unsigned word = asked.word_timesteps(layer.t);
        const mapping point = in_effect(asked, word);
        auto found = std::find_if(all_shared.begin(), all_shared.end(),
                                  [&](const shared_counts& each) { return each.serves(point, word); });
        if (found == all_shared.end())
            found = all_shared.emplace(found, layer, point, word, capacities_bits, rules);
        if (!point.tiles.empty())
            found->tile_orders.push_back({in_time(point.order, steps_of(*found)), point.format, asked.space.meet});
        shared.push_back(&*found);
    }
    for (shared_counts& each : all_shared)
        if (!each.point.tiles.empty())
            count_in_tiles(each.words, each.point.space, each.point.tiles, rules, each.tile_orders);

    std::uint64_t spike_matches = 0;
    for (std::size_t i = 0; i < layer.spikes.places.size(); ++i)
        spike_matches += std::uint64_t{layer.weights.length(layer.spikes.places[i])} *
                         functional::popcount(layer.spikes.words[i]);
    std::map<unsigned, std::uint64_t> known_outputs; // by timesteps of a word
    const auto outputs_of = [&](const shared_counts& of) {
        const auto found = known_outputs.find(of.word_timesteps);
        return found != known_outputs.end() ? found->second : known_outputs[of.word_timesteps] = outputs_with_matches(of.words);
    };
    std::vector<point_counts> all;
    for (std::size_t i = 0; i < points.size(); ++i) {
        shared_counts& of = *shared[i];
        const mapping& point = points[i];
        const loop_order order = in_time(point.order, steps_of(of));
        point_counts counts;
        counts.point = point;
        counts.sizes = {layer.m, layer.n, layer.k, of.words.t};
        counts.word_timesteps = of.word_timesteps;
        counts.runs = 1;
        counts.spike_matches = spike_matches;
        const loop_nest nest = nest_of(order, counts.sizes, of.point.space, of.point.tiles);
        counts.dense = dense_of(nest, of.word_timesteps);
        counts.dense_latency_cycles = dense_latency_cycles(nest);
        if (point.tiles.empty()) {
            counts.work = of.work.of(order, point.format, point.space.meet);
            counts.work.outputs = outputs_of(of);
            counts.fetches = of.items.items(order, counts.work.outputs);
        } else {
            const tile_order& tiled = of.tile_orders[of.next_tile_order++];
            counts.work = tiled.work;
            counts.work.outputs = outputs_of(of); // once for all tiles of K
            counts.fetches = tiled.fetches;
        }
        fiber_curves curves;
        if (point.format.dense()) {
            counts.fetches = counts.dense.fetches;
            counts.work.latency_cycles = counts.dense_latency_cycles;
            const auto curve = [&](std::initializer_list<loop> own, std::uint64_t bits) {
                return dense_curve(nest, own, bits, capacities_bits);
            };
            curves = {curve({loop::m, loop::k, loop::t}, of.word_timesteps), curve({loop::k, loop::n}, weight_bits),
                      curve({loop::m, loop::n, loop::t}, std::uint64_t{sum_bits} * of.word_timesteps)};
        } else
            curves = of.buffered(order, point.format);
        if (weights != nullptr && point.format.dense()) // all of them, in the same order each time
            weights->push_back({{layer.n * layer.k * weight_bits}, {0}, {0}});
        else if (weights != nullptr) // by what has counted the curves
            weights->push_back(of.fibers ? of.fibers->touched_weights(order, point.format)
                                         : of.tiled_fibers->touched_weights(order, point.format));
        counts.a = std::move(curves.a);
        counts.b = std::move(curves.b);
        counts.o = std::move(curves.o);
        counts.u = potentials_of(nest, counts.dense, capacities_bits);
        counts.output_bits = layer.m * layer.n * layer.t;
        all.push_back(std::move(counts));
    }
    return all;
}

} // namespace loas::dataflow
