// What units do and fetch of a tiled layer: the sum over its tiles, in any order of them, each a layer of its own.
#pragma once

#include "platform/layer_counts/work.h"

#include <vector>

namespace loas::dataflow
{

/// Tiles of one layer, at most.
inline constexpr std::uint64_t most_tiles = 1U << 20;

/// One of the orders within a tile, and what is counted for it.
struct tile_order {
    loop_order order;
    formats format;
    meeting meet{};
    work_counts work{};
    operand_counts fetches{};
};

/// Units meet where a tile ends, whose chunks and groups of units are its own. layer: in words, as tiles of t are. Throws
/// text::user_error if there are more than most_tiles.
void count_in_tiles(const sparse_layer& layer, const unrolling& space, const tiling& tiles, const work_rules& rules,
                    std::vector<tile_order>& orders);

} // namespace loas::dataflow
