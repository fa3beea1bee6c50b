// Components of a TPPE, area of the whole, and the cache by CACTI.
#include "models/cost/energy.h"
#include "models/cost/sram.h"

#include "tests/unit/models/hardware_sizes.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace loas;
using cost::tppe_component;
using test::published_hardware;
using test::whole_tile;

namespace
{

double share(tppe_component which)
{
    const cost::component part = cost::component_of(which, {});
    const cost::component all = cost::tppe_of({});
    return 100 * (part.dynamic_mw + part.leakage_mw) / (all.dynamic_mw + all.leakage_mw);
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

// Three adders of 12 bits, each 0.000366 mm2 and 0.007302 mW, a timestep in each tile.
TEST(area, neurons_grow_with_timesteps)
{
    cost::hardware_size size = published_hardware();
    size.tppe.max_timesteps = 16;
    EXPECT_NEAR(cost::area_of(size).rest_mm2 - cost::area_of(published_hardware()).rest_mm2,
                16 * 12 * 3 * 0.000366, 1e-9);
    const cost::energy_constants constants;
    EXPECT_NEAR(cost::rest_leakage_mw(published_hardware().tppe, constants), 3.4, 1e-12);
    EXPECT_NEAR(cost::rest_leakage_mw(size.tppe, constants), 3.4 + 16 * 12 * 3 * 0.007302, 1e-9);
    size.tppe.count = 32;
    EXPECT_NEAR(cost::rest_leakage_mw(size.tppe, constants), 2 * (3.4 + 16 * 12 * 3 * 0.007302), 1e-9);
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
    less.scheduler.prefetch_rows = less.scheduler.prefetch_columns = 0;
    expect_buffers(less, 0, 0);
    cost::hardware_size more = published;
    more.cache.mshrs = 16 + 2; // in 16 banks, each of half a mask
    expect_buffers(more, 16 * 0.001411, 16 * 0.036641);
    more = published;
    more.cache.banks = 32; // each with its 16
    expect_buffers(more, 16 * 16 / 2 * 0.001411, 16 * 16 / 2 * 0.036641);
    more = published;
    more.cache.write_buffers = 64 + 1; // 32 bytes: two masks
    expect_buffers(more, 2 * 0.001411, 2 * 0.036641);
    more = published;
    more.scheduler.prefetch_columns = 8 + 3;
    expect_buffers(more, 3 * (0.001411 + 0.000551), 3 * (0.036641 + 0.021976));
    more = published;
    more.scheduler.prefetch_rows = 1 + 1; // of a tile without a row store of its own
    expect_buffers(more, 0.5 * 16 * 0.0176, 0.5 * 16 * 0.703);
    // A register of a line for each tile, and a column fetched ahead for each, where 8 were: 32 bytes are two masks.
    more = published;
    more.scheduler.spread = designs::spread::by_rows;
    expect_buffers(more, 16 * 2 * 0.001411 + 8 * (0.001411 + 0.000551),
                   16 * 2 * 0.036641 + 8 * (0.036641 + 0.021976));
    more.scheduler.prefetch_columns = 0;
    expect_buffers(more, 16 * 2 * 0.001411, 16 * 2 * 0.036641);
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
