#include "platform/summary/sentences.h"

#include "abi/loas_abi.h"
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

/// "the host reads 10 and writes 20 bytes of device memory a run, in 0.30 us", of a layer of so many runs.
std::string work_text(const results::host_work& work, std::uint64_t runs)
{
    const double all = static_cast<double>(std::max<std::uint64_t>(runs, 1));
    return fmt::format("the host reads {:.0f} and writes {:.0f} bytes of device memory a run, in {:.2f} us",
                       static_cast<double>(work.read_bytes) / all, static_cast<double>(work.written_bytes) / all,
                       static_cast<double>(work.host_ns) * 1e-3 / all);
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

/// What wider hardware would change; nothing if there is none.
std::string wider_text(const results::blocks_result& blocks)
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

} // namespace

std::string bytes(std::uint64_t value)
{
    const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double shown = static_cast<double>(value);
    std::size_t unit = 0;
    for (; shown >= 1024 && unit < 4; ++unit)
        shown /= 1024;
    return fmt::format("{:.{}f} {}", shown, unit == 0 ? 0 : 1, units[unit]);
}

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
                       results::mean_power_mw(on_chip_pj, total.counters[counter::cycles], result.clock_mhz),
                       result.area.total_mm2()) +
           fmt::format("Leakage of the cache: {:.1f} mW as published, {:.1f} by CACTI, which adds that of the gates.\n",
                       result.cache_leakage.published_mw, result.cache_leakage.cacti_mw);
}

std::string runs_text(const run_result& result)
{
    if (!result.program.name.empty())
        return fmt::format("program {}", text::printable(result.program.name));
    if (result.accuracy.images > 0)
        return fmt::format("{} images", result.accuracy.images);
    return fmt::format("{} run{}", result.runs, result.runs == 1 ? "" : "s");
}

std::string program_text(const results::program_result& program)
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

std::string performance_text(const run_result& result)
{
    const results::performance of = performance_of(result);
    if (of.accelerator_ns == 0)
        return "The accelerator took no time.\n";
    const bool images = result.accuracy.images > 0;
    return fmt::format("The accelerator alone: {:.3f} ms, {:.1f} us {}, {} {} a second; "
                       "{:.3f} TOPS/W\n(an operation is a spike at a weight; DRAM included).\n",
                       of.accelerator_ns * 1e-6, 1e6 / of.runs_per_second, images ? "an image" : "a run",
                       results::readable(of.runs_per_second), images ? "images" : "runs", of.tops_per_watt);
}

std::string_view fidelity_text(const run_result& result)
{
    return result.fidelity == "published" && result.accounted()
               ? "Cycles are of the machine with the published rules, which gathers inputs pixel by pixel; the column\n"
                 "published counts them channel by channel, so chunks and cycles differ a little above 1 x 1 kernels.\n"
               : "";
}

std::string overflow_text(const run_result& result, const layer_result& total)
{
    const overflow_words words = overflow_of(result, total);
    return words.counts.empty() ? ""
                                : fmt::format("Overflow: {}\n{}: {}\n", words.counts, words.widths, words.consequence);
}

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

std::string float_text(const run_result& result)
{
    const results::float_result& floats = result.floats;
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
    if (floats.layers.empty())
        return text + "\nNo layer has spikes that could differ from it.\n";
    std::string layers = "Spikes that differ from it, of all neurons and timesteps (of its spikes):";
    for (const results::float_layer& layer : floats.layers)
        layers += fmt::format(" {} {:.2f} % ({:.3g} %){}", layer.name, 100 * layer.disagreement, 100 * layer.of_spikes,
                              &layer == &floats.layers.back() ? "" : ",");
    return text + '\n' + text::wrapped(layers, columns, 0, 2);
}

std::string_view caution_of(std::string_view timing)
{
    return timing == "lt" ? "Timing lt: memory accesses take an unloaded latency and never wait for each other.\n"
                            "Cycles, traffic and energy are no bound for those of timing at.\n"
                          : "";
}

} // namespace loas::summary
