#include "models/cost/energy.h"

#include "tests/unit/models/hardware_sizes.h"

#include <gtest/gtest.h>

using namespace loas;
using cost::energy_part;
using observe::counter;
using observe::operand;
using test::published_hardware;
using test::whole_tile;

namespace
{

cost::layer_energy energy_of(const observe::counter_set& counters, const observe::memory_statistics& memory = {},
                             const cost::hardware_size& size = published_hardware())
{
    return cost::physical_energy({counters, memory, 4, 200, 800, 32, 16, 2}, size, {});
}

/// Something of everything: 16 tiles, 20 rows x 200 columns x 256 inputs.
observe::counter_set busy_layer()
{
    observe::counter_set counters;
    counters[counter::cycles] = 1000;
    counters[counter::joins] = 8000;
    counters[counter::empty_joins] = 3000;
    counters[counter::matches] = 9000;
    counters[counter::corrections] = 4000;
    counters[counter::correction_adds] = 6000;
    counters[counter::lif_updates] = 4000;
    counters[counter::stall_weights_late] = 5;
    counters[counter::sram_read_a_mask] = 128 * 8000;
    counters[counter::write_backs] = 3;
    for (std::size_t i = 0; i < observe::operand_count; ++i) {
        const auto kind = static_cast<operand>(i);
        counters[of(counter::request_bytes, kind)] = 100;
        counters[of(counter::cache_hits, kind)] = 10;
        counters[of(counter::cache_misses, kind)] = 2;
    }
    counters[counter::partial_sums_read] = 30; // of those lines three quarters are reads
    counters[counter::partial_sums_written] = 10;
    counters[of(counter::dram_read, operand::a_mask)] = 64;
    counters[of(counter::dram_write, operand::c_mask)] = 96;
    return counters;
}

} // namespace

// The published leakage is CACTI's without that of the gates; both grow alike.
TEST(energy, cache_leakage_by_either_source)
{
    cost::energy_constants constants;
    const cost::cache_leakage usual = cost::leakage_of_cache({}, constants);
    EXPECT_DOUBLE_EQ(usual.published_mw, 124.5);
    EXPECT_NEAR(usual.cacti_mw, 126.29, 0.01);
    cache::parameters more_banks;
    more_banks.banks = 32;
    EXPECT_NEAR(cost::leakage_of_cache(more_banks, constants).published_mw / usual.published_mw, 222.66 / 124.44, 1e-3);

    observe::counter_set counters;
    counters[counter::cycles] = 800; // 1 us
    for (const auto& [source, mw] : {std::pair(cost::leakage_source::published, usual.published_mw),
                                     std::pair(cost::leakage_source::cacti, usual.cacti_mw)}) {
        constants.cache_leakage = source;
        const cost::layer_energy energy =
            cost::physical_energy({counters, {}, 4, 200, 800, 32, 16, 2}, published_hardware(), constants);
        EXPECT_NEAR(energy[energy_part::cache_leakage], 1000 * mw, 1e-6);
    }
}

// Each part of a layer worked out by hand, at the published sizes.
TEST(energy, a_layer_by_hand)
{
    observe::memory_statistics memory;
    memory.channels.resize(2);
    memory.channels[0].reads = 5;
    memory.channels[0].forwarded_reads = 1; // answered from a waiting write: nothing moved
    memory.channels[1].writes = 3;
    memory.channels[0].activates = 2;
    memory.channels[1].merged_writes = 1;
    memory.channels[0].refreshes = 3;
    memory.channels[1].bank_refreshes = 8;
    memory.channels[1].open_clocks = 50;
    cost::hardware_size hardware;
    hardware.tile = whole_tile();
    const cost::layer_energy energy = energy_of(busy_layer(), memory, hardware);
    const auto expect = [&](energy_part part, double pj) {
        EXPECT_NEAR(energy[part], pj, 1e-9 * pj) << cost::info_of(part).name;
    };
    expect(energy_part::fast_prefix, 8000 * 1.173427 * 2.5);
    expect(energy_part::laggy_prefix, 5000 * 8 * 0.269661 * 2.5);
    expect(energy_part::position_fifo, 18000 * 0.101167 * 2.5);
    expect(energy_part::weight_fifo, 18000 * 0.115619 * 2.5);
    expect(energy_part::weight_buffer, (8000 + 5 + 9000) * 0.053802 * 2.5);
    expect(energy_part::masks, 16000 * 0.240665 * 2.5);
    expect(energy_part::pseudo_accumulator, 9000 * 0.02917 * 2.5);
    expect(energy_part::correction_accumulators, 6000 * 0.097233 / 4 * 2.5);
    expect(energy_part::plif, 4000 * 4 * 3 * 0.02917 * 2.5);
    expect(energy_part::output_compressor, 20 * 2 * 8 * 0.269661 * 2.5); // 20 rows of two chunks
    expect(energy_part::sram_read, (7 * 12 + 9 + 3) * 64.8);             // and three write-backs
    expect(energy_part::sram_write, (4 * 12 + 3 + 2) * 71.2);            // and two fills
    const double lines_pj = 0.240665 * 2.5 * 2;                          // of 256 bits, two masks
    expect(energy_part::line_buffers, 12 * 2 * (16 * 2 * 0.02917 * 2.5 + 2 * lines_pj / 4) + 3 * 2 * lines_pj);
    expect(energy_part::column_buffers, (100 + 100) / 16.0 * 2 * 0.240665 * 2.5);
    expect(energy_part::row_store, (9000 + 8000) * 1.91 + (100 + 100) / 16.0 * 2.39);
    expect(energy_part::dram_read, 4 * 32 * 8 * 3.9);
    expect(energy_part::dram_write, 2 * 32 * 8 * 3.9); // a merged one moved nothing
    expect(energy_part::dram_activate, 2 * 900);
    expect(energy_part::dram_refresh, (3 + 8 / 16.0) * 30420);
    expect(energy_part::dram_background, 100 * 33 + (2 * 1250 - 100) * 24); // mW x ns, of two channels
    expect(energy_part::tile_leakage, 16 * 0.495156 * 1250);                // 1000 cycles at 800 MHz
    expect(energy_part::cache_leakage, 124.5 * 1250);
    expect(energy_part::row_store_leakage, 16 * 0.703 * 1250);
    EXPECT_EQ(energy[energy_part::buffer_leakage], 0);
    expect(energy_part::rest_leakage, 3.4 * 1250);
}

