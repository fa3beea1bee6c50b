// Area, power and energy of the PEs beside LoAS: against the authors' tables, and a layer by hand for each design.
#include "models/cost/energy.h"
#include "models/cost/pe_tables.h"

#include <gtest/gtest.h>

using namespace loas;
using cost::energy_part;
using cost::pe_kind;
using observe::counter;

namespace
{

cost::component sum_of(const cost::pe_size& size)
{
    cost::component sum{};
    for (const cost::component& part : components_of(size)) {
        sum.area_mm2 += part.area_mm2;
        sum.dynamic_mw += part.dynamic_mw;
        sum.leakage_mw += part.leakage_mw;
    }
    return sum;
}

/// Enough of everything, at T = 4, 200 columns and 800 MHz.
observe::counter_set busy_layer()
{
    observe::counter_set counters;
    counters[counter::cycles] = 1000;
    counters[counter::joins] = 8000;
    counters[counter::matches] = 9000;
    counters[counter::busy_cycles] = 9000;
    counters[counter::stall_merging] = 700;
    counters[counter::stall_zero_operand] = 500;
    counters[counter::sram_read_b_mask] = 128 * 300;
    return counters;
}

} // namespace

// Totals of the tables: of a PE; GoSPA's is of all 16.
TEST(pe_tables, add_up_to_the_published_pes)
{
    const struct {
        pe_kind kind;
        unsigned pes;
        double area_mm2, dynamic_mw, leakage_mw;
    } rows[] = {
        {pe_kind::sparten, 1, 0.036606, 2.459723, 0.498413},
        {pe_kind::gospa, 16, 0.38621, 31.518842, 7.711707},
        {pe_kind::gamma, 1, 0.019422, 1.995042, 0.321292},
        {pe_kind::dense, 1, 4 * 0.000719, 4 * 0.089336, 4 * 0.016462}, // a tile is a row of four
    };
    for (const auto& row : rows) {
        cost::pe_size size;
        size.kind = row.kind;
        const cost::component sum = sum_of(size);
        EXPECT_NEAR(row.pes * sum.area_mm2, row.area_mm2, 2e-6);
        EXPECT_NEAR(row.pes * sum.dynamic_mw, row.dynamic_mw, 4e-6);
        EXPECT_NEAR(row.pes * sum.leakage_mw, row.leakage_mw, 4e-6);
    }
}

TEST(pe_tables, grow_with_their_parameters)
{
    const std::pair<pe_kind, unsigned cost::pe_size::*> grows[] = {
        {pe_kind::sparten, &cost::pe_size::chunk_bits}, {pe_kind::sparten, &cost::pe_size::acc_bits},
        {pe_kind::gospa, &cost::pe_size::rows},         {pe_kind::gospa, &cost::pe_size::fifo_depth},
        {pe_kind::gamma, &cost::pe_size::radix},        {pe_kind::dense, &cost::pe_size::array_columns},
    };
    for (const auto& [kind, member] : grows) {
        cost::pe_size size;
        size.kind = kind;
        const cost::component before = sum_of(size);
        size.*member *= 2;
        const cost::component after = sum_of(size);
        EXPECT_GT(after.area_mm2, before.area_mm2);
        EXPECT_GT(after.dynamic_mw, before.dynamic_mw);
        EXPECT_GT(after.leakage_mw, before.leakage_mw);
    }
}

// mW of the table x 2.5 ns.
TEST(pe_energy, a_layer_by_hand)
{
    const observe::counter_set counters = busy_layer();
    const auto energy_of = [&](pe_kind kind) {
        cost::hardware_size size;
        cost::pe_size pe;
        pe.kind = kind;
        size.pe = cost::pe_of(pe);
        return cost::physical_energy({counters, {}, 4, 200, 800, 32, 16, 2}, size, {});
    };
    const auto expect = [](const cost::layer_energy& energy, energy_part part, double pj) {
        EXPECT_NEAR(energy[part], pj, 1e-5 * pj) << cost::info_of(part).name; // the tables are rounded
    };
    const auto sparten = energy_of(pe_kind::sparten);
    expect(sparten, energy_part::fast_prefix, 8000 * 1.173427 * 2.5);
    expect(sparten, energy_part::masks, (8000 + 300) * 0.240665 * 2.5); // a row's of each join, the column's of a chunk
    expect(sparten, energy_part::weight_buffer, (9000 + 300) * 0.053802 * 2.5);
    expect(sparten, energy_part::pseudo_accumulator, 9000 * 0.02917 * 2.5);
    expect(sparten, energy_part::tile_leakage, 16 * 0.498413 * 1250);

    const auto gospa = energy_of(pe_kind::gospa);
    expect(gospa, energy_part::position_fifo, 2 * 9000 * 1.618666 / 16 * 2.5);
    expect(gospa, energy_part::weight_buffer, 9000 * 0.030083 / 16 * 2.5);
    expect(gospa, energy_part::pseudo_accumulator, 9000 * 0.02917 * 2.5);
    expect(gospa, energy_part::tile_leakage, 7.711707 * 1250);

    const auto gamma = energy_of(pe_kind::gamma);
    expect(gamma, energy_part::merger, 9700 * 0.131716 * 2.5); // elements of partial rows too
    expect(gamma, energy_part::element_buffers, 9700 * (0.120332 + 0.962659 + 0.721994) * 2.5);
    expect(gamma, energy_part::pseudo_accumulator, 9000 * 0.05834 * 2.5);
    expect(gamma, energy_part::tile_leakage, 16 * 0.321292 * 1250);

    const auto dense = energy_of(pe_kind::dense);
    expect(dense, energy_part::pe_registers, 9500 * 4 * 0.060166 / 2 * 2.5);
    expect(dense, energy_part::pseudo_accumulator, 9000 * 0.02917 * 2.5);
    expect(dense, energy_part::tile_leakage, 16 * 4 * 0.016462 * 1250);
    for (const cost::layer_energy* energy : {&sparten, &gospa, &gamma, &dense}) {
        EXPECT_EQ((*energy)[energy_part::laggy_prefix], 0.0);
        EXPECT_EQ((*energy)[energy_part::correction_accumulators], 0.0);
        EXPECT_EQ((*energy)[energy_part::weight_fifo], 0.0);
    }
}
