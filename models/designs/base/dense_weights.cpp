#include "models/designs/base/dense_weights.h"

#include "models/functional/bits.h"

namespace loas::designs
{

void dense_weights::reset(std::size_t columns, std::size_t first_input, std::size_t inputs, std::size_t columns_of_tile)
{
    m_columns = columns;
    m_first_input = first_input;
    m_inputs = inputs;
    m_columns_of_tile = columns_of_tile;
    m_tiles = functional::chunks_of(columns, columns_of_tile);
    m_arriving.resize(columns * inputs);
}

void dense_weights::complete()
{
    m_rows.resize(m_inputs * m_columns);
    m_with_weights.assign(m_inputs * m_tiles, 0);
    m_non_zeros.assign(m_inputs, 0);
    const std::int8_t* from = m_arriving.data();
    for (std::size_t column = 0; column < m_columns; ++column) {
        const std::size_t tile = column / m_columns_of_tile;
        for (std::size_t input = 0; input < m_inputs; ++input, ++from) {
            m_rows[input * m_columns + column] = *from;
            const std::uint8_t weight = *from != 0;
            m_non_zeros[input] += weight;
            m_with_weights[input * m_tiles + tile] |= weight;
        }
    }
}

} // namespace loas::designs