// No cache, no channels: bytes asked for, in whole lines of each kind; and the bytes that memory moved.
TEST(energy, without_a_cache_requests_count_in_whole_lines)
{
    observe::counter_set counters = busy_layer();
    for (std::size_t i = 0; i < observe::operand_count; ++i)
        for (const counter group : {counter::cache_hits, counter::cache_misses})
            counters[of(group, static_cast<operand>(i))] = 0;
    counters[counter::write_backs] = 0;
    const cost::layer_energy energy = energy_of(counters);
    EXPECT_DOUBLE_EQ(energy[energy_part::sram_read], (7 * 4 + 3) * 64.8); // 100 bytes are four lines
    EXPECT_DOUBLE_EQ(energy[energy_part::sram_write], (4 * 4 + 1) * 71.2);
    EXPECT_DOUBLE_EQ(energy[energy_part::dram_read] + energy[energy_part::dram_write], (64 + 96) * 8 * 3.9);
    EXPECT_DOUBLE_EQ(energy[energy_part::dram_activate] + energy[energy_part::dram_background], 0);
}

TEST(energy, nothing_happened)
{
    const cost::layer_energy energy = energy_of({});
    EXPECT_EQ(energy.total_pj(), 0.0);
    const cost::layer_energy no_columns =
        cost::physical_energy({{}, {}, 4, 0, 800, 32, 16, 2}, published_hardware(), {});
    EXPECT_EQ(no_columns.total_pj(), 0.0);
    EXPECT_EQ(cost::energy_by_published_rule({}, {1, 1}).total(), 0.0);
}

TEST(energy, parts_add_up_and_layers_add_up)
{
    const cost::layer_energy energy = energy_of(busy_layer());
    double sum = 0;
    for (const double part : energy.parts_pj) {
        EXPECT_GE(part, 0.0);
        sum += part;
    }
    EXPECT_DOUBLE_EQ(sum, energy.total_pj());
    double groups = 0;
    for (const auto group :
         {cost::energy_group::compute, cost::energy_group::sram, cost::energy_group::dram, cost::energy_group::leakage})
        groups += energy.group_pj(group);
    EXPECT_NEAR(groups, energy.total_pj(), 1e-9 * sum);
    cost::layer_energy two = energy;
    two.add(energy);
    EXPECT_DOUBLE_EQ(two.total_pj(), 2 * energy.total_pj());
}

// The same events on larger hardware never cost less. Adders of the laggy prefix-sum only leak: a run is its additions.
TEST(energy, larger_hardware_costs_more)
{
    const observe::counter_set counters = busy_layer();
    cost::hardware_size size;
    const auto energy_of_size = [&] {
        size.tile = whole_tile(size);
        return energy_of(counters, {}, size);
    };
    const cost::layer_energy base = energy_of_size();
    // Parts that must each cost more: nothing hides behind the total.
    const auto expect_more = [&](const char* what, std::initializer_list<energy_part> grow) {
        const cost::layer_energy larger = energy_of_size();
        EXPECT_GT(larger.total_pj(), base.total_pj()) << what;
        for (const energy_part part : grow)
            EXPECT_GT(larger[part], base[part]) << what << ": " << cost::info_of(part).name;
        size = {};
    };
    size.tppe.max_timesteps = 8;
    expect_more("timesteps", {energy_part::row_store, energy_part::row_store_leakage, energy_part::tile_leakage});
    size.tppe.chunk_bits = 256;
    expect_more("chunk", {energy_part::tile_leakage});
    size.tppe.fifo_depth = 16;
    expect_more("FIFO", {energy_part::tile_leakage});
    const auto of_cache = {energy_part::sram_read, energy_part::sram_write, energy_part::cache_leakage};
    size.cache.size_kib *= 2;
    expect_more("cache", of_cache);
    size.cache.banks *= 2;
    expect_more("banks", of_cache);
    size.cache.bank_ports *= 2;
    expect_more("ports", of_cache);
    size.cache.mshrs *= 2;
    expect_more("miss registers", {energy_part::line_buffers, energy_part::buffer_leakage});
    size.cache.write_buffers *= 2;
    expect_more("write buffers", {energy_part::buffer_leakage});
    size.scheduler.prefetch_columns *= 2;
    expect_more("columns fetched ahead", {energy_part::column_buffers, energy_part::buffer_leakage});
    size.scheduler.prefetch_rows *= 2;
    expect_more("rows fetched ahead", {energy_part::row_store, energy_part::row_store_leakage});
    size.tppe.count = 32;
    expect_more("tiles", {energy_part::row_store_leakage, energy_part::tile_leakage});
    size.tppe.laggy_adders = 32;
    EXPECT_DOUBLE_EQ(energy_of_size()[energy_part::laggy_prefix], base[energy_part::laggy_prefix]);
    expect_more("adders", {energy_part::tile_leakage});
}
