#include "cost/published_traffic.h"

namespace loas::cost
{

namespace
{

constexpr unsigned weight_bits = 8;

/// One operand on its way through buffer and PEs.
class operand_walk
{
public:
    operand_walk(std::vector<tile_content> tiles, std::uint64_t buffer_items, bool owned_by_pe)
        : m_tiles(std::move(tiles)), m_fifo(buffer_items, m_tiles.size()), m_owned_by_pe(owned_by_pe)
    {
    }

    void visit(std::size_t tile_number, std::uint64_t matches, operand_traffic& traffic)
    {
        const tile_content& tile = m_tiles[tile_number];
        traffic.visited_items += tile.items;
        if (!m_fifo.visit(tile)) {
            ++traffic.missed_tiles;
            traffic.dram_items += tile.items;
            traffic.dram_index_bits += tile.positions;
            traffic.sram_items += tile.items;
            traffic.sram_index_bits += tile.positions;
        }
        traffic.sram_items += m_owned_by_pe ? matches : tile.items;
        if (!m_owned_by_pe || tile.content != m_last_content)
            traffic.sram_index_bits += tile.positions;
        m_last_content = tile.content;
    }

private:
    static constexpr std::size_t none = ~std::size_t{0};

    std::vector<tile_content> m_tiles;
    tile_fifo m_fifo;
    bool m_owned_by_pe;
    std::size_t m_last_content = none;
};

template <class element>
functional::bit_matrix masks_of(const std::vector<element>& elements, std::size_t rows, std::size_t inputs)
{
    functional::bit_matrix masks(rows, inputs);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t input = 0; input < inputs; ++input)
            if (elements[row * inputs + input] != 0)
                masks.set(row, input);
    return masks;
}

void add_to(operand_traffic& sum, const operand_traffic& part)
{
    sum.item_bits = part.item_bits;
    sum.visited_items += part.visited_items;
    sum.missed_tiles += part.missed_tiles;
    sum.dram_items += part.dram_items;
    sum.dram_index_bits += part.dram_index_bits;
    sum.sram_items += part.sram_items;
    sum.sram_index_bits += part.sram_index_bits;
}

double kib(std::uint64_t bits)
{
    return static_cast<double>(bits) / (8 * 1024);
}

} // namespace

published_traffic count_published_traffic(const unfolded_layer& layer, const published_design& design)
{
    const published_tile& tile = design.tile;
    const functional::bit_matrix rows = masks_of(layer.spikes, layer.rows, layer.inputs);
    const functional::bit_matrix columns = masks_of(layer.weights, layer.columns, layer.inputs);
    std::vector<std::uint8_t> counts(layer.spikes.size());
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] = static_cast<std::uint8_t>(functional::popcount(layer.spikes[i]));

    const auto* weight_bytes = reinterpret_cast<const std::uint8_t*>(layer.weights.data());
    operand_walk inputs(cut_into_tiles(counts.data(), layer.rows, layer.inputs, tile.rows, tile.inputs),
                        design.input_buffer_items, design.pe_owns == axis::row);
    operand_walk weights(cut_into_tiles(weight_bytes, layer.columns, layer.inputs, tile.columns, tile.inputs),
                         design.weight_buffer_items, design.pe_owns == axis::column);
    tile_joiner joiner(rows, columns, tile);

    published_traffic traffic;
    traffic.inputs.item_bits = layer.timesteps;
    traffic.weights.item_bits = weight_bits;
    const std::size_t chunks = tiles_of(layer.inputs, tile.inputs);
    const tile_index count{tiles_of(layer.rows, tile.rows), tiles_of(layer.columns, tile.columns), chunks, 1};
    for_each_tile(design.order, count, [&](const tile_index& at) {
        const auto [row_tile, column_tile, chunk, timestep_tile] = at;
        static_cast<void>(timestep_tile); // all timesteps at once
        const tile_matches matches = joiner.join(at);
        traffic.matches += matches.all;
        traffic.cycles += design.pe_owns == axis::row ? matches.slowest_row : matches.slowest_column;
        inputs.visit(row_tile * chunks + chunk, matches.all, traffic.inputs);
        weights.visit(column_tile * chunks + chunk, matches.all, traffic.weights);
    });
    traffic.written_back_items = rows.count();
    traffic.written_back_index_bits = layer.rows * layer.inputs;
    return traffic;
}

std::uint64_t published_traffic::dram_bits() const
{
    return weights.dram_item_bits() + weights.dram_index_bits + inputs.dram_item_bits() + inputs.dram_index_bits +
           written_back_item_bits() + written_back_index_bits;
}

std::uint64_t published_traffic::sram_bits() const
{
    return weights.sram_item_bits() + weights.sram_index_bits + inputs.sram_item_bits() + inputs.sram_index_bits;
}

void published_traffic::add(const published_traffic& layer)
{
    cycles += layer.cycles;
    matches += layer.matches;
    add_to(inputs, layer.inputs);
    add_to(weights, layer.weights);
    written_back_items += layer.written_back_items;
    written_back_index_bits += layer.written_back_index_bits;
}

std::vector<published_counter> in_published_terms(const published_traffic& t)
{
    return {
        {"tot_cycs", static_cast<double>(t.cycles)},
        {"tot_comps", static_cast<double>(t.matches)},
        {"sram_traffic_w", kib(t.weights.sram_item_bits())},
        {"sram_traffic_x", kib(t.inputs.sram_item_bits())},
        {"dram_traffic_w", kib(t.weights.dram_item_bits())},
        {"dram_traffic_x", kib(t.inputs.dram_item_bits())},
        {"dram_traffic_o", kib(t.written_back_item_bits())},
        {"sram_traffic_wb", kib(t.weights.sram_index_bits)},
        {"dram_traffic_wb", kib(t.weights.dram_index_bits)},
        {"sram_traffic_xb", kib(t.inputs.sram_index_bits)},
        {"dram_traffic_xb", kib(t.inputs.dram_index_bits + t.written_back_index_bits)},
        {"hit_w", static_cast<double>(t.weights.hit_items())},
        {"hit_x", static_cast<double>(t.inputs.hit_items())},
        {"miss_w", static_cast<double>(t.weights.missed_tiles)},
        {"miss_x", static_cast<double>(t.inputs.missed_tiles)},
        {"miss_w_rate", t.weights.miss_rate()},
        {"miss_x_rate", t.inputs.miss_rate()},
        {"total_dram", kib(t.dram_bits())},
        {"total_sram", kib(t.sram_bits())},
    };
}

} // namespace loas::cost
