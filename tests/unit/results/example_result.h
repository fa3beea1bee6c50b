// A result of two layers, whose numbers are all other ones.
#pragma once

#include "platform/results/result.h"

namespace loas::test
{

inline results::run_result example()
{
    results::run_result result;
    result.scenario = "example";
    result.accelerator = "loas";
    result.fidelity = "literal";
    result.tiles = 4;
    result.clock_mhz = 800;
    result.golden_checked = true;
    result.accuracy = {3, true, 2, {1, 0, 2}};
    result.simulated_ns = 1234;
    results::layer_result layer;
    layer.name = "a layer whose name somebody else chose to be very long indeed";
    layer.m = 2;
    layer.k = 100;
    layer.n = 50;
    layer.timesteps = 4;
    layer.runs = 3;
    layer.spikes = 60;
    layer.non_silent = 30;
    layer.weights = 500;
    layer.stored_spikes = {20, 800, 40};
    layer.stored_weights = {700, 40000, 4000};
    layer.weight_format = 1;
    layer.published.cycles = 40;
    layer.published.inputs.item_bits = 4;
    layer.published.inputs.dram_items = 3;
    layer.published.written_back_index_bits = 5;
    layer.published.partial_sum_sram_bits = 6;
    for (std::size_t i = 0; i < observe::counter_count; ++i)
        layer.counters[static_cast<observe::counter>(i)] = 1000000007ULL * (i + 1);
    for (std::size_t i = 0; i < cost::energy_part_count; ++i)
        layer.energy[static_cast<cost::energy_part>(i)] = 1e6 * static_cast<double>(i + 1);
    layer.published_energy = {1, 20, 300, 4000};
    result.runs = 3;
    result.area = cost::area_of({{}, {}, cost::tppe_tile({}, {})});
    result.area.row_stores_mm2 = 0.25;
    result.area.buffers_mm2 = 0.125;
    result.cache_leakage = {124.25, 126.5};
    result.layers = {layer, layer};
    result.layers[1].name = "b";
    result.configuration = {{"tppe.count", std::int64_t{4}}, {"run.golden", true}, {"name", std::string("example")}};
    return result;
}

} // namespace loas::test
