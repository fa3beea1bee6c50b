// The inner-join units of all tiles, which a broadcast reaches at once: rows of A against column fibers, chunk by
// chunk, with speculative accumulation as in the hardware: the pseudo-accumulator adds every matched weight as if it
// spiked in all timesteps, the correction accumulators take back what did not spike. What the units compute and count;
// when they do so is in join_pipeline.h. No SystemC.
//
// A simulation spends most of its time here. So a weight is added to sixteen tiles by one instruction: for every input
// k there is a mask of the tiles in which it matches, and one for each timestep of those where it has not spiked. A
// column's weights are walked once for all tiles. Sums are 16 bits as long as those of a column fit.
// tests/unit/compute holds all of it against the plain sum over the inputs.
#pragma once

#include "models/compute/fiber.h"
#include "models/compute/join_lanes.h"
#include "models/compute/join_pipeline.h"
#include "models/functional/lanes.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <vector>

namespace loas::compute
{

/// What an array of tiles takes of tppe_parameters.
struct tile_parameters {
    join_parameters timing;
    unsigned chunk_bits = tppe_parameters{}.chunk_bits;
    unsigned accumulator_sets = tppe_parameters{}.accumulator_sets;
    join_lanes::accumulators accumulators;
};

inline tile_parameters tile_parameters_of(const tppe_parameters& from)
{
    tile_parameters to;
    to.timing = join_parameters_of(from);
    to.chunk_bits = from.chunk_bits;
    to.accumulator_sets = from.accumulator_sets;
    to.accumulators = {from.acc_bits, from.corr_bits, from.overflow};
    return to;
}

class join_array
{
public:
    static constexpr unsigned max_timesteps = 16;
    static constexpr std::size_t lanes = functional::lanes_together; ///< tiles that are computed together: a block

    join_array(std::size_t tiles, const tile_parameters& parameters);

    /// Starts a layer: no rows, counts at 0. columns: that are under way at once; there are as many sets, and no fewer
    /// than a tile has.
    void configure(unsigned timesteps, std::size_t inputs, std::size_t columns = 0);

    /// A tile's row fiber. The first row after a join begins a new group: tiles without a row in it match nothing.
    void load_row(std::size_t tile, const row_view& row);

    /// A set starts at 0 with its first chunk; chunks of a column come in order. All of a column is computed with its
    /// first chunk: what the sums are does not depend on when the others come, and is asked for when all have come.
    void join(const join_broadcast& broadcast);

    // Of the broadcast that was joined last:
    /// Matches of the tile in a chunk of the column in a set; those of the column's next chunk lie `lanes` numbers
    /// further.
    const std::uint16_t* matches(std::size_t tile, std::size_t set, std::size_t chunk) const
    {
        return &m_matches[((tile / lanes * m_sets.size() + set) * m_chunks + chunk) * lanes + tile % lanes];
    }
    const std::uint32_t* all_matches() const { return m_all_matches.data(); }                 ///< [tile]
    const std::uint32_t* chunks_with_matches() const { return m_chunks_with_matches.data(); } ///< [tile]

    /// Calls visit(offset of the weight among the chunk's weights) for every match of the tile in one chunk.
    template <class Visit>
    void visit_matches(std::size_t tile, const column_view& column, std::size_t chunk, Visit visit) const
    {
        const std::uint64_t* row_mask = &m_masks[tile * m_mask_words];
        const std::size_t first = chunk * m_chunk_words;
        for (std::size_t word = first; word < first + m_chunk_words; ++word)
            for (std::uint64_t left = row_mask[word] & column.mask[word]; left != 0; left &= left - 1)
                visit(column.ranks[word] - column.ranks[first] +
                      functional::popcount(column.mask[word] & ((left & -left) - 1)));
    }

    /// O[t] of sets, [set][T][lane of all blocks], of sums as the accumulators hold them, with the columns' biases, in
    /// 32 bits that wrap. Ends the sets: what left the accumulators' widths is counted.
    std::int32_t* read(unsigned first_set, unsigned sets);

    /// Tiles, and as many more as fill up the last block.
    std::size_t all_lanes() const { return m_blocks * lanes; }
    std::size_t mask_words() const { return m_mask_words; }
    void collect(observe::counter_set& counters) const;

private:
    struct accumulator_set {
        bool wide = false; ///< 32 bits
        std::int32_t bias = 0;
    };

    struct alignas(64) vector_pair {
        std::int16_t lanes[2 * join_array::lanes];
    };

    void join_column(const column_view& column, unsigned set);
    const std::uint32_t* inputs_of(const column_view& column);
    void read_block(unsigned set, std::size_t block, std::int32_t* currents);
    std::int32_t* sums_of(unsigned set, std::size_t block)
    {
        return &m_sums[(set * m_blocks + block) * m_set_vectors * lanes];
    }

    std::size_t m_tiles, m_blocks;
    std::size_t m_sets_of_tile;
    unsigned m_chunk_words;
    join_lanes::accumulators m_accumulators;
    unsigned m_timesteps = 1;
    unsigned m_fours = 1; ///< timesteps in fours: what a row of bytes has room for
    std::size_t m_mask_words = 0;
    std::size_t m_chunks = 0;
    std::size_t m_inputs = 0;        ///< whole mask words
    std::size_t m_input_vectors = 0; ///< of sixteen, of an input in m_where
    std::size_t m_set_vectors = 0;   ///< of sixteen sums
    bool m_rows_spread = true;

    std::vector<std::uint64_t> m_masks; ///< [tile][mask word]: rows as they came
    std::vector<std::uint16_t> m_words; ///< [block][input][lane]: spike words
    std::vector<vector_pair> m_where;   ///< [block][input][matches, counts, misses...][lane]; see join_lanes.h
    std::vector<accumulator_set> m_sets;
    // A column comes again for each group of rows; its inputs are found again only if its mask is another one, or if
    // those of so many are kept that memory would be short.
    static constexpr std::size_t most_known = std::size_t{4} << 20, unknown = ~std::size_t{0};
    std::vector<std::size_t> m_known_columns;  ///< [column]: its first input in m_known_inputs, or unknown
    std::vector<std::uint64_t> m_known_masks;  ///< [column][mask word]
    std::vector<std::uint32_t> m_known_inputs; ///< one column's after another's
    std::vector<std::uint32_t> m_inputs_once;  ///< of a column that is not kept
    std::vector<std::int32_t> m_sums;          ///< [set][block][pseudo, lowest, highest, ...][lane]; see join_lanes.h
    std::vector<std::int32_t> m_currents;      ///< [set][T][lane of all blocks]

    std::vector<std::uint16_t> m_matches_of_weights;                 ///< [weight][lane], of the column that is joined
    std::vector<std::uint16_t> m_matches;                            ///< [block][set][chunk][lane]
    std::vector<std::uint32_t> m_all_matches, m_chunks_with_matches; ///< [tile]
    observe::counter_set m_seen;
};

} // namespace loas::compute
