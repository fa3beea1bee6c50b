#include "abi/loas_abi.h"
#include "platform/results/result.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::results
{

using observe::counter;

std::string grouped(std::uint64_t value)
{
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

std::string align(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const std::vector<std::string>& cells : rows) {
        widths.resize(std::max(widths.size(), cells.size()));
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], cells[i].size());
    }
    std::string text;
    for (const std::vector<std::string>& cells : rows) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            text += i == 0 ? fmt::format("{:<{}}", cells[i], widths[i]) : fmt::format("  {:>{}}", cells[i], widths[i]);
        text += '\n';
    }
    return text;
}

namespace
{

using row = std::vector<std::string>;

constexpr std::size_t columns = 100; // of a line of words

std::string percent(double share)
{
    return fmt::format("{:.1f}", 100 * share);
}

/// Bytes in a unit that fits, three digits.
std::string bytes(std::uint64_t value)
{
    const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double shown = static_cast<double>(value);
    std::size_t unit = 0;
    for (; shown >= 1024 && unit < 4; ++unit)
        shown /= 1024;
    return fmt::format("{:.{}f} {}", shown, unit == 0 ? 0 : 1, units[unit]);
}

/// Layer names come from files of others and can be long.
std::string short_name(const std::string& name)
{
    return name.size() <= 13 ? name : name.substr(0, 11) + "..";
}

/// "the host reads 10 and writes 20 bytes of device memory a run, in 0.30 us", of a layer of so many runs.
std::string work_text(const host_work& work, std::uint64_t runs)
{
    const double all = static_cast<double>(std::max<std::uint64_t>(runs, 1));
    return fmt::format("the host reads {:.0f} and writes {:.0f} bytes of device memory a run, in {:.2f} us",
                       static_cast<double>(work.read_bytes) / all, static_cast<double>(work.written_bytes) / all,
                       static_cast<double>(work.host_ns) * 1e-3 / all);
}

/// What layers cost the host.
std::string host_text(const run_result& result)
{
    std::string lines;
    for (const layer_result& layer : result.layers) {
        if (layer.joined) {
            std::string sources;
            for (const std::string& each : layer.joined->sources)
                sources += (sources.empty() ? "" : ", ") + text::printable(each);
            lines += text::wrapped(fmt::format("Layer {} takes {} side by side: {}.", text::printable(layer.name), sources,
                                               work_text(*layer.joined, layer.runs)),
                                   columns, 0, 2);
        }
        if (layer.host_neurons)
            lines += text::wrapped(fmt::format("Layer {} has its neurons on the host, as {}: {}.", text::printable(layer.name),
                                               text::printable(layer.host_neurons->because, 1000),
                                               work_text(*layer.host_neurons, layer.runs)),
                                   columns, 0, 2);
    }
    return lines;
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
            bytes(sram_bytes(layer.counters)),
            bytes(dram_bytes(layer.counters))};
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
            percent(cache_hit_share(layer.counters)),
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

std::string energy_text(const run_result& result, const layer_result& total)
{
    const double runs = static_cast<double>(std::max<std::uint64_t>(result.runs, 1));
    const char* each = result.accuracy.images > 0 ? "an image" : "a run";
    if (result.energy_rule == "published")
        return fmt::format("Energy by the published rule {:.3e} {}; dimensionless, for ratios only.\n",
                           total.published_energy.total() / runs, each);
    const double on_chip_pj = total.energy.total_pj() - total.energy.group_pj(cost::energy_group::dram);
    return fmt::format("Energy {:.3f} uJ {}; {:.1f} mW on chip while layers run; {:.2f} mm2.\n",
                       total.energy.total_pj() * 1e-6 / runs, each,
                       mean_power_mw(on_chip_pj, total.counters[counter::cycles], result.clock_mhz),
                       result.area.total_mm2()) +
           fmt::format("Leakage of the cache: {:.1f} mW as published, {:.1f} by CACTI, which adds that of the gates.\n",
                       result.cache_leakage.published_mw, result.cache_leakage.cacti_mw);
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

/// What the sums are over.
std::string runs_text(const run_result& result)
{
    if (!result.program.name.empty())
        return fmt::format("program {}", text::printable(result.program.name));
    if (result.accuracy.images > 0)
        return fmt::format("{} images", result.accuracy.images);
    return fmt::format("{} run{}", result.runs, result.runs == 1 ? "" : "s");
}

/// How a program ended, and what the CPU did meanwhile; "" without one.
std::string program_text(const program_result& program)
{
    if (program.name.empty())
        return "";
    const auto us = [](std::uint64_t ns) { return static_cast<double>(ns) * 1e-3; };
    return fmt::format("Program: exit code {} by {}. CPU ({}): {}running {:.1f} us, waiting for accesses {:.1f}, for "
                       "interrupts {:.1f}.\n",
                       program.code, program.ended_by, program.cpu,
                       program.instructions == 0 ? "" : grouped(program.instructions) + " instructions, ",
                       us(program.running_ns), us(program.devices_ns), us(program.waiting_ns));
}

/// The accelerator without its host.
std::string performance_text(const run_result& result)
{
    const performance of = performance_of(result);
    if (of.accelerator_ns == 0)
        return "The accelerator took no time.\n";
    const bool images = result.accuracy.images > 0;
    const std::string rate = of.runs_per_second < 1000 ? fmt::format("{:.4g}", of.runs_per_second)
                                                       : grouped(static_cast<std::uint64_t>(of.runs_per_second + 0.5));
    return fmt::format("The accelerator alone: {:.3f} ms, {:.1f} us {}, {} {} a second; "
                       "{:.3f} TOPS/W\n(an operation is a spike at a weight; DRAM included).\n",
                       of.accelerator_ns * 1e-6, 1e6 / of.runs_per_second, images ? "an image" : "a run",
                       rate, images ? "images" : "runs", of.tops_per_watt);
}

/// "published" means two things where both stand side by side.
std::string_view fidelity_text(const run_result& result)
{
    return result.fidelity == "published" && result.accounted()
               ? "Cycles are of the machine with the published rules, which gathers inputs pixel by pixel; the column\n"
                 "published counts them channel by channel, so chunks and cycles differ a little above 1 x 1 kernels.\n"
               : "";
}

/// What did not fit into the accumulators, and what came of it, in words; "" of nothing.
struct overflow_words {
    std::string counts, widths, consequence;
};

overflow_words overflow_of(const run_result& result, const layer_result& total)
{
    const std::uint64_t sums = total.counters[counter::pseudo_overflows];
    const std::uint64_t corrections = total.counters[counter::correction_overflows];
    if (sums + corrections == 0)
        return {};
    const auto setting = [&](std::string_view key) -> const config::value* {
        for (const auto& [name, value] : result.configuration)
            if (name == key)
                return &value;
        return nullptr;
    };
    const auto bits = [&](std::string_view key) {
        const auto* value = setting(key);
        return value != nullptr ? std::get<std::int64_t>(*value) : 0;
    };
    const auto* overflow = setting("tppe.overflow");
    const std::string how = overflow != nullptr ? std::get<std::string>(*overflow) : "ideal";
    return {fmt::format("{} sums of {} bits, {} corrections of {}", grouped(sums), bits("tppe.acc_bits"),
                        grouped(corrections), bits("tppe.corr_bits")),
            "(tppe.acc_bits, tppe.corr_bits)",
            how == "ideal" ? "hardware of these widths would compute something else; this\n"
                             "model adds in 32 bits (tppe.overflow)."
                           : fmt::format("they {}, in the golden model too. Outputs may differ from\n"
                                         "those of the network that was given.",
                                         how == "wrap" ? "wrap" : "saturate")};
}

/// The same before all figures.
std::string overflow_warning(const run_result& result, const layer_result& total)
{
    overflow_words words = overflow_of(result, total);
    if (words.counts.empty())
        return {};
    std::replace(words.consequence.begin(), words.consequence.end(), '\n', ' ');
    return text::wrapped(fmt::format("Warning: the accumulators overflow, {} {}: {}", words.counts, words.widths,
                                     words.consequence),
                         columns, 0, 2);
}

} // namespace

std::string overflow_text(const run_result& result, const layer_result& total)
{
    const overflow_words words = overflow_of(result, total);
    return words.counts.empty() ? ""
                                : fmt::format("Overflow: {}\n{}: {}\n", words.counts, words.widths, words.consequence);
}

namespace
{

/// What scheduler.spread did; nothing where it is "rows".
std::string spread_text(const run_result& result)
{
    std::string spread;
    bool others = false;
    for (const layer_result& layer : result.layers) {
        if (layer.column_streams > 1)
            spread += fmt::format("{}{} {}", spread.empty() ? "" : ", ", layer.name, layer.column_streams);
        others = others || layer.column_streams == 1;
    }
    if (spread.empty())
        return others ? "Free tiles: no layer has so few rows that tiles took columns side by side.\n" : "";
    return fmt::format("Columns that free tiles took side by side, at most: {}{}.\n", spread,
                       others ? "; none in other layers" : "");
}

/// What wider hardware would change; nothing if there is none.
std::string wider_text(const blocks_result& blocks)
{
    const unsigned fewest = (blocks.timesteps + LOAS_MAX_TIMESTEPS - 1) / LOAS_MAX_TIMESTEPS;
    if (fewest >= blocks.count)
        return "";
    return text::wrapped(
        fmt::format("With tppe.max_timesteps = {} it would be {}, on larger tiles (loas-vp cost).",
                    (blocks.timesteps + fewest - 1) / fewest,
                    fewest == 1 ? "one block, and no potentials would move" : fmt::format("{} blocks", fewest)),
        columns, 0, 0);
}

/// Blocks of timesteps, and what they cost: potentials go to memory and back, and weights come anew for each.
std::string blocks_text(const run_result& result, const layer_result& total)
{
    if (result.blocks.count <= 1 || result.layers.empty())
        return "";
    const unsigned block = result.layers.front().timesteps;
    const unsigned beyond = result.blocks.count * block - result.blocks.timesteps;
    const auto sum = [&](std::initializer_list<counter> which) {
        std::uint64_t all = 0;
        for (const counter each : which)
            all += total.counters[each];
        return bytes(all);
    };
    const std::string ran =
        fmt::format("{} timesteps ran in {} blocks of {}, as the hardware holds no more at a time{}.",
                    result.blocks.timesteps, result.blocks.count, block,
                    beyond == 0 ? "" : fmt::format("; the last {} have no input and are in no score", beyond));
    const std::string moved =
        fmt::format("That moved potentials and partial sums, {}, {} of them from or to DRAM, and weights anew for each "
                    "block, {}, {} from DRAM.",
                    sum({counter::request_bytes_partial_sums}),
                    sum({counter::dram_read_partial_sums, counter::dram_write_partial_sums}),
                    sum({counter::request_bytes_b_mask, counter::request_bytes_b_weights}),
                    sum({counter::dram_read_b_mask, counter::dram_read_b_weights}));
    return text::wrapped(ran, columns, 0, 0) + text::wrapped(moved, columns, 0, 0) +
           fmt::format("A block of an input takes {} cycles.\n",
                       grouped(total.counters[counter::cycles] /
                               std::max<std::uint64_t>(result.layers.front().runs, 1))) +
           wider_text(result.blocks);
}

/// The network that ran beside the one that its file describes.
std::string float_text(const run_result& result)
{
    const float_result& floats = result.floats;
    if (floats.images == 0)
        return "";
    std::string text = fmt::format("Float network: the same class for {} of {} images", floats.agree, floats.images);
    if (floats.map)
        text = fmt::format("Float network: {:.2f} % of the map's pixels have the same best channel, in {} images; scores\n"
                           "correlate by {:.4f}",
                           100 * floats.map->same_pixels, floats.images, floats.map->correlation);
    if (result.accuracy.labelled)
        text += fmt::format(", {} right ({:.2f} %)", floats.correct,
                            100.0 * static_cast<double>(floats.correct) / static_cast<double>(floats.images));
    std::string layers = "Spikes that differ from it, of all neurons and timesteps (of its spikes):";
    for (const float_layer& layer : floats.layers)
        layers += fmt::format(" {} {:.2f} % ({:.3g} %){}", layer.name, 100 * layer.disagreement, 100 * layer.of_spikes,
                              &layer == &floats.layers.back() ? "" : ",");
    return text + '\n' + text::wrapped(layers, columns, 0, 2);
}

} // namespace

std::string_view caution_of(std::string_view timing)
{
    return timing == "lt" ? "Timing lt: memory accesses take an unloaded latency and never wait for each other.\n"
                            "Cycles, traffic and energy are no bound for those of timing at.\n"
                          : "";
}

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
    text += align(shapes) + '\n' + align(stored) + '\n' + align(events) + '\n';
    if (!layers.back().memory.channels.empty())
        text += align(memory) + '\n';
    text += align(energies) + '\n' + align(stall_rows(layers, result.tiles)) + '\n';
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

} // namespace loas::results
