#include "platform/layer_counts/tiled_work.h"

#include "models/functional/bits.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::dataflow
{
namespace
{

/// Entries of some lines at some places, counted from the first of each, with the words' bits from `bit` on.
lists cut(const lists& of, std::uint64_t first_line, std::uint64_t lines, std::uint64_t first_place, std::uint64_t places,
          unsigned bit = 0, unsigned bits = 16)
{
    const auto mask = static_cast<std::uint16_t>(functional::low_bits(bits));
    lists to;
    to.first.push_back(0);
    for (std::uint64_t line = first_line; line < first_line + lines; ++line) {
        const auto begin = of.places.begin() + of.first[line], end = of.places.begin() + of.first[line + 1];
        for (auto at = std::lower_bound(begin, end, first_place); at != end && *at < first_place + places; ++at) {
            if (!of.words.empty()) {
                const auto word = static_cast<std::uint16_t>(of.words[static_cast<std::size_t>(at - of.places.begin())] >> bit & mask);
                if (word == 0)
                    continue;
                to.words.push_back(word);
            }
            to.places.push_back(static_cast<std::uint32_t>(*at - first_place));
        }
        to.first.push_back(static_cast<std::uint32_t>(to.places.size()));
    }
    return to;
}

} // namespace

void count_in_tiles(const sparse_layer& layer, const unrolling& space, const tiling& tiles, const work_rules& rules,
                    std::vector<tile_order>& orders)
{
    const layer_sizes sizes{layer.m, layer.n, layer.k, layer.t};
    const auto size = [&](loop each) { return tiles.size_of(each, sizes.of(each)); };
    const auto count = [&](loop each) { return groups_of(sizes.of(each), size(each)); };
    const auto extent = [&](loop each, std::uint64_t i) { return in_group(sizes.of(each), size(each), i); };
    double all = 1;
    for (const loop each : {loop::m, loop::n, loop::k, loop::t})
        all *= static_cast<double>(count(each));
    if (all > static_cast<double>(most_tiles))
        throw text::user_error(fmt::format("--tile {}: {:.0f} tiles of a layer; at most {} are counted", tiles.text(), all, most_tiles));

    std::vector<lists> weights; // [tile of K][tile of N]
    for (std::uint64_t k = 0; k < count(loop::k); ++k)
        for (std::uint64_t n = 0; n < count(loop::n); ++n)
            weights.push_back(cut(layer.weights, k * size(loop::k), extent(loop::k, k), n * size(loop::n), extent(loop::n, n)));
    const bool outputs_count = std::any_of(orders.begin(), orders.end(), [](const tile_order& each) { return each.order.loops[3] == loop::k; });
    sparse_layer tile;
    for (std::uint64_t m = 0; m < count(loop::m); ++m)
        for (std::uint64_t k = 0; k < count(loop::k); ++k)
            for (std::uint64_t t = 0; t < count(loop::t); ++t) {
                tile.m = extent(loop::m, m);
                tile.k = extent(loop::k, k);
                tile.t = static_cast<unsigned>(extent(loop::t, t));
                tile.spikes = cut(layer.spikes, m * size(loop::m), tile.m, k * size(loop::k), tile.k,
                                  static_cast<unsigned>(t * size(loop::t)), tile.t);
                tile.n = 0;
                tile.weights = {std::vector<std::uint32_t>(tile.k + 1), {}, {}, {}};
                item_counter items(tile, space);
                for (std::uint64_t n = 0; n < count(loop::n); ++n) {
                    tile.n = extent(loop::n, n);
                    std::swap(tile.weights, weights[k * count(loop::n) + n]);
                    items.count_weights();
                    work_counter work(tile, items, space, rules);
                    const std::uint64_t outputs = outputs_count ? outputs_with_matches(tile) : 0;
                    for (tile_order& each : orders) {
                        const work_counts counts = work.of(each.order, each.format, each.meet);
                        each.work.add(counts);
                        each.fetches.add(items.items(each.order, outputs));
                    }
                    std::swap(tile.weights, weights[k * count(loop::n) + n]);
                }
            }
}

} // namespace loas::dataflow
