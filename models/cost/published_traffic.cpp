#include "models/cost/published_traffic.h"

#include "models/cost/published_rule.h"

#include <algorithm>

namespace loas::cost
{

namespace
{

constexpr unsigned weight_bits = 8;
constexpr unsigned partial_sum_bits = 8;
constexpr unsigned written_and_read = 2;
constexpr unsigned row_by_row_dram_part = 4; ///< one of so many partial sums, (T - 3) / T with the published T = 4

/// One operand on its way through buffer and PEs.
class operand_walk
{
public:
    operand_walk(std::vector<tile_content> tiles, std::uint64_t buffer_items, const tile_format& format)
        : m_tiles(std::move(tiles)), m_fifo(buffer_items, m_tiles.size()), m_format(format)
    {
    }

    /// Looks a tile up.
    void visit(std::size_t tile_number, operand_traffic& traffic)
    {
        m_last_content = m_tile.content;
        m_tile = m_tiles[tile_number];
        m_size = size_in(m_format, m_tile.items, m_tile.positions);
        traffic.visited_items += m_tile.items;
        if (m_fifo.visit(m_tile))
            return;
        ++traffic.missed_tiles;
        traffic.dram_items += m_size.items;
        traffic.dram_index_bits += m_size.index_bits;
        read(1, traffic);
    }

    /// The whole tile of the visit, or the write into SRAM of a fill.
    void read(std::uint64_t times, operand_traffic& traffic) const
    {
        traffic.sram_items += times * m_size.items;
        traffic.sram_index_bits += times * m_size.index_bits;
    }

    /// What tells where the matches are; the items of the matches are added at the end.
    void read_matched(operand_traffic& traffic) const
    {
        if (m_tile.content != m_last_content)
            traffic.sram_index_bits += m_size.index_bits;
    }

private:
    static constexpr std::size_t none = ~std::size_t{0};

