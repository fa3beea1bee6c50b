#include "models/cost/buffers.h"
#include "models/cost/energy.h"
#include "models/cost/sram.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace loas;
using cost::energy_part;
using cost::tppe_component;
using observe::counter;
using observe::operand;

namespace
{

/// Of the published size, with TPPEs; without what the publication's tables do not have.
cost::hardware_size published_hardware()
{
    return {{}, {}, cost::tppe_tile({}, {})};
}

/// The same with row stores and all that is under way, as LoAS has them (platform/designs).
cost::tile_table whole_tile(const cost::hardware_size& size = {})
{
    cost::tile_table tile = cost::tppe_tile(size.tppe, {});
    cost::add_column_buffers(tile, size.scheduler.prefetch_columns, {});
    cost::add_row_store(tile, size.tppe, size.scheduler.prefetch_rows, {});
    return tile;
}

cost::layer_energy energy_of(const observe::counter_set& counters, const observe::memory_statistics& memory = {},
                             const cost::hardware_size& size = published_hardware())
{
    return cost::physical_energy({counters, memory, 4, 200, 800, 32, 16, 2}, size, {});
}

double share(tppe_component which)
{
    const cost::component part = cost::component_of(which, {});
    const cost::component all = cost::tppe_of({});
    return 100 * (part.dynamic_mw + part.leakage_mw) / (all.dynamic_mw + all.leakage_mw);
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

// The published TPPE: 0.0375 mm2, 2.32 mW dynamic, 0.50 mW leakage; shares are of dynamic and leakage power together.
TEST(component_table, adds_up_to_the_published_tppe)
{
    const cost::component all = cost::tppe_of({});
    EXPECT_NEAR(all.area_mm2, 0.037466, 2e-6);
    EXPECT_NEAR(all.dynamic_mw, 2.321408, 2e-6);
    EXPECT_NEAR(all.leakage_mw, 0.495156, 2e-6);
    const double fast = share(tppe_component::fast_prefix), laggy = share(tppe_component::laggy_prefix);
    const double correction = share(tppe_component::correction_accumulators);
    const double pseudo = share(tppe_component::pseudo_accumulator);
    EXPECT_NEAR(fast, 51.8, 0.05);
    EXPECT_NEAR(laggy, 11.4, 0.05);
    EXPECT_NEAR(correction, 4.3, 0.05);
    EXPECT_NEAR(pseudo, 1.3, 0.05);
    EXPECT_NEAR(100 - fast - laggy - correction - pseudo, 31.2, 0.05);
}

// The authors' own sizes of other designs confirm the rules: an accumulator of 24 bits takes twice the one of 12, four
// corrections of 10 bits 40/12 of it, a FIFO of 8-bit entries 8/7 of one of 7 bits.
TEST(component_table, scales_like_the_authors_own_variants)
{
    compute::tppe_parameters size;
    size.acc_bits = 24;
    EXPECT_NEAR(component_of(tppe_component::pseudo_accumulator, size).dynamic_mw, 0.058340, 1e-6);
    const auto& table = cost::published_tppe();
    const auto of = [&](tppe_component which) { return table[static_cast<std::size_t>(which)]; };
    EXPECT_NEAR(of(tppe_component::correction_accumulators).dynamic_mw,
                of(tppe_component::pseudo_accumulator).dynamic_mw * 40 / 12, 1e-6);
    EXPECT_NEAR(of(tppe_component::weight_fifo).dynamic_mw, of(tppe_component::position_fifo).dynamic_mw * 8 / 7, 1e-6);
    size = {};
    size.chunk_bits = 512; // the mask of A in SparTen
    EXPECT_NEAR(component_of(tppe_component::a_mask, size).dynamic_mw, 0.962659, 2e-6);
}

TEST(component_table, a_larger_tppe_costs_more)
{
    const compute::tppe_parameters published;
    const auto grows = [&](unsigned compute::tppe_parameters::*member) {
        compute::tppe_parameters size;
        for (unsigned factor = 2; factor <= 4; factor *= 2) {
            compute::tppe_parameters larger = published;
            larger.*member *= factor;
            const cost::component less = cost::tppe_of(size), more = cost::tppe_of(larger);
            EXPECT_GT(more.area_mm2, less.area_mm2);
            EXPECT_GT(more.dynamic_mw, less.dynamic_mw);
            EXPECT_GT(more.leakage_mw, less.leakage_mw);
            size = larger;
        }
    };
    for (const auto member : {&compute::tppe_parameters::max_timesteps, &compute::tppe_parameters::chunk_bits,
                              &compute::tppe_parameters::laggy_adders, &compute::tppe_parameters::fifo_depth,
                              &compute::tppe_parameters::weight_buffer_bytes, &compute::tppe_parameters::acc_bits,
                              &compute::tppe_parameters::corr_bits, &compute::tppe_parameters::accumulator_sets})
        grows(member);
}

// T = 8 and 16 add 4 and 12 correction accumulators: area, dynamic power and leakage relative to T = 4.
TEST(component_table, more_timesteps_add_correction_accumulators)
{
    const cost::component base = cost::tppe_of({});
    const double expected[][4] = {{8, 1.033, 1.042, 1.049}, {16, 1.098, 1.126, 1.147}};
    for (const auto& row : expected) {
        compute::tppe_parameters size;
        size.max_timesteps = static_cast<unsigned>(row[0]);
        const cost::component more = cost::tppe_of(size);
        EXPECT_NEAR(more.area_mm2 / base.area_mm2, row[1], 0.001);
        EXPECT_NEAR(more.dynamic_mw / base.dynamic_mw, row[2], 0.001);
        EXPECT_NEAR(more.leakage_mw / base.leakage_mw, row[3], 0.001);
    }
}

TEST(area, of_the_published_system)
{
    const cost::system_area area = cost::area_of(published_hardware());
    EXPECT_NEAR(area.total_mm2(), 2.08, 1e-9);
    EXPECT_NEAR(area.tiles_mm2, 16 * 0.037466, 4e-5);
    EXPECT_DOUBLE_EQ(area.cache_mm2, 0.80);
    EXPECT_NEAR(area.cache_cacti_mm2, 1.147, 5e-4);
    double parts = 0;
    for (const cost::component& part : area.tile)
        parts += part.area_mm2;
    EXPECT_DOUBLE_EQ(parts, area.tile_mm2);

    cost::hardware_size twice = published_hardware();
    twice.tppe.count *= 2;
    EXPECT_NEAR(cost::area_of(twice).total_mm2(), 2 * (2.08 - 0.80) + 0.80, 1e-9);
    twice = published_hardware();
    twice.cache.size_kib *= 2; // by CACTI not quite twice as large
    EXPECT_NEAR(cost::area_of(twice).cache_mm2, 0.80 * 2.0289 / 1.1468, 1e-3);
}

// What lies beside the published tables: a row store in each TPPE, and what is beyond the default sizes.
TEST(area, of_row_stores_and_buffers)
{
    cost::hardware_size size;
    const auto row_stores = [&] {
        size.tile = whole_tile(size);
        return cost::area_of(size).row_stores_mm2;
    };
    EXPECT_NEAR(row_stores(), 16 * 0.0176, 1e-9);
    EXPECT_NEAR(cost::area_of(size).total_mm2(), 2.08 + 16 * 0.0176, 1e-9);
    size.tppe.max_timesteps = 9; // ten bits an input instead of five
    EXPECT_NEAR(row_stores(), 2 * 16 * 0.0176, 1e-9);
    size = {};
    size.scheduler.prefetch_rows = 2; // three rows in place of two
    EXPECT_NEAR(row_stores(), 1.5 * 16 * 0.0176, 1e-9);
    EXPECT_NEAR(16 * size.tile.row_store.leakage_mw, 1.5 * 16 * 0.703, 1e-9);
    EXPECT_EQ(cost::buffers_beyond_published(size).area_mm2, 0); // not a second time
    size.scheduler.prefetch_rows = 0;
    EXPECT_NEAR(row_stores(), 0.5 * 16 * 0.0176, 1e-9);

    const auto expect_buffers = [](const cost::hardware_size& of, double mm2, double mw) {
        EXPECT_NEAR(cost::buffers_beyond_published(of).area_mm2, mm2, 1e-9);
        EXPECT_NEAR(cost::area_of(of).buffers_mm2, mm2, 1e-9);
        EXPECT_NEAR(cost::buffers_beyond_published(of).leakage_mw, mw, 1e-9);
    };
    const cost::hardware_size published = published_hardware();
    expect_buffers(published, 0, 0);
    cost::hardware_size less = published; // what is not there gives nothing back
    less.cache.mshrs = 8;
    less.cache.write_buffers = 1;
    less.scheduler = {0, 0};
    expect_buffers(less, 0, 0);
    cost::hardware_size more = published;
    more.cache.mshrs = 16 + 2; // in 16 banks, each of half a mask
    expect_buffers(more, 16 * 0.001411, 16 * 0.036641);
    more = published;
    more.cache.write_buffers = 64 + 1; // 32 bytes: two masks
    expect_buffers(more, 2 * 0.001411, 2 * 0.036641);
    more = published;
    more.scheduler.prefetch_columns = 8 + 3;
    expect_buffers(more, 3 * (0.001411 + 0.000551), 3 * (0.036641 + 0.021976));
    more = published;
    more.scheduler.prefetch_rows = 1 + 1; // of a tile without a row store of its own
    expect_buffers(more, 0.5 * 16 * 0.0176, 0.5 * 16 * 0.703);
}

// CACTI's own output for the points of its runs; between two of them, in between.
TEST(sram, by_cacti)
{
    const auto figures = [](unsigned kib, unsigned banks, unsigned ports, unsigned line_bytes) {
        cache::parameters size;
        size.size_kib = kib;
        size.banks = banks;
        size.bank_ports = ports;
        size.line_bytes = line_bytes;
        return cost::cache_by_cacti(size);
    };
    const cost::sram_figures usual = cost::cache_by_cacti({});
    EXPECT_NEAR(usual.read_pj, 64.85, 0.01);
    EXPECT_NEAR(usual.write_pj, 71.2, 0.01);
    EXPECT_NEAR(usual.subthreshold_mw, 16 * 7.77766, 0.01);
    EXPECT_NEAR(usual.gate_mw, 16 * 0.115233, 0.001);
    EXPECT_NEAR(usual.area_mm2, 1.68192 * 0.681814, 1e-4);
    const cost::sram_figures corner = figures(1024, 64, 4, 32);
    EXPECT_NEAR(corner.read_pj, 1544.35, 0.1);
    EXPECT_NEAR(corner.leakage_mw(), 64 * (134.139 + 2.33488), 1);
    EXPECT_NEAR(figures(256, 16, 1, 64).read_pj, 162.4, 0.1);
    EXPECT_NEAR(figures(256, 16, 3, 32).area_mm2, 3.087 * std::pow(9.7147 / 3.087, std::log2(1.5)), 1e-6);
    EXPECT_NEAR(figures(2048, 16, 1, 32).subthreshold_mw, 281.32 * 281.32 / 178.44, 0.1); // the same ratio again
    EXPECT_NEAR(figures(512, 128, 1, 32).area_mm2, 2 * figures(256, 64, 1, 32).area_mm2, 1e-9);

    // More of anything leaks more, and larger ones and more ports take more of everything.
    for (const unsigned kib : {32U, 64U, 100U, 256U, 1000U})
        for (const unsigned banks : {1U, 2U, 4U, 16U, 24U, 64U, 256U})
            for (const unsigned ports : {1U, 2U, 3U, 4U, 8U}) {
                const cost::sram_figures of = figures(kib, banks, ports, 32);
                EXPECT_GT(figures(kib, 2 * banks, ports, 32).leakage_mw(), of.leakage_mw())
                    << kib << ' ' << banks << ' ' << ports;
                for (const cost::sram_figures& each :
                     {figures(2 * kib, banks, ports, 32), figures(kib, banks, ports + 1, 32)}) {
                    EXPECT_GT(each.read_pj, of.read_pj) << kib << ' ' << banks << ' ' << ports;
                    EXPECT_GT(each.leakage_mw(), of.leakage_mw()) << kib << ' ' << banks << ' ' << ports;
                    EXPECT_GT(each.area_mm2, of.area_mm2) << kib << ' ' << banks << ' ' << ports;
                }
            }
}

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
