// Fibers of a tiled layer: the plain form of fiber_counter, which takes the loops one by one, for any nest.
#pragma once

#include "platform/dataflow/fibers.h"

#include <cstdint>
#include <vector>

namespace loas::dataflow
{

/// A fiber ends where its tile does. It is accessed once for each step of the loops outside it, those over tiles among
/// them, at which neither operand is known to be zero by what those loops fix.
class tiled_fiber_counter
{
public:
    /// layer: with words of word_timesteps in the place of spikes (packed()), which must outlive it, as the capacities
    /// must. tiles: of t in words, at least one; units of a group are in one tile.
    tiled_fiber_counter(const sparse_layer& layer, const unrolling& space, unsigned word_timesteps, const tiling& tiles,
                        const std::vector<std::uint64_t>& capacities_bits);

    fiber_curves buffered(const loop_order& order, const formats& format) const;
    touched_fibers touched_weights(const loop_order& order, const formats& format) const;

private:
    /// Of lines of entries, where those of each tile begin.
    struct cut_lists {
        lists of;
        std::vector<std::uint32_t> first; ///< [line][tile], one more than there are tiles
        std::size_t tiles = 0;

        cut_lists(lists lines, std::uint64_t size, std::size_t count);
        std::size_t begin(std::size_t line, std::size_t tile) const { return first[line * (tiles + 1) + tile]; }
        std::size_t end(std::size_t line, std::size_t tile) const { return first[line * (tiles + 1) + tile + 1]; }
        bool empty(std::size_t line, std::size_t tile) const { return begin(line, tile) == end(line, tile); }
    };
    /// Sizes of something for each loop, by loop.
    using by_loop = std::array<std::size_t, 4>;
    struct numbering;
    class steps;

    template <typename function> void each_tile(function f) const;
    reuse_curve curve_of(const loop_order& order, std::initializer_list<loop> own, const formats& format) const;
    std::vector<std::uint64_t> sizes_of(const numbering& fibers, std::initializer_list<loop> own, const formats& format) const;
    /// Indices of the layer in group or tile `i`.
    std::uint64_t extent(loop which, bool of_tile, std::size_t i) const;

    const sparse_layer& m_layer;
    unsigned m_word_timesteps;
    const std::vector<std::uint64_t>& m_capacities;
    std::vector<loop> m_order_of_tiles; ///< outermost first, all four
    by_loop m_group{}, m_tile{};        ///< indices of a group of units; groups of a tile
    by_loop m_groups{}, m_tiles{};      ///< of the layer
    cut_lists m_spikes_by_row, m_spikes_by_input, m_weights_by_input, m_weights_by_column;
    std::vector<std::uint16_t> m_row_words, m_input_words, m_tile_words; ///< [row][tile of K], [input][tile of M], [tile of M][tile of K]
    std::vector<char> m_weights_in_tile;                                 ///< [tile of K][tile of N]
};

} // namespace loas::dataflow
