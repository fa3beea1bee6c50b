// What a tile is made of and what happens in it. Each design says so of its own (platform/designs); here are the words
// for it, and the TPPE, which several have parts of.
#pragma once

#include "models/cost/component_table.h"
#include "models/cost/parameters.h"
#include "models/observe/counters.h"

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <vector>

namespace loas::cost
{

/// What energy is charged to.
enum class energy_part : unsigned {
    fast_prefix,
    laggy_prefix,
    position_fifo,
    weight_fifo,
    weight_buffer,
    masks,
    pseudo_accumulator,
    correction_accumulators,
    merger,
    element_buffers,
    pe_registers,
    plif,
    output_compressor,
    sram_read,
    sram_write,
    line_buffers,
    column_buffers,
    row_store,
    dram_read,
    dram_write,
    dram_activate,
    dram_refresh,
    dram_background,
    tile_leakage,
    cache_leakage,
    row_store_leakage,
    buffer_leakage,
    rest_leakage,
    count
};

constexpr std::size_t energy_part_count = static_cast<std::size_t>(energy_part::count);

using event_count = std::function<double(const observe::counter_set&)>;

/// As often as the counters together say; of counters of bits, once in so many.
event_count as_often_as(std::initializer_list<observe::counter> counters, unsigned bits = 1);

/// What happens in a tile: it takes pj x relative each time. Several of the same part add up.
struct tile_event {
    energy_part part;
    event_count count;
    double pj;
    double relative = 1; ///< to the size that pj is of
};

struct tile_table {
    std::vector<component> components;            ///< of one tile
    std::vector<tile_event> events;               ///< of all tiles
    component row_store = {"row_store", 0, 0, 0}; ///< of one tile, beside the components; 0: there is none (buffers.h)
};

/// A TPPE of this size; pj of its events are constants of the published size.
tile_table tppe_tile(const compute::tppe_parameters& tppe, const energy_constants& constants);

} // namespace loas::cost
