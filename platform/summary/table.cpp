#include "platform/summary/sentences.h"
#include "platform/summary/summary.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::summary
{

using observe::counter;
using results::grouped;

namespace
{

using row = std::vector<std::string>;

std::string percent(double share)
{
    return fmt::format("{:.1f}", 100 * share);
}

/// Layer names come from files of others and can be long.
std::string short_name(const std::string& name)
{
    return name.size() <= 13 ? name : name.substr(0, 11) + "..";
}

/// timesteps: of the network, where a layer has those of a block
row shape_row(const layer_result& layer, bool total, unsigned timesteps, unsigned tiles, bool accounted)
{
    const auto size = [total](std::uint64_t value) { return total ? std::string() : std::to_string(value); };
    const auto ratio = [total](double value) { return total ? std::string() : percent(value); };
    return {short_name(layer.name),
            size(layer.m),
            size(layer.k),
            size(layer.n),
            size(timesteps),
            ratio(layer.spike_sparsity()),
            ratio(layer.silent_ratio()),
            ratio(layer.weight_sparsity()),
            grouped(layer.counters[counter::cycles]),
            accounted ? grouped(layer.published.cycles) : "-",
            percent(utilisation(layer, tiles))};
}

row event_row(const layer_result& layer)
{
    return {short_name(layer.name),
            grouped(layer.counters[counter::joins]),
            grouped(layer.counters[counter::matches]),
            grouped(layer.counters[counter::corrections]),
            bytes(results::sram_bytes(layer.counters)),
            bytes(results::dram_bytes(layer.counters))};
}

row stored_row(const layer_result& layer)
{
    row cells = {short_name(layer.name)};
    for (const cost::tensor_size& of : {layer.stored_spikes, layer.stored_weights}) {
        const double dense_bytes = static_cast<double>(of.dense_bits) / 8;
        cells.push_back(bytes(of.bytes));
        cells.push_back(percent(dense_bytes == 0 ? 0.0 : static_cast<double>(of.bytes) / dense_bytes));
        cells.push_back(percent(of.efficiency()));
    }
    return cells;
}

row memory_row(const layer_result& layer, const run_result& result)
{
    const observe::channel_statistics dram = layer.memory.all_channels();
    const std::uint64_t bursts = dram.row_hits + dram.row_misses + dram.row_conflicts;
    const auto of_bursts = [&](std::uint64_t part) {
        return percent(bursts == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(bursts));
    };
    const double ns = static_cast<double>(layer.counters[counter::cycles]) * 1000 / result.clock_mhz;
    const std::uint64_t read = layer.counters.group_total("dram_read_bytes");
    const std::uint64_t written = layer.counters.group_total("dram_write_bytes");
    return {short_name(layer.name),
            bytes(layer.counters.group_total("request_bytes")),
            percent(results::cache_hit_share(layer.counters)),
            bytes(read),
            bytes(written),
            of_bursts(dram.row_hits),
            of_bursts(dram.row_conflicts),
            fmt::format("{:.2f}", ns == 0 ? 0.0 : static_cast<double>(read + written) / ns)};
}

row energy_row(const layer_result& layer, bool accounted)
{
    const double total = layer.energy.total_pj();
    const auto of_total = [&](cost::energy_group group) {
        return percent(total == 0 ? 0.0 : layer.energy.group_pj(group) / total);
    };
    return {short_name(layer.name),
            fmt::format("{:.3f}", total * 1e-6),
            of_total(cost::energy_group::compute),
            of_total(cost::energy_group::sram),
            of_total(cost::energy_group::dram),
            of_total(cost::energy_group::leakage),
            accounted ? fmt::format("{:.3e}", layer.published_energy.total()) : "-"};
}

/// Column head for a counter of the group stall_cycles.
std::string cause_label(counter cause)
{
    switch (cause) {
    case counter::busy_cycles:
        return "busy";
    case counter::stall_empty_join:
        return "empty";
    case counter::stall_fifo_full:
        return "fifo";
    case counter::stall_weights_late:
        return "wbuf";
    case counter::stall_prefix:
        return "fast";
    case counter::stall_zero_operand:
        return "zero";
    case counter::stall_merging:
        return "merge";
    case counter::stall_partial_sums:
        return "sums";
    case counter::stall_packing:
        return "out";
    case counter::stall_waiting_a:
        return "A late";
    case counter::stall_waiting_b:
        return "B late";
    case counter::stall_synchronisation:
        return "sync";
    case counter::stall_dram_refresh:
        return "refr.";
    default:
        return std::string(observe::info_of(cause).name);
    }
}

/// Cycles of the tiles by cause, as the table shows them: packing and write-back are one.
std::uint64_t lost_to(const layer_result& layer, counter cause)
{
    return layer.counters[cause] + (cause == counter::stall_packing ? layer.counters[counter::stall_write_back] : 0);
}

/// Share of the tiles' cycles by what they did; the columns are the causes that occur in this run.
std::vector<row> stall_rows(const std::vector<layer_result>& layers, unsigned tiles)
{
    std::vector<counter> causes = {counter::busy_cycles};
    for (std::size_t i = 0; i < observe::counter_count; ++i) {
        const auto which = static_cast<counter>(i);
        const bool occurs = std::any_of(layers.begin(), layers.end(),
                                        [which](const layer_result& layer) { return lost_to(layer, which) > 0; });
        if (observe::info_of(which).group == "stall_cycles" && which != counter::stall_write_back && occurs)
            causes.push_back(which);
    }
    std::vector<row> rows(1, {"tile cycles %"});
    for (const counter cause : causes)
        rows[0].push_back(cause_label(cause));
    for (const layer_result& layer : layers) {
        rows.push_back({short_name(layer.name)});
        const std::uint64_t all = layer.counters[counter::cycles] * tiles;
        for (const counter cause : causes)
            rows.back().push_back(
                percent(all == 0 ? 0.0 : static_cast<double>(lost_to(layer, cause)) / static_cast<double>(all)));
    }
    return rows;
}

} // namespace

std::string to_table(const run_result& result)
{
    std::vector<layer_result> layers = result.layers;
    layers.push_back(result.totals());
    const bool accounted = result.accounted();
    std::vector<row> shapes = {
        {"layer", "M", "K", "N", "T", "spikes 0 %", "silent %", "weights 0 %", "cycles", "published", "busy %"}};
    std::vector<row> events = {{"layer", "joins", "matches", "corrections", "SRAM", "DRAM"}};
    std::vector<row> stored = {
        {"layer", "spikes stored", "of dense %", "efficiency %", "weights stored", "of dense %", "efficiency %"}};
    for (std::size_t i = 0; i < layers.size(); ++i) {
        shapes.push_back(shape_row(layers[i], i + 1 == layers.size(),
                                   result.blocks.count > 1 ? result.blocks.timesteps : layers[i].timesteps, result.tiles,
                                   accounted));
        events.push_back(event_row(layers[i]));
        stored.push_back(stored_row(layers[i]));
    }

    std::vector<row> memory = {
        {"layer", "requests", "hits %", "DRAM read", "written", "row hits %", "conflicts %", "GB/s"}};
    for (const layer_result& layer : layers)
        memory.push_back(memory_row(layer, result));

    std::vector<row> energies = {
        {"layer", "energy uJ", "compute %", "SRAM %", "DRAM %", "leakage %", "published rule"}};
    for (const layer_result& layer : layers)
        energies.push_back(energy_row(layer, accounted));

    std::string text;
    for (const std::vector<std::string>& warnings : {result.guesses, result.floats.warnings})
        for (const std::string& warning : warnings)
            text += text::wrapped("Warning: " + warning, columns, 0, 2);
    text += overflow_warning(result, layers.back());
    if (!result.inputs_made_up.empty())
        text += text::wrapped(fmt::format("{}: {}", result.accelerator, result.inputs_made_up), columns, 0, 2);
    text +=
        fmt::format("{}: {} ({} fidelity), {} tile{} at {:.6g} MHz, {}\n\n", result.scenario, result.accelerator,
                    result.fidelity, result.tiles, result.tiles == 1 ? "" : "s", result.clock_mhz, runs_text(result));
    text += results::align(shapes) + '\n' + results::align(stored) + '\n' + results::align(events) + '\n';
    if (!layers.back().memory.channels.empty())
        text += results::align(memory) + '\n';
    text += results::align(energies) + '\n' + results::align(stall_rows(layers, result.tiles)) + '\n';
    text += caution_of(result.timing);
    const bool images = result.accuracy.images > 0;
    text += fmt::format(
        "Sums over all {}. published: cycles by the publication's own accounting.\n"
        "stored: in memory, weights once; efficiency: T bits a non-silent input, 8 a weight, of those stored.\n"
        "{}"
        "Simulated time {:.3f} ms, {:.1f} us {}.\n",
        images ? "images" : "runs", performance_text(result), static_cast<double>(result.simulated_ns) * 1e-6,
        static_cast<double>(result.simulated_ns) * 1e-3 / static_cast<double>(std::max<std::uint64_t>(result.runs, 1)),
        images ? "an image, loading and waiting by the host included" : "a run, loading by the host included");
    text += fidelity_text(result);
    if (const auto& masked = layers.back().masked_inputs)
        text += fmt::format("Masked before they were run: {} inputs that spiked once.\n", grouped(*masked));
    text += spread_text(result);
    text += host_text(result);
    text += blocks_text(result, layers.back());
    text += overflow_text(result, layers.back());
    text += program_text(result.program);
    text += energy_text(result, layers.back());
    if (result.accuracy.labelled)
        text += fmt::format("Accuracy {} of {} ({:.2f} %)\n", result.accuracy.correct, result.accuracy.images,
                            100.0 * static_cast<double>(result.accuracy.correct) /
                                static_cast<double>(std::max<std::uint64_t>(result.accuracy.images, 1)));
    text += float_text(result);
    text += "Golden model: " + result.golden() + '\n';
    for (const std::string& difference : result.golden_differences)
        text += "  " + difference + '\n';
    for (const std::string& layer : result.golden_unchecked)
        text += "  could not be compared: " + layer + '\n';
    return text;
}

} // namespace loas::summary
