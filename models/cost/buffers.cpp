#include "models/cost/buffers.h"

#include <algorithm>
#include <cmath>

namespace loas::cost
{
namespace
{

using observe::counter;
using observe::operand;

// CACTI 7, 32 nm itrs-lop, 360 K: 4 KiB in one bank, lines of 16 bytes (a chunk of a mask), a port to read and one to
// write. No dynamic power: an access has its energy (parameters.h).
constexpr component usual_row_store = {"row_store", 0.0176, 0, 0.703};
constexpr double store_line_bits = 128;
constexpr double mask_bits = 1; // of an input, beside the T bits of its word

constexpr double miss_register_bits = 64;

double beyond(double size, double published)
{
    return std::max(size - published, 0.0);
}

/// As a multiple of the one that CACTI ran for.
double relative_row_store(const compute::tppe_parameters& tppe, unsigned prefetch_rows)
{
    const double usual_rows = 1 + designs::scheduler_parameters{}.prefetch_rows;
    return (mask_bits + tppe.max_timesteps) / (mask_bits + published_tppe_size.max_timesteps) *
           ((1 + prefetch_rows) / usual_rows);
}

/// Of a kind of fiber, in bytes.
event_count bytes_fetched(operand masks, operand values)
{
    return [masks, values](const observe::counter_set& seen) {
        return static_cast<double>(seen[of(counter::request_bytes, masks)] + seen[of(counter::request_bytes, values)]);
    };
}

} // namespace

component row_store_of(const compute::tppe_parameters& tppe, unsigned prefetch_rows)
{
    return scaled(usual_row_store, relative_row_store(tppe, prefetch_rows));
}

void add_row_store(tile_table& tile, const compute::tppe_parameters& tppe, unsigned prefetch_rows,
                   const energy_constants& constants)
{
    const double access = std::sqrt(relative_row_store(tppe, prefetch_rows)); // as that of the weight buffer
    tile.row_store = row_store_of(tppe, prefetch_rows);
    tile.row_store.dynamic_mw = constants.row_store_read_pj * access / table_cycle_ns; // when it works: a read a cycle
    const double writes_a_byte = 8 / store_line_bits;
    tile.events.push_back(
        {energy_part::row_store, as_often_as({counter::matches}), constants.row_store_read_pj, access});
    tile.events.push_back(
        {energy_part::row_store, as_often_as({counter::sram_read_a_mask}, 128), constants.row_store_read_pj, access});
    tile.events.push_back({energy_part::row_store, bytes_fetched(operand::a_mask, operand::a_words),
                           constants.row_store_write_pj * writes_a_byte, access});
}

void add_column_buffers(tile_table& tile, unsigned columns_ahead, const energy_constants& constants)
{
    const double usual_columns = designs::scheduler_parameters{}.prefetch_columns;
    const double masks_a_byte = 8.0 / published_tppe_size.chunk_bits;
    tile.events.push_back({energy_part::column_buffers, bytes_fetched(operand::b_mask, operand::b_weights),
                           2 * constants.mask_pj * masks_a_byte, std::sqrt(columns_ahead / usual_columns)});
}

component buffers_beyond_published(const hardware_size& size)
{
    const cache::parameters usual;
    const designs::scheduler_parameters usual_ahead;
    const double tiles = size.tppe.count;
    const auto registers = [&](const cache::parameters& cache) {
        return miss_register_bits * cache.banks * cache.mshrs;
    };
    const double bits = beyond(registers(size.cache), registers(usual)) +
                        8.0 * size.cache.line_bytes * beyond(size.cache.write_buffers, usual.write_buffers) +
                        8.0 * size.cache.line_bytes * (size.scheduler.spread == designs::spread::rows ? 0 : tiles);
    const component& mask = published_tppe()[static_cast<std::size_t>(tppe_component::b_mask)];
    const double columns = beyond(size.scheduler.most_columns_ahead(size.tppe.count), usual_ahead.prefetch_columns);
    const unsigned rows = std::max(size.scheduler.prefetch_rows, usual_ahead.prefetch_rows);
    const double stores = size.tile.row_store.area_mm2 > 0 ? 0 : size.tppe.count;
    const component all_rows = row_store_of(size.tppe, rows),
                    usual_rows = row_store_of(size.tppe, usual_ahead.prefetch_rows);
    const auto sum = [&](double component::*of) {
        return bits / published_tppe_size.chunk_bits * (mask.*of) +
               columns * (component_of(tppe_component::b_mask, size.tppe).*of +
                          component_of(tppe_component::weight_buffer, size.tppe).*of) +
               stores * (all_rows.*of - usual_rows.*of);
    };
    return {"buffers", sum(&component::area_mm2), 0, sum(&component::leakage_mw)};
}

double line_buffer_pj(const observe::counter_set& seen, const cache::parameters& cache,
                      const energy_constants& constants)
{
    const double register_pj = constants.mask_pj * miss_register_bits / published_tppe_size.chunk_bits;
    const double line_pj = constants.mask_pj * 8 * cache.line_bytes / published_tppe_size.chunk_bits;
    const auto misses = static_cast<double>(seen.group_total("cache_misses"));
    return misses * (cache.mshrs * constants.miss_compare_pj + 2 * register_pj) +
           static_cast<double>(seen[counter::write_backs]) * 2 * line_pj;
}

} // namespace loas::cost
