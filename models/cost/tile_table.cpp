#include "models/cost/tile_table.h"

#include <cmath>

namespace loas::cost
{

using observe::counter;
using observe::counter_set;

event_count as_often_as(std::initializer_list<counter> counters, unsigned bits)
{
    return [all = std::vector<counter>(counters), bits](const counter_set& seen) {
        std::uint64_t sum = 0;
        for (const counter each : all)
            sum += seen[each];
        return static_cast<double>(sum) / bits;
    };
}

tile_table tppe_tile(const compute::tppe_parameters& tppe, const energy_constants& constants)
{
    const auto relative = [&](tppe_component which) { return relative_size(which, tppe); };
    const auto width = [](unsigned bits, unsigned published) { return static_cast<double>(bits) / published; };
    const event_count runs = [](const counter_set& seen) {
        return static_cast<double>(seen[counter::joins] - seen[counter::empty_joins]);
    };
    const event_count mask_loads = [bits = tppe.chunk_bits](const counter_set& seen) {
        return static_cast<double>(seen[counter::joins]) + static_cast<double>(seen[counter::sram_read_a_mask]) / bits;
    };
    // Twice the adders, half the cycles: a run costs its additions.
    const double laggy_run_pj =
        constants.laggy_prefix_pj * relative(tppe_component::laggy_prefix) * width(tppe.chunk_bits, tppe.laggy_adders);

    tile_table to;
    for (std::size_t i = 0; i < tppe_component_count; ++i)
        to.components.push_back(component_of(static_cast<tppe_component>(i), tppe));
    to.events = {
        {energy_part::fast_prefix, as_often_as({counter::joins}), constants.fast_prefix_pj,
         relative(tppe_component::fast_prefix)},
        {energy_part::laggy_prefix, runs, laggy_run_pj},
        // A push and a pop.
        {energy_part::position_fifo, as_often_as({counter::matches}), 2 * constants.position_fifo_pj,
         relative(tppe_component::position_fifo)},
        {energy_part::weight_fifo, as_often_as({counter::matches}), 2 * constants.weight_fifo_pj,
         relative(tppe_component::weight_fifo)},
        // A memory, not registers: like the cache, an access costs with the root of the size. The chunk's first weights
        // come with its masks, before anybody knows whether something matches; a cycle in which weights are late is
        // another fill.
        {energy_part::weight_buffer, as_often_as({counter::joins, counter::stall_weights_late, counter::matches}),
         constants.weight_buffer_pj, std::sqrt(relative(tppe_component::weight_buffer))},
        {energy_part::masks, mask_loads, constants.mask_pj, relative(tppe_component::b_mask)},
        // One accumulator of one set works at a time, so only its width counts.
        {energy_part::pseudo_accumulator, as_often_as({counter::matches}), constants.pseudo_add_pj,
         width(tppe.acc_bits, published_tppe_size.acc_bits)},
        {energy_part::correction_accumulators, as_often_as({counter::correction_adds}), constants.correction_add_pj,
         width(tppe.corr_bits, published_tppe_size.corr_bits)},
    };
    return to;
}

} // namespace loas::cost