    std::vector<tile_content> m_tiles;
    tile_fifo m_fifo;
    tile_format m_format;
    tile_content m_tile{none, 0, 0}; ///< of the visit
    stored_size m_size;
    std::size_t m_last_content = none;
};

/// By weight tile, numbered as those of cut_into_tiles(): its columns that are not empty.
std::vector<std::uint64_t> columns_with_weights(const functional::bit_matrix& columns, const published_tile& tile)
{
    const std::size_t chunks = tiles_of(columns.bits(), tile.inputs), words = tile.inputs / 64;
    const std::size_t row_words = functional::words_of(columns.bits());
    std::vector<std::uint64_t> counts(tiles_of(columns.rows(), tile.columns) * chunks);
    for (std::size_t column = 0; column < columns.rows(); ++column)
        for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
            const std::size_t first = chunk * words, last = std::min(first + words, row_words);
            const bool any = functional::popcount(columns.row(column) + first, last - first) != 0;
            counts[column / tile.columns * chunks + chunk] += any;
        }
    return counts;
}

std::size_t rows_in(std::size_t tile, std::size_t tile_rows, std::size_t rows)
{
    return std::min(tile_rows, rows - tile * tile_rows);
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

published_traffic count_folds(const masked_layer& layer, const published_design& design)
{
    const published_tile& tile = design.tile;
    const std::uint64_t m = layer.inputs->rows(), n = layer.weights->rows(), k = layer.weights->bits();
    const std::uint64_t folds =
        tiles_of(m, tile.rows) * tiles_of(n, tile.columns) * tiles_of(layer.timesteps, design.fold_timesteps);
    const auto charged = [](std::uint64_t of, unsigned percent) { return (of * percent + 50) / 100; };
    published_traffic traffic;
    traffic.cycles = charged(folds * (k + design.fold_fill) - (design.fold_fill > 0), design.fold_cycles_percent);
    for (std::size_t i = 0; i < layer.input_matrices; ++i)
        traffic.matches += join_tiles(layer.inputs[i], *layer.weights, {16, 64, 16}).matches; // in tiles of any size
    const unsigned item_bits = design.input_bits != 0 ? design.input_bits : layer.timesteps;
    const unsigned items_percent = design.fold_items_percent;
    traffic.inputs.item_bits = item_bits;
    traffic.inputs.sram_items = charged(folds * tile.rows * k, items_percent);
    traffic.inputs.dram_items = charged(layer.image_items > 0 ? layer.image_items : m * k, items_percent);
    traffic.weights.item_bits = weight_bits;
    traffic.weights.sram_items = folds * tile.columns * k;
    traffic.weights.dram_items = n * k;
    const std::uint64_t outputs = folds * (std::uint64_t{written_and_read} * tile.rows * tile.columns + 1);
    traffic.output_sram_bits = item_bits * charged(outputs, items_percent);
    traffic.output_dram_bits = item_bits * charged(m * n, items_percent);
    return traffic;
}

} // namespace

published_traffic count_published_traffic(const masked_layer& layer, const published_design& design)
{
    if (design.flow == dataflow::folds)
        return count_folds(layer, design);
    const published_tile& tile = design.tile;
    const functional::bit_matrix& columns = *layer.weights;
    const std::size_t steps = layer.input_matrices, m = layer.inputs->rows(), k = columns.bits(), n = columns.rows();
    operand_walk inputs(cut_into_tiles(layer.inputs, steps, tile.rows, tile.inputs, layer.spikes_of),
                        design.input_buffer_items, design.input_format);
    operand_walk weights(cut_into_tiles(layer.weights, 1, tile.columns, tile.inputs, layer.weight_of),
                         design.weight_buffer_items, design.weight_format);
    const std::vector<std::uint64_t> full_columns = columns_with_weights(columns, tile);

    published_traffic traffic;
    for (const functional::bit_matrix* rows = layer.inputs; rows != layer.inputs + steps; ++rows) {
        const tile_joins joins = design.pe_owns == axis::row
                                     ? join_tiles(*rows, columns, tile)
                                     : join_tiles(columns, *rows, {tile.columns, tile.inputs, tile.rows});
        traffic.cycles += joins.cycles;
        traffic.matches += joins.matches;
    }
    const unsigned word_bits = design.timesteps_together ? layer.timesteps : 1;
    traffic.inputs.item_bits = design.input_bits != 0 ? design.input_bits : word_bits;
    traffic.weights.item_bits = weight_bits;
    const std::size_t chunks = tiles_of(k, tile.inputs);
    const tile_index count{tiles_of(m, tile.rows), tiles_of(n, tile.columns), chunks, steps};
    for_each_tile(design.order, count, [&](const tile_index& at) {
        const auto [row_tile, column_tile, chunk, timestep] = at;
        const std::size_t rows = rows_in(row_tile, tile.rows, m);
        const std::size_t weight_tile = column_tile * chunks + chunk;
        inputs.visit((timestep * count[0] + row_tile) * chunks + chunk, traffic.inputs);
        weights.visit(weight_tile, traffic.weights);
        switch (design.flow) {
        case dataflow::inner_product:
            if (design.pe_owns == axis::row) {
                inputs.read_matched(traffic.inputs);
                weights.read(1, traffic.weights);
            } else {
                inputs.read(1, traffic.inputs);
                weights.read_matched(traffic.weights);
            }
            break;
        case dataflow::outer_product:
            inputs.read(1, traffic.inputs);
            weights.read(1, traffic.weights);
            traffic.partial_sum_dram_bits +=
                std::uint64_t{written_and_read} * partial_sum_bits * rows * rows_in(column_tile, tile.columns, n);
            break;
        case dataflow::row_by_row:
            inputs.read(1, traffic.inputs);
            weights.read(rows, traffic.weights);
            traffic.partial_sum_sram_bits +=
                std::uint64_t{written_and_read} * partial_sum_bits * rows * full_columns[weight_tile];
            break;
        case dataflow::folds: // have no tiles of K
            break;
        }
    });
    if (design.flow == dataflow::inner_product)
        (design.pe_owns == axis::row ? traffic.inputs : traffic.weights).sram_items += traffic.matches;
    if (design.partial_sums_to_dram)
        traffic.partial_sum_dram_bits += traffic.partial_sum_sram_bits / row_by_row_dram_part;

    std::uint64_t nonzeros = 0;
    for (const functional::bit_matrix* rows = layer.inputs; rows != layer.inputs + steps; ++rows)
        nonzeros += rows->count();
    const stored_size input = size_in(design.input_format, nonzeros, steps * m * k);
    const bool no_items = design.input_format.how == stored_as::coordinates && design.input_bits == 0;
    traffic.written_back_items = no_items ? 0 : input.items;
    traffic.written_back_index_bits = input.index_bits;
    return traffic;
}

published_traffic count_published_traffic(const unfolded_layer& layer, const published_design& design)
{
    std::vector<functional::bit_matrix> inputs;
    const functional::bit_matrix weights = functional::non_zeros_of(layer.weights, layer.columns, layer.inputs);
    masked_layer masked;
    masked.timesteps = layer.timesteps;
    if (design.timesteps_together) {
        inputs.push_back(functional::non_zeros_of(layer.spikes, layer.rows, layer.inputs));
        masked.spikes_of = [&](std::size_t row, std::size_t input) {
            const std::uint16_t word = layer.spikes[row * layer.inputs + input];
            return design.input_bits != 0 ? unsigned{word} : functional::popcount(word);
        };
    } else {
        inputs.assign(layer.timesteps, functional::bit_matrix(layer.rows, layer.inputs));
        for (std::size_t i = 0; i < layer.spikes.size(); ++i)
            for (std::uint64_t bits = layer.spikes[i]; bits != 0; bits &= bits - 1)
                inputs[functional::lowest_bit(bits)].set(i / layer.inputs, i % layer.inputs);
    }
    masked.inputs = inputs.data();
    masked.input_matrices = inputs.size();
    masked.weights = &weights;
    masked.weight_of = [&](std::size_t column, std::size_t input) {
        return static_cast<std::uint8_t>(layer.weights[column * layer.inputs + input]);
    };
    return count_published_traffic(masked, design);
}

std::uint64_t published_traffic::dram_bits() const
{
    return weights.dram_item_bits() + weights.dram_index_bits + inputs.dram_item_bits() + inputs.dram_index_bits +
           written_back_item_bits() + written_back_index_bits + partial_sum_dram_bits + output_dram_bits;
}

std::uint64_t published_traffic::sram_bits() const
{
    return weights.sram_item_bits() + weights.sram_index_bits + inputs.sram_item_bits() + inputs.sram_index_bits +
           partial_sum_sram_bits + output_sram_bits;
}

void published_traffic::add(const published_traffic& layer)
{
    cycles += layer.cycles;
    matches += layer.matches;
    add_to(inputs, layer.inputs);
    add_to(weights, layer.weights);
    written_back_items += layer.written_back_items;
    written_back_index_bits += layer.written_back_index_bits;
    partial_sum_dram_bits += layer.partial_sum_dram_bits;
    partial_sum_sram_bits += layer.partial_sum_sram_bits;
    output_dram_bits += layer.output_dram_bits;
    output_sram_bits += layer.output_sram_bits;
}

std::vector<published_counter> in_published_terms(const published_traffic& t, const published_design& design)
{
    const char *weight_index = "wb", *input_index = "xb";
    if (design.flow == dataflow::outer_product)
        weight_index = "wsp", input_index = "csr";
    else if (design.flow == dataflow::row_by_row)
        weight_index = "w_b", input_index = "x_a";
    std::vector<published_counter> counters = {
        {"tot_cycs", static_cast<double>(t.cycles)},
        {"tot_comps", static_cast<double>(t.matches)},
        {"sram_traffic_w", kib(t.weights.sram_item_bits())},
        {"sram_traffic_x", kib(t.inputs.sram_item_bits())},
        {"dram_traffic_w", kib(t.weights.dram_item_bits())},
        {"dram_traffic_x", kib(t.inputs.dram_item_bits())},
        {"dram_traffic_o", kib(t.written_back_item_bits() + t.partial_sum_dram_bits + t.output_dram_bits)},
        {std::string("sram_traffic_") + weight_index, kib(t.weights.sram_index_bits)},
        {std::string("dram_traffic_") + weight_index, kib(t.weights.dram_index_bits)},
        {"hit_w", static_cast<double>(t.weights.hit_items())},
        {"hit_x", static_cast<double>(t.inputs.hit_items())},
        {"miss_w", static_cast<double>(t.weights.missed_tiles)},
        {"miss_x", static_cast<double>(t.inputs.missed_tiles)},
        {"miss_w_rate", t.weights.miss_rate()},
        {"miss_x_rate", t.inputs.miss_rate()},
        {"total_dram", kib(t.dram_bits())},
        {"total_sram", kib(t.sram_bits())},
    };
    if (design.input_format.how != stored_as::raw) {
        counters.push_back({std::string("sram_traffic_") + input_index, kib(t.inputs.sram_index_bits)});
        counters.push_back(
            {std::string("dram_traffic_") + input_index, kib(t.inputs.dram_index_bits + t.written_back_index_bits)});
    }
    if (design.flow == dataflow::row_by_row || design.flow == dataflow::folds)
        counters.push_back({"sram_traffic_o", kib(t.partial_sum_sram_bits + t.output_sram_bits)});
    return counters;
}

} // namespace loas::cost
