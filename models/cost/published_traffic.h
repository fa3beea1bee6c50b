// The publication's own accounting of traffic, beside the cycles of published_rule.h: rules that its designs have in
// common, worked out from the LoAS authors' result files (RuokaiYin/LoAS, MIT licence); what a design makes of them
// stands in its descriptor (platform/designs). A visit of a tile:
//  - looks both operands' tiles up in their buffers; a miss moves the tile from DRAM into SRAM, in the format of its
//    operand;
//  - reads what the dataflow says, and in some dataflows writes and reads partial sums;
//  - costs the largest number of matches among the PEs. Memory never stalls.
// The layer's own output is not written; the previous layer's write-back of the input is charged once, to DRAM.
#pragma once

#include "models/cost/compression.h"
#include "models/cost/tile_walk.h"
#include "models/cost/unfold.h"

#include <cstdint>
#include <string>
#include <vector>

namespace loas::cost
{

/// What a visit reads from SRAM, and where partial sums go.
enum class dataflow {
    /// The operand that a PE has to itself: one item a match, and the mask when the tile has another content than the
    /// one before it. The operand that is broadcast: the whole tile. No partial sums.
    inner_product,
    /// Both tiles whole. Every output of the tile is written to DRAM and read again.
    outer_product,
    /// The input tile whole, the weight tile whole for each row. Every row writes to SRAM, and reads again, an output
    /// for each column of the tile that has a weight. The publication charges (T - 3) / T of that, T = 4, to DRAM too.
    row_by_row,
    /// Output stationary, and nothing is skipped: a fold has tile.rows x tile.columns outputs, and takes K cycles and a
    /// fill. One with fewer outputs costs as much; the last one ends a cycle earlier (worked out from the totals). It reads
    /// K inputs for each row and K weights for each column, and accesses each output twice and one more.
    folds,
};

struct published_design {
    published_tile tile;
    std::array<axis, 4> order; ///< of the loops, outermost first
    axis pe_owns;              ///< row or column: what a PE has to itself of a tile
    std::uint64_t input_buffer_items;
    std::uint64_t weight_buffer_items;
    bool timesteps_together = true; ///< an input is a word of all timesteps; else timesteps are tiles of their own
    dataflow flow = dataflow::inner_product;
    tile_format input_format = masked_tiles;
    tile_format weight_format = masked_tiles;
    unsigned input_bits = 0;          ///< of an item; 0: T, or with timesteps as tiles of their own 1
    bool partial_sums_to_dram = true; ///< row by row: the part of them that the publication charges there
    unsigned fold_fill = 0;           ///< cycles
    unsigned fold_timesteps = 1;      ///< that a fold takes at once
    /// What is charged of the cycles of folds, and of their inputs and outputs: assumptions on what skipping leaves.
    unsigned fold_cycles_percent = 100, fold_items_percent = 100;
};

/// An item is a non-zero - a packed spike word, a spike, a weight - or, of raw tiles, every element. Index bits tell
/// where the items are: a mask or coordinates.
struct operand_traffic {
    unsigned item_bits = 0;
    std::uint64_t visited_items = 0; ///< non-zeros, in all visits of tiles
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
    /// Of the input, by the previous layer; bits as those of inputs. Of coordinates of spikes there are no items: the
    /// publication charges the coordinates alone.
    std::uint64_t written_back_items = 0;
    std::uint64_t written_back_index_bits = 0;
    std::uint64_t partial_sum_dram_bits = 0, partial_sum_sram_bits = 0; ///< written and read
    std::uint64_t output_dram_bits = 0, output_sram_bits = 0;           ///< of folds

    std::uint64_t written_back_item_bits() const { return written_back_items * inputs.item_bits; }
    std::uint64_t dram_bits() const;
    std::uint64_t sram_bits() const;
    double dram_bytes() const { return static_cast<double>(dram_bits()) / 8; }
    double sram_bytes() const { return static_cast<double>(sram_bits()) / 8; }

    /// For totals over layers with the same number of timesteps.
    void add(const published_traffic& layer);
};

/// An unfolded layer by what most of the accounting needs: where spikes and weights are. All of it belongs to others.
struct masked_layer {
    unsigned timesteps = 4;                         ///< 1..16
    const functional::bit_matrix* inputs = nullptr; ///< M x K: one, of all timesteps together, or one for each
    std::size_t input_matrices = 1;
    const functional::bit_matrix* weights = nullptr; ///< N x K
    element_value spikes_of; ///< number of spikes of an input, or its byte, with timesteps together; else empty
    element_value weight_of; ///< (column, input), in any code
    std::uint64_t image_items = 0; ///< inputs of the image and its padding, which folds fetch once; 0: M x K
};

/// With timesteps together, buffers compare spike counts, not spike words, as the authors' do: any words with the right
/// numbers of spikes do.
/// @pre layer has one matrix for all timesteps or one for each, as the design; sizes of vectors as the layer says;
/// design.tile without zeros
published_traffic count_published_traffic(const masked_layer& layer, const published_design& design);
published_traffic count_published_traffic(const unfolded_layer& layer, const published_design& design);

/// A counter under the authors' name and in their unit: cycles, matches, items, tiles or KiB.
struct published_counter {
    std::string name;
    double value;
};

/// tot_cycs, tot_comps, hit_w, hit_x, miss_w, miss_x, miss_w_rate, miss_x_rate, total_dram, total_sram;
/// (sram|dram)_traffic_(w|x) and dram_traffic_o; index bits: (sram|dram)_traffic_(wb|xb) of inner products, of which
/// raw inputs have no xb; (wsp|csr) of outer products; (w_b|x_a) row by row, where there is sram_traffic_o too.
/// dram_traffic_o of an inner product is the write-back of the input, else the partial sums. All but the rates are
/// exact in a double.
std::vector<published_counter> in_published_terms(const published_traffic& traffic, const published_design& design);

} // namespace loas::cost
