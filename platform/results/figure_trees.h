// Figures of the models as keys of results.json: counters, memory, energy, area, the publication's accounting. Only for
// result_tree.cpp, which has the rest.
#pragma once

#include "platform/results/channel_tree.h"
#include "platform/results/result.h"

#include <algorithm>
#include <cmath>

namespace loas::results
{

template <class Tree> void describe(Tree& tree, observe::counter_set& counters)
{
    for (std::size_t i = 0; i < observe::counter_count; ++i) {
        const auto which = static_cast<observe::counter>(i);
        const observe::counter_info& info = observe::info_of(which);
        const std::string name(info.name);
        if (info.group.empty())
            tree.value(name, counters[which]);
        else
            tree.object(std::string(info.group), [&](auto& group) { group.value(name, counters[which]); });
    }
    tree.derived("sram_bytes", sram_bytes(counters));
    tree.derived("dram_bytes", dram_bytes(counters));
}

inline dram_scale scale_of(const run_result& run)
{
    return {run.dram_clock_ns, run.dram_burst_bytes};
}

/// Of a layer that was read the channels are one, their sum; there is none where the run had none.
template <class Tree> void describe_dram(Tree& tree, observe::memory_statistics& memory, const run_result& run)
{
    observe::channel_statistics sum = memory.all_channels();
    tree.object("dram", [&](auto& dram) { describe(dram, sum, scale_of(run)); });
    if (Tree::reads)
        memory.channels.assign(1, sum);
}

/// Absent when nothing was recorded.
template <class Tree> void describe(Tree& tree, observe::utilisation_timeline& timeline)
{
    if (!tree.has("utilisation", timeline.cycles() > 0))
        return;
    std::uint64_t cycles = timeline.cycles(), slice_cycles = timeline.slice_cycles();
    std::vector<std::uint64_t> busy;
    for (std::size_t i = 0; i < timeline.slices(); ++i)
        busy.push_back(timeline.busy_tile_cycles(i));
    tree.object("utilisation", [&](auto& item) {
        item.value("cycles", cycles);
        item.value("slice_cycles", slice_cycles);
        item.value("busy_tile_cycles", busy);
    });
    if (!Tree::reads)
        return;
    timeline = {};
    if (!timeline.restore(cycles, slice_cycles, busy))
        throw tree_error("utilisation: slices of that width do not make that many cycles");
}

template <class Tree> void describe(Tree& tree, cost::layer_energy& energy)
{
    tree.object("energy_pj", [&](auto& parts) {
        for (std::size_t i = 0; i < cost::energy_part_count; ++i) {
            const auto part = static_cast<cost::energy_part>(i);
            parts.value(std::string(cost::info_of(part).name), energy[part]);
        }
        parts.derived("total", energy.total_pj());
    });
}

template <class Tree> void describe(Tree& tree, cost::published_energy& energy)
{
    tree.object("published_energy", [&](auto& parts) {
        parts.value("leakage", energy.leakage);
        parts.value("dram", energy.dram);
        parts.value("sram", energy.sram);
        parts.value("compute", energy.compute);
        parts.derived("total", energy.total());
    });
}

template <class Tree> void describe(Tree& tree, area_result& area)
{
    tree.value("tiles", area.tiles_mm2);
    tree.value("cache", area.cache_mm2);
    tree.value("row_stores", area.row_stores_mm2);
    tree.value("buffers", area.buffers_mm2);
    tree.value("rest", area.rest_mm2);
    tree.derived("total", area.total_mm2());
    tree.value("cache_by_cacti", area.cache_cacti_mm2);
    std::vector<std::pair<std::string, double>> parts = area.tile;
    parts.emplace_back("total", area.tile_mm2);
    tree.named("one_tile", parts);
    if (!Tree::reads)
        return;
    if (parts.empty() || parts.back().first != "total")
        throw tree_error("area_mm2.one_tile.total is missing");
    area.tile_mm2 = parts.back().second;
    parts.pop_back();
    area.tile = std::move(parts);
}

/// All of it follows from energies, cycles and the clock.
template <class Tree> void describe_power(Tree& tree, const layer_result& total, double clock_mhz)
{
    const auto power = [&](double energy_pj) {
        return mean_power_mw(energy_pj, total.counters[observe::counter::cycles], clock_mhz);
    };
    const double dram_pj = total.energy.group_pj(cost::energy_group::dram);
    tree.derived("compute", power(total.energy.group_pj(cost::energy_group::compute)));
    tree.derived("sram", power(total.energy.group_pj(cost::energy_group::sram)));
    tree.derived("leakage", power(total.energy.group_pj(cost::energy_group::leakage)));
    tree.derived("on_chip", power(total.energy.total_pj() - dram_pj));
    tree.derived("dram", power(dram_pj));
}

template <class Tree> void describe(Tree& tree, cost::tensor_size& size)
{
    tree.value("bytes", size.bytes);
    tree.template converted<double>(
        "dense_bytes", [&] { return static_cast<double>(size.dense_bits) / 8; },
        [&](double bytes) {
            size.dense_bits = static_cast<std::uint64_t>(std::llround(bytes * 8));
            return bytes >= 0;
        });
    // The bits are whole, and far too few for the share to round them away.
    tree.template converted<double>(
        "efficiency", [&] { return size.efficiency(); },
        [&](double share) {
            size.information_bits =
                static_cast<std::uint64_t>(std::llround(share * static_cast<double>(8 * size.bytes)));
            return share >= 0;
        });
}

/// The file has bits; of a result that was read, every item is one.
template <class Tree> void describe_bits(Tree& tree, const char* key, std::uint64_t& items, unsigned item_bits)
{
    tree.template converted<std::uint64_t>(
        key, [&] { return items * item_bits; },
        [&](std::uint64_t bits) {
            items = bits;
            return true;
        });
}

/// Bits, but for the sums in bytes, which need not be whole ones.
template <class Tree> void describe(Tree& tree, cost::published_traffic& traffic)
{
    if (Tree::reads)
        traffic.inputs.item_bits = traffic.weights.item_bits = 1;
    const unsigned input_bits = traffic.inputs.item_bits, weight_bits = traffic.weights.item_bits;
    tree.value("matches", traffic.matches);
    tree.derived("sram_bytes", traffic.sram_bytes());
    tree.derived("dram_bytes", traffic.dram_bytes());
    tree.object("sram_bits", [&](auto& sram) {
        describe_bits(sram, "a", traffic.inputs.sram_items, input_bits);
        sram.value("a_index", traffic.inputs.sram_index_bits);
        describe_bits(sram, "b", traffic.weights.sram_items, weight_bits);
        sram.value("b_index", traffic.weights.sram_index_bits);
        sram.value("partial_sums", traffic.partial_sum_sram_bits);
        sram.value("outputs", traffic.output_sram_bits);
    });
    tree.object("dram_bits", [&](auto& dram) {
        describe_bits(dram, "a", traffic.inputs.dram_items, input_bits);
        dram.value("a_index", traffic.inputs.dram_index_bits);
        describe_bits(dram, "b", traffic.weights.dram_items, weight_bits);
        dram.value("b_index", traffic.weights.dram_index_bits);
        describe_bits(dram, "written_back", traffic.written_back_items, input_bits);
        dram.value("written_back_index", traffic.written_back_index_bits);
        dram.value("partial_sums", traffic.partial_sum_dram_bits);
        dram.value("outputs", traffic.output_dram_bits);
    });
    tree.object("missed_tiles", [&](auto& missed) {
        missed.value("a", traffic.inputs.missed_tiles);
        missed.value("b", traffic.weights.missed_tiles);
    });
}

} // namespace loas::results
