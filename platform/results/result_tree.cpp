// The keys of results.json, in their order: what is described here is written and read.
#include "platform/config/options.h"
#include "platform/results/result.h"
#include "platform/results/tree.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace loas::results
{

using json = nlohmann::ordered_json;
using observe::counter;

namespace
{

constexpr const char* spike_formats[] = {"packed", "bitmap", "coordinates"}; // numbers of the contract (sw/abi)
constexpr const char* weight_formats[] = {"columns", "rows", "dense"};

template <class Tree> void describe(Tree& tree, observe::counter_set& counters)
{
    for (std::size_t i = 0; i < observe::counter_count; ++i) {
        const auto which = static_cast<counter>(i);
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

/// Without the zeros at the end: bucket b counts values of b binary digits.
template <class Tree> void describe(Tree& tree, const char* key, observe::histogram& histogram)
{
    using list = std::vector<std::uint64_t>;
    tree.template converted<list>(
        key,
        [&] {
            list used(histogram.begin(), histogram.end());
            while (!used.empty() && used.back() == 0)
                used.pop_back();
            return used;
        },
        [&](const list& used) {
            histogram = {};
            if (used.size() > histogram.size())
                return false;
            std::copy(used.begin(), used.end(), histogram.begin());
            return true;
        });
}

template <class Tree> void describe(Tree& tree, observe::channel_statistics& channel, const run_result& run)
{
    tree.value("read_bursts", channel.reads);
    tree.value("write_bursts", channel.writes);
    tree.value("row_hits", channel.row_hits);
    tree.value("row_misses", channel.row_misses);
    tree.value("row_conflicts", channel.row_conflicts);
    tree.value("activates", channel.activates);
    tree.value("precharges", channel.precharges);
    tree.value("refreshes", channel.refreshes);
    tree.value("forwarded_reads", channel.forwarded_reads);
    tree.value("active_clocks", channel.active_clocks);
    tree.value("data_clocks", channel.data_clocks);
    const double active_ns = static_cast<double>(channel.active_clocks) * run.dram_clock_ns;
    const std::uint64_t bursts = channel.reads - channel.forwarded_reads + channel.writes;
    tree.derived("active_gb_per_s",
                 active_ns == 0 ? 0.0 : static_cast<double>(bursts * run.dram_burst_bytes) / active_ns);
    describe(tree, "read_latency_clocks", channel.read_latency_clocks);
    describe(tree, "queue_depth", channel.queue_depth);
}

/// Of a layer that was read the channels are one, their sum; there is none where the run had none.
template <class Tree> void describe_dram(Tree& tree, observe::memory_statistics& memory, const run_result& run)
{
    observe::channel_statistics sum = memory.all_channels();
    tree.object("dram", [&](auto& dram) { describe(dram, sum, run); });
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
template <class Tree> void describe_power(Tree& tree, const layer_result& total, std::uint64_t clock_mhz)
{
    const auto power = [&](double energy_pj) {
        return mean_power_mw(energy_pj, total.counters[counter::cycles], clock_mhz);
    };
    const double dram_pj = total.energy.group_pj(cost::energy_group::dram);
    tree.derived("compute", power(total.energy.group_pj(cost::energy_group::compute)));
    tree.derived("sram", power(total.energy.group_pj(cost::energy_group::sram)));
    tree.derived("leakage", power(total.energy.group_pj(cost::energy_group::leakage)));
    tree.derived("on_chip", power(total.energy.total_pj() - dram_pj));
    tree.derived("dram", power(dram_pj));
}

template <class Tree, std::size_t Words>
void describe(Tree& tree, const char* key, unsigned& format, const char* const (&words)[Words])
{
    tree.template converted<std::string>(
        key, [&] { return words[format]; },
        [&](const std::string& word) {
            format = static_cast<unsigned>(std::find(std::begin(words), std::end(words), word) - std::begin(words));
            return format < Words;
        });
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
            size.information_bits = static_cast<std::uint64_t>(std::llround(share * static_cast<double>(8 * size.bytes)));
            return share >= 0;
        });
}

/// Operands in memory, in the formats of the design.
template <class Tree> void describe_stored(Tree& tree, layer_result& layer)
{
    tree.object("stored", [&](auto& stored) {
        stored.object("spikes", [&](auto& spikes) {
            describe(spikes, "format", layer.spike_format, spike_formats);
            describe(spikes, layer.stored_spikes);
        });
        stored.object("weights", [&](auto& weights) {
            describe(weights, "format", layer.weight_format, weight_formats);
            describe(weights, layer.stored_weights);
        });
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
    });
    tree.object("dram_bits", [&](auto& dram) {
        describe_bits(dram, "a", traffic.inputs.dram_items, input_bits);
        dram.value("a_index", traffic.inputs.dram_index_bits);
        describe_bits(dram, "b", traffic.weights.dram_items, weight_bits);
        dram.value("b_index", traffic.weights.dram_index_bits);
        describe_bits(dram, "written_back", traffic.written_back_items, input_bits);
        dram.value("written_back_index", traffic.written_back_index_bits);
        dram.value("partial_sums", traffic.partial_sum_dram_bits);
    });
    tree.object("missed_tiles", [&](auto& missed) {
        missed.value("a", traffic.inputs.missed_tiles);
        missed.value("b", traffic.weights.missed_tiles);
    });
}

template <class Tree> void describe_accounting(Tree& tree, layer_result& layer, const run_result& run)
{
    tree.value("published_cycles", layer.published.cycles);
    if (tree.has("published_traffic", run.accounted()))
        tree.object("published_traffic", [&](auto& traffic) { describe(traffic, layer.published); });
    tree.derived("tile_utilisation", utilisation(layer, run.tiles));
}

/// What a layer and the totals have alike. further: between DRAM and energy.
template <class Tree, class Further>
void describe_figures(Tree& tree, layer_result& layer, const run_result& run, Further further)
{
    describe_stored(tree, layer);
    describe(tree, layer.counters);
    tree.derived("cache_hit_share", cache_hit_share(layer.counters));
    describe(tree, "access_latency_cycles", layer.memory.access_latency_cycles);
    describe_dram(tree, layer.memory, run);
    further();
    describe(tree, layer.energy);
    describe(tree, layer.published_energy);
}

template <class Tree> void describe_layer(Tree& tree, layer_result& layer, const run_result& run)
{
    tree.value("name", layer.name);
    tree.value("m", layer.m);
    tree.value("k", layer.k);
    tree.value("n", layer.n);
    tree.value("timesteps", layer.timesteps);
    tree.value("runs", layer.runs);
    describe_accounting(tree, layer, run);
    tree.value("spikes", layer.spikes);
    tree.value("non_silent_inputs", layer.non_silent);
    tree.derived("spike_sparsity", layer.spike_sparsity());
    tree.derived("silent_ratio", layer.silent_ratio());
    tree.value("nonzero_weights", layer.weights);
    tree.derived("weight_sparsity", layer.weight_sparsity());
    describe_figures(tree, layer, run, [&] { describe(tree, layer.utilisation); });
    if (Tree::reads && run.dram_channels.empty())
        layer.memory.channels.clear();
}

template <class Tree> void describe_totals(Tree& tree, layer_result& total, run_result& run)
{
    describe_accounting(tree, total, run);
    describe_figures(tree, total, run, [&] {
        tree.list("dram_channels", run.dram_channels,
                  [&](auto& item, observe::channel_statistics& channel) { describe(item, channel, run); });
    });
}

template <class Tree> void describe(Tree& tree, accuracy_result& accuracy)
{
    tree.value("images", accuracy.images);
    tree.template converted<json>(
        "correct", [&] { return accuracy.labelled ? json(accuracy.correct) : json(); },
        [&](const json& correct) {
            accuracy.labelled = !correct.is_null();
            if (correct.is_number_unsigned())
                accuracy.correct = correct.get<std::uint64_t>();
            return correct.is_null() || correct.is_number_unsigned();
        });
    tree.value("predictions", accuracy.predictions);
}

json to_tree(const config::value& value)
{
    return std::visit([](const auto& held) { return json(held); }, value);
}

/// False: no value of an option.
bool from_tree(const json& node, config::value& value)
{
    if (node.is_boolean())
        value = node.get<bool>();
    else if (node.is_number_integer())
        value = node.get<std::int64_t>();
    else if (node.is_number())
        value = node.get<double>();
    else if (node.is_string())
        value = node.get<std::string>();
    else
        return false;
    return true;
}

template <class Tree> void describe_configuration(Tree& tree, run_result& run)
{
    std::vector<std::pair<std::string, json>> entries;
    for (const auto& [key, value] : run.configuration)
        entries.emplace_back(key, to_tree(value));
    tree.named("configuration", entries);
    if (!Tree::reads)
        return;
    for (const auto& [key, node] : entries) {
        run.configuration.emplace_back(key, config::value());
        if (!from_tree(node, run.configuration.back().second))
            throw tree_error(fmt::format("configuration.{}: no value of a parameter", key));
    }
}

/// total: of the layers; when read, of the file.
template <class Tree> void describe(Tree& tree, run_result& run, layer_result& total)
{
    tree.template converted<std::string>(
        "schema", [] { return result_schema; }, [](const std::string& word) { return word == result_schema; });
    tree.value("scenario", run.scenario);
    tree.value("accelerator", run.accelerator);
    tree.value("fidelity", run.fidelity);
    tree.value("timing", run.timing);
    std::string golden = run.golden();
    tree.value("golden", golden);
    tree.value("golden_differences", run.golden_differences);
    if (Tree::reads) {
        run.golden_checked = golden != "not checked";
        if (run.golden() != golden)
            throw tree_error(fmt::format("golden: '{}' does not agree with golden_differences", golden));
    }
    tree.object("accuracy", [&](auto& accuracy) { describe(accuracy, run.accuracy); });
    tree.value("simulated_ns", run.simulated_ns);
    tree.object("totals", [&](auto& totals) { describe_totals(totals, total, run); });
    tree.object("area_mm2", [&](auto& area) { describe(area, run.area); });
    tree.object("power_mw", [&](auto& power) { describe_power(power, total, run.clock_mhz); });
    tree.list("layers", run.layers, [&](auto& item, layer_result& layer) { describe_layer(item, layer, run); });
    describe_configuration(tree, run);
}

/// The scenario by the numbers of the configuration; of files it has only the names.
config::scenario scenario_of(const run_result& run)
{
    config::scenario scenario;
    const std::vector<config::option> options = config::options_of(scenario);
    for (const auto& [key, value] : run.configuration)
        if (std::none_of(options.begin(), options.end(), [&key = key](const auto& each) { return each.key == key; }))
            throw tree_error(fmt::format("configuration.{} is no parameter", key));
    for (const config::option& each : options) {
        const auto found = std::find_if(run.configuration.begin(), run.configuration.end(),
                                        [&](const auto& entry) { return entry.first == each.key; });
        if (found == run.configuration.end())
            throw tree_error(fmt::format("configuration.{} is missing", each.key));
        if (found->second.index() != each.get().index() || !each.problem(found->second).empty())
            throw tree_error(fmt::format("configuration.{}: no value of this parameter", each.key));
        each.set(found->second);
    }
    if (scenario.accelerator != run.accelerator)
        throw tree_error(fmt::format("accelerator: '{}' is not that of the configuration", run.accelerator));
    return scenario;
}

} // namespace

std::string_view spike_format_name(const layer_result& layer)
{
    return spike_formats[layer.spike_format];
}

std::string_view weight_format_name(const layer_result& layer)
{
    return weight_formats[layer.weight_format];
}

json to_json_tree(const run_result& result)
{
    json out = json::object();
    tree_writer tree(out);
    run_result described = result; // a description takes members that can be read, too
    layer_result total = result.totals();
    describe(tree, described, total);
    return out;
}

std::string to_json(const run_result& result)
{
    return to_json_tree(result).dump(2) + "\n";
}

run_result from_json_tree(const json& node)
{
    run_result result;
    layer_result total_of_file;
    const tree_reader tree(node);
    describe(tree, result, total_of_file);
    result.take_conditions(scenario_of(result));
    result.runs = result.layers.empty() ? 0 : result.layers.front().runs;
    return result;
}

run_result from_json(std::string_view text)
{
    return from_json_tree(json::parse(text));
}

} // namespace loas::results
