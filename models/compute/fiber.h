// Fibers as the tiles of LoAS take them, rows of A and columns of B, and the broadcast of columns. No SystemC.
#pragma once

#include "models/functional/bits.h"
#include "models/functional/span.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace loas::compute
{

using functional::span;

/// A fiber where it was fetched to. value: uint16 spike words of a row, int8 weights of a column.
template <class value> struct fiber_view {
    std::uint32_t id;               ///< number of the row or column
    std::int32_t bias;              ///< of a column
    span<const std::uint64_t> mask; ///< padded with zero bits to whole chunks
    /// For each mask word the number of values before it. They are no data of the hardware, whose prefix-sums find
    /// them; they are here so that not every receiver of a broadcast must count the same bits again.
    const std::uint32_t* ranks;
    span<const value> values;

    /// As many mask words as it should have, and a value for each bit of them.
    bool complete(std::size_t mask_words) const
    {
        return mask_words > 0 && mask.size() == mask_words &&
               ranks[mask_words - 1] + functional::popcount(mask[mask_words - 1]) == values.size();
    }
};
using row_view = fiber_view<std::uint16_t>;
using column_view = fiber_view<std::int8_t>;

/// A fiber with its memory, which is kept from one fiber to the next.
template <class value> class fiber
{
public:
    /// Empties the fiber: a mask of mask_words zero words.
    void reset(std::uint32_t id, std::size_t mask_words)
    {
        m_id = id;
        m_mask.assign(mask_words, 0);
        m_value_count = 0;
    }

    void set_bias(std::int32_t bias) { m_bias = bias; }

    std::uint64_t* mask() { return m_mask.data(); }

    /// The mask is complete now. Returns its number of ones, which is that of the values.
    std::size_t rank_mask()
    {
        m_ranks.resize(m_mask.size());
        std::uint32_t rank = 0;
        for (std::size_t i = 0; i < m_mask.size(); ++i) {
            m_ranks[i] = rank;
            rank += functional::popcount(m_mask[i]);
        }
        return m_value_count = rank;
    }

    /// Where the values come, as many as rank_mask() found.
    value* values()
    {
        if (m_values.size() < m_value_count) // never smaller: what will be overwritten need not be filled again
            m_values.resize(m_value_count);
        return m_values.data();
    }

    std::uint32_t id() const { return m_id; }
    std::size_t value_count() const { return m_value_count; }
    fiber_view<value> look() const { return {m_id, m_bias, m_mask, m_ranks.data(), {m_values.data(), m_value_count}}; }

private:
    std::uint32_t m_id = 0;
    std::int32_t m_bias = 0;
    std::size_t m_value_count = 0;
    std::vector<std::uint64_t> m_mask;
    std::vector<std::uint32_t> m_ranks;
    std::vector<value> m_values;
};
using row_fiber = fiber<std::uint16_t>;
using column_fiber = fiber<std::int8_t>;

/// Chunks [first_chunk, first_chunk + chunks) of columns that follow one another, into accumulator sets from first_set
/// on, against the first `rows` rows that the tiles have. The columns are views of the fibers where they were fetched
/// to: a broadcast copies nothing.
struct join_broadcast {
    span<const column_view> columns;
    unsigned first_set;
    std::uint32_t first_chunk, chunks;
    bool drain; ///< afterwards the tiles' neurons are complete and go on to the P-LIFs
    std::size_t rows;
    span<std::uint64_t> tile_cycles; ///< [tile]: from when it can begin; as an answer, when it is done
    /// Columns that are joined side by side, each by tiles of its own with the same rows: the first tiles, as many as
    /// rows, take the first columns, the next ones the next.
    std::size_t side_by_side = 1;
    std::size_t first_tile = 0; ///< that takes part

    /// Columns of each tile, at most.
    std::size_t columns_in_turn() const { return (columns.size() + side_by_side - 1) / side_by_side; }
};

} // namespace loas::compute
