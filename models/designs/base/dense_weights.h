// Dense weights as arrays of PEs read them that take one input at a time: for each input a row of weights, one for each
// column. They come from memory column after column.
#pragma once

#include "models/kernel/memory_client.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::designs
{

class dense_weights
{
public:
    /// Room for inputs [first_input, first_input + inputs) of so many columns, of which each tile has columns_of_tile.
    void reset(std::size_t columns, std::size_t first_input, std::size_t inputs, std::size_t columns_of_tile);

    /// Where they come, int8 [column][inputs].
    std::int8_t* arriving() { return m_arriving.data(); }
    /// All have come: makes the rows of them.
    void complete();

    std::size_t columns() const { return m_columns; }
    std::size_t tiles() const { return m_tiles; } ///< that have a column
    std::size_t first_input() const { return m_first_input; }
    std::size_t inputs() const { return m_inputs; }

    // Of an input of the layer, one of those that are here.
    const std::int8_t* weights(std::size_t input) const { return &m_rows[(input - m_first_input) * m_columns]; }
    /// [tile]: 1 where it has a weight that is not 0.
    const std::uint8_t* tiles_with_weights(std::size_t input) const
    {
        return &m_with_weights[(input - m_first_input) * m_tiles];
    }
    std::uint32_t non_zeros(std::size_t input) const { return m_non_zeros[input - m_first_input]; }

private:
    std::size_t m_columns = 0, m_first_input = 0, m_inputs = 0, m_columns_of_tile = 1, m_tiles = 0;
    std::vector<std::int8_t> m_arriving, m_rows;
    std::vector<std::uint8_t> m_with_weights;
    std::vector<std::uint32_t> m_non_zeros;
};

/// On their way over a port.
struct arriving_weights : kernel::arrival {
    dense_weights rows;
};

} // namespace loas::designs
