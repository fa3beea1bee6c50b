// Fetches the weights of a tile for the PEs: of each column of a group the mask over the tile's inputs and the weights
// that it marks, over the port of the column's PE.
//
// Masks and weights are two dependent accesses. Where a column's weights of a tile begin depends on how many lie before
// them; the front keeps that place for each column from tile to tile (4 bytes), so pointers are read in the first tile
// only.
#pragma once

#include "models/designs/base/block_ports.h"
#include "models/functional/layer_shape.h"
#include "models/functional/span.h"

#include <cstdint>
#include <vector>

namespace loas::designs
{

class column_fetch : private kernel::arrival_listener
{
public:
    /// PE i has port i; pointers come over pointer_port. entries: groups of columns under way or kept.
    column_fetch(block_ports& ports, std::size_t pointer_port, kernel::memory_fault& fault, std::size_t tile_inputs,
                 std::size_t pes, std::size_t entries);

    void begin_layer(const functional::layer_shape& shape, std::uint64_t weight_address);

    /// Starts to fetch columns [first, first + columns) of a tile, in `entry`. Those of the tile before must be there.
    void start(std::size_t entry, std::uint64_t tile, std::uint64_t first, std::size_t columns, std::uint64_t cycle);

    const kernel::arrival& columns(std::size_t entry) const { return m_entries[entry]; }

    // Of what is there.
    std::size_t mask_words(std::size_t entry) const { return m_entries[entry].words; }
    std::size_t column_count(std::size_t entry) const { return m_entries[entry].columns; }
    const std::uint64_t* masks(std::size_t entry) const { return m_entries[entry].masks.data(); } ///< [column][word]
    functional::span<const std::int8_t> weights(std::size_t entry, std::size_t pe) const
    {
        return {&m_entries[entry].weights[pe * m_tile_inputs], m_entries[entry].counts[pe]};
    }

private:
    struct entry : kernel::arrival {
        std::uint64_t tile = 0, first = 0;
        std::size_t columns = 0, words = 0;
        bool has_masks = false;
        std::vector<std::uint64_t> masks;
        std::vector<std::size_t> counts;  ///< by PE
        std::vector<std::int8_t> weights; ///< [PE][tile_inputs]
    };

    void arrived(kernel::arrival& what) override;

    block_ports& m_ports;
    std::size_t m_pointer_port;
    kernel::memory_fault& m_fault;
    std::size_t m_tile_inputs;
    std::vector<entry> m_entries;
    functional::layer_shape m_shape;
    loas_tensor_layout m_layout{};
    std::uint64_t m_weight_address = 0;
    std::vector<std::uint32_t> m_next; ///< by column: offset of the weights that were not fetched yet
};

} // namespace loas::designs
