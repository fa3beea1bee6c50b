// The publication's own accounting of traffic, beside the cycles of published_rule.h; rules worked out from the LoAS
// authors' result files (RuokaiYin/LoAS, MIT licence). A visit of a tile:
//  - looks both operands' tiles up in their buffers; a miss moves the tile's non-zeros and mask from DRAM into SRAM;
//  - reads, for the operand that each PE has a row (or column) of to itself, one item a match, and the mask when the
//  tile
//    has another content than the one before it; for the operand that is broadcast, all items and the mask;
//  - costs the largest number of matches among the PEs. Memory never stalls.
// The layer's own output is not written; the previous layer's write-back of the input is charged once, to DRAM.
#pragma once

#include "cost/tile_walk.h"
#include "cost/unfold.h"

#include <cstdint>
#include <string>
#include <vector>

namespace loas::cost
{

struct published_design {
    published_tile tile;
    std::array<axis, 4> order; ///< of the loops, outermost first
    axis pe_owns;              ///< row or column: what a PE has to itself of a tile
    std::uint64_t input_buffer_items;
    std::uint64_t weight_buffer_items;
};

/// The published LoAS: a PE has a row of 16, columns are broadcast.
constexpr published_design loas_mntk{{16, 128, 32},
                                     {axis::row, axis::column, axis::timestep, axis::input},
                                     axis::row,
                                     std::uint64_t{128} * 1024,
                                     std::uint64_t{128} * 32};

/// LoAS on packed spikes with SparTen's tile and loop order: a PE has a column of 16, rows are broadcast.
constexpr published_design loas_nmtk{{32, 128, 16},
                                     {axis::column, axis::row, axis::timestep, axis::input},
                                     axis::column,
                                     std::uint64_t{128} * 32,
                                     std::uint64_t{128} * 1024};

/// An item is a non-zero: a packed spike word or a weight. index bits tell where the items are: masks here.
struct operand_traffic {
    unsigned item_bits = 0;
    std::uint64_t visited_items = 0; ///< in all visits of tiles
    std::uint64_t missed_tiles = 0;
    std::uint64_t dram_items = 0, dram_index_bits = 0; ///< fills
    std::uint64_t sram_items = 0, sram_index_bits = 0; ///< fills and reads

    /// As published: the first item of a missed tile counts as the miss, the others as hits. A zero tile that misses
    /// takes one off.
    std::int64_t hit_items() const { return static_cast<std::int64_t>(visited_items - missed_tiles); }
    /// As published: missed tiles of missed tiles and hit items.
    double miss_rate() const
    {
        return visited_items == 0 ? 0.0 : static_cast<double>(missed_tiles) / static_cast<double>(visited_items);
    }
    std::uint64_t dram_item_bits() const { return dram_items * item_bits; }
    std::uint64_t sram_item_bits() const { return sram_items * item_bits; }
};

struct published_traffic {
    std::uint64_t cycles = 0;
    std::uint64_t matches = 0;
    operand_traffic inputs;
    operand_traffic weights;
    std::uint64_t written_back_items = 0; ///< of the input, by the previous layer; bits as those of inputs
    std::uint64_t written_back_index_bits = 0;

    std::uint64_t written_back_item_bits() const { return written_back_items * inputs.item_bits; }
    std::uint64_t dram_bits() const;
    std::uint64_t sram_bits() const;
    double dram_bytes() const { return static_cast<double>(dram_bits()) / 8; }
    double sram_bytes() const { return static_cast<double>(sram_bits()) / 8; }

    /// For totals over layers with the same number of timesteps.
    void add(const published_traffic& layer);
};

/// Buffers compare spike counts, not spike words, as the authors' do: any words with the right numbers of spikes do.
/// @pre layer.timesteps 1..16, sizes of the vectors as the layer says, design.tile without zeros
published_traffic count_published_traffic(const unfolded_layer& layer, const published_design& design);

/// A counter under the authors' name and in their unit: cycles, matches, items, tiles or KiB. Names with b are masks.
struct published_counter {
    std::string name;
    double value;
};

/// tot_cycs, tot_comps, (sram|dram)_traffic_(w|x|wb|xb), dram_traffic_o, hit_w, hit_x, miss_w, miss_x, miss_w_rate,
/// miss_x_rate, total_dram, total_sram. All but the rates are exact in a double.
std::vector<published_counter> in_published_terms(const published_traffic& traffic);

} // namespace loas::cost
