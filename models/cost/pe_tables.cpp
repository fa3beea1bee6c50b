#include "models/cost/pe_tables.h"

#include <cmath>

namespace loas::cost
{
namespace
{

// {name, area mm2, dynamic mW, leakage mW}
constexpr component accumulator{"accumulator", 0.000366, 0.029170, 0.007302};  // 12 bits
constexpr component sparten_masks{"a_masks", 0.005645, 0.962659, 0.146563};    // four of 128 bits
constexpr component gospa_sums{"accumulators", 0.374485, 29.870093, 7.476902}; // 1024
constexpr component gospa_fifos{"spike_fifos", 0.011548, 1.618666, 0.230225};
constexpr component gospa_buffer{"buffer", 0.000176, 0.030083, 0.004580};
constexpr double gospa_table_pes = 16;
constexpr component gamma_parts[] = {
    {"accumulator", 0.000731, 0.058340, 0.014603},   {"spike_buffer", 0.000706, 0.120332, 0.018320},
    {"weight_buffer", 0.005645, 0.962659, 0.146563}, {"coordinate_buffer", 0.004234, 0.721994, 0.109922},
    {"merger", 0.008106, 0.131716, 0.031882},
};
constexpr component array_registers{"registers", 0.000353, 0.060166, 0.009160};

component scaled(component part, double factor, std::string_view name = {})
{
    part.area_mm2 *= factor;
    part.dynamic_mw *= factor;
    part.leakage_mw *= factor;
    if (!name.empty())
        part.name = name;
    return part;
}

/// A component that SparTen's PE has in common with a TPPE.
component shared(tppe_component which, const pe_size& size)
{
    tppe_size of;
    of.chunk_bits = size.chunk_bits;
    return component_of(which, of);
}

double event_pj(const component& part)
{
    return part.dynamic_mw * table_cycle_ns;
}

} // namespace

std::vector<component> components_of(const pe_size& size)
{
    switch (size.kind) {
    case pe_kind::sparten:
        return {scaled(accumulator, size.acc_bits / 12.0), shared(tppe_component::fast_prefix, size),
                scaled(sparten_masks, size.chunk_bits / 128.0), shared(tppe_component::b_mask, size),
                shared(tppe_component::weight_buffer, size)};
    case pe_kind::gospa:
        return {scaled(gospa_sums, size.rows / 64.0 / gospa_table_pes),
                scaled(gospa_fifos, size.fifo_depth / 8.0 / gospa_table_pes),
                scaled(gospa_buffer, 1 / gospa_table_pes)};
    case pe_kind::gamma: {
        std::vector<component> parts = {gamma_parts[0]};
        for (std::size_t i = 1; i < std::size(gamma_parts); ++i)
            parts.push_back(scaled(gamma_parts[i], size.radix / 64.0));
        return parts;
    }
    case pe_kind::dense:
        return {scaled(array_registers, size.array_columns), scaled(accumulator, size.array_columns, "accumulators")};
    case pe_kind::tppe:
        break;
    }
    return {};
}

pe_event_energies event_energies_of(const pe_size& size)
{
    pe_event_energies to;
    const double add_pj = event_pj(accumulator);
    switch (size.kind) {
    case pe_kind::sparten:
        to.match_accumulator_pj = add_pj * size.acc_bits / 12.0;
        to.match_buffer_pj = event_pj(shared(tppe_component::weight_buffer, size));
        to.join_prefix_pj = event_pj(shared(tppe_component::fast_prefix, size));
        to.join_masks_pj = event_pj(shared(tppe_component::b_mask, size)); // one of the four
        to.chunk_masks_pj = to.join_masks_pj;
        to.chunk_buffer_pj = to.match_buffer_pj;
        break;
    case pe_kind::gospa: // one of a PE's sums works at a time
        to.match_accumulator_pj = add_pj;
        to.match_buffer_pj = event_pj(gospa_buffer) / gospa_table_pes;
        to.match_fifo_pj = 2 * event_pj(gospa_fifos) * size.fifo_depth / 8.0 / gospa_table_pes;
        break;
    case pe_kind::gamma: // all of the PE works for an element, as the authors count it
        to.match_accumulator_pj = event_pj(gamma_parts[0]);
        to.element_merger_pj = event_pj(gamma_parts[4]) * size.radix / 64.0;
        to.element_buffers_pj =
            (event_pj(gamma_parts[1]) + event_pj(gamma_parts[2]) + event_pj(gamma_parts[3])) * size.radix / 64.0;
        break;
    case pe_kind::dense: // half of the registers change, as the authors count it
        to.match_accumulator_pj = add_pj;
        to.cycle_registers_pj = event_pj(array_registers) / 2 * size.array_columns;
        break;
    case pe_kind::tppe:
        break;
    }
    return to;
}

pe_table pe_of(const pe_size& size)
{
    return {components_of(size), event_energies_of(size), size.chunk_bits};
}

} // namespace loas::cost
