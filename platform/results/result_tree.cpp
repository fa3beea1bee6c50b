// The keys of results.json, in their order: what is described here is written and read. Its parts are in
// figure_trees.h.
#include "platform/config/options.h"
#include "platform/results/figure_trees.h"

#include <algorithm>
#include <iterator>

namespace loas::results
{

using json = nlohmann::ordered_json;
using observe::counter;

namespace
{

constexpr const char* spike_formats[] = {"packed", "bitmap", "coordinates", "bytes", "byte-pairs"}; // numbers of the contract (sw/abi)
constexpr const char* weight_formats[] = {"columns", "rows", "dense"};

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

template <class Tree> void describe(Tree& tree, host_work& work)
{
    tree.value("read_bytes", work.read_bytes);
    tree.value("written_bytes", work.written_bytes);
    tree.value("host_ns", work.host_ns);
}

template <class Tree> void describe(Tree& tree, joined_input& joined)
{
    tree.value("sources", joined.sources);
    describe(tree, static_cast<host_work&>(joined));
}

template <class Tree> void describe(Tree& tree, host_neurons& neurons)
{
    tree.value("because", neurons.because);
    describe(tree, static_cast<host_work&>(neurons));
}

template <class Tree> void describe(Tree& tree, float_result::map_agreement& map)
{
    tree.value("same_best_channel", map.same_pixels);
    tree.value("correlation", map.correlation);
}

/// What only some layers have.
template <class Tree, class Part> void describe_part(Tree& tree, const char* key, std::optional<Part>& part)
{
    if (!tree.has(key, part.has_value()))
        return;
    Part described = part.value_or(Part());
    tree.object(key, [&](auto& of) { describe(of, described); });
    part = described;
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
    if (tree.has("masked_inputs", layer.masked_inputs.has_value())) {
        std::uint64_t masked = layer.masked_inputs.value_or(0);
        tree.value("masked_inputs", masked);
        layer.masked_inputs = masked;
    }
    if (tree.has("column_streams", layer.column_streams > 0))
        tree.value("column_streams", layer.column_streams);
    describe_part(tree, "joined_input", layer.joined);
    describe_part(tree, "host_neurons", layer.host_neurons);
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
                  [&](auto& item, observe::channel_statistics& channel) { describe(item, channel, scale_of(run)); });
    });
}

template <class Tree> void describe(Tree& tree, float_result& floats)
{
    tree.value("images", floats.images);
    tree.value("agree", floats.agree);
    tree.value("correct", floats.correct);
    describe_part(tree, "map", floats.map);
    tree.list("layers", floats.layers, [](auto& item, float_layer& layer) {
        item.value("name", layer.name);
        item.value("spike_disagreement", layer.disagreement);
        item.value("differing_per_float_spike", layer.of_spikes);
        item.value("rate", layer.rate);
        item.value("float_rate", layer.float_rate);
        item.value("dead_neurons", layer.dead);
        item.value("saturated_neurons", layer.saturated);
    });
    tree.value("warnings", floats.warnings);
}

template <class Tree> void describe(Tree& tree, neurobench_result& of, const run_result& run)
{
    const auto images = static_cast<double>(run.accuracy.images);
    tree.value("footprint_bytes", of.footprint_bytes);
    tree.value("parameter_count", of.parameters);
    tree.value("connection_sparsity", of.connection_sparsity);
    tree.value("activation_sparsity", of.activation_sparsity);
    tree.object("synaptic_operations", [&](auto& operations) {
        operations.value("effective_macs", of.effective_macs);
        operations.value("effective_acs", of.effective_acs);
        operations.value("dense", of.dense);
    });
    tree.value("membrane_updates", of.membrane_updates);
    if (run.accuracy.labelled)
        tree.derived("classification_accuracy", static_cast<double>(run.accuracy.correct) / images);
    tree.derived("latency_ns", performance_of(run).accelerator_ns / images);
    tree.derived("energy_pj", run.totals().energy.total_pj() / images);
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

template <class Tree> void describe(Tree& tree, program_result& program)
{
    tree.value("name", program.name);
    tree.value("cpu", program.cpu);
    tree.value("exit_code", program.code);
    tree.value("ended_by", program.ended_by);
    tree.value("instructions", program.instructions);
    tree.value("running_ns", program.running_ns);
    tree.value("devices_ns", program.devices_ns);
    tree.value("waiting_ns", program.waiting_ns);
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
    if (tree.has("inputs_made_up", !run.inputs_made_up.empty()))
        tree.value("inputs_made_up", run.inputs_made_up);
    if (tree.has("guesses", !run.guesses.empty()))
        tree.value("guesses", run.guesses);
    std::string golden = run.golden();
    tree.value("golden", golden);
    tree.value("golden_differences", run.golden_differences);
    if (tree.has("golden_unchecked", !run.golden_unchecked.empty()))
        tree.value("golden_unchecked", run.golden_unchecked);
    if (Tree::reads) {
        run.golden_checked = golden != "not checked";
        if (run.golden() != golden)
            throw tree_error(fmt::format("golden: '{}' does not agree with golden_differences and golden_unchecked", golden));
    }
    tree.object("accuracy", [&](auto& accuracy) { describe(accuracy, run.accuracy); });
    if (tree.has("float_network", run.floats.images > 0 || !run.floats.warnings.empty()))
        tree.object("float_network", [&](auto& floats) { describe(floats, run.floats); });
    if (tree.has("blocks", run.blocks.count > 1))
        tree.object("blocks", [&](auto& blocks) {
            blocks.value("timesteps", run.blocks.timesteps);
            blocks.value("count", run.blocks.count);
        });
    if (tree.has("program", !run.program.name.empty()))
        tree.object("program", [&](auto& program) { describe(program, run.program); });
    tree.value("simulated_ns", run.simulated_ns);
    const performance speed = Tree::reads ? performance() : performance_of(run);
    tree.object("performance", [&](auto& of) {
        of.derived("accelerator_ns", speed.accelerator_ns);
        of.derived("runs_per_second", speed.runs_per_second);
        of.derived("synaptic_operations", speed.synaptic_operations);
        of.derived("tops_per_watt", speed.tops_per_watt);
    });
    if (tree.has("neurobench", run.neurobench.parameters > 0))
        tree.object("neurobench", [&](auto& neurobench) { describe(neurobench, run.neurobench, run); });
    tree.object("totals", [&](auto& totals) { describe_totals(totals, total, run); });
    tree.object("area_mm2", [&](auto& area) { describe(area, run.area); });
    tree.object("cache_leakage_mw", [&](auto& leakage) {
        leakage.value("published", run.cache_leakage.published_mw);
        leakage.value("cacti", run.cache_leakage.cacti_mw);
    });
    tree.object("power_mw", [&](auto& power) { describe_power(power, total, run.clock_mhz); });
    tree.list("layers", run.layers, [&](auto& item, layer_result& layer) { describe_layer(item, layer, run); });
    describe_configuration(tree, run);
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

std::string to_neurobench(const run_result& result)
{
    return to_json_tree(result)["neurobench"].dump(2) + "\n";
}

run_result from_json_tree(const json& node)
{
    run_result result;
    layer_result total_of_file;
    const tree_reader tree(node);
    describe(tree, result, total_of_file);
    result.take_conditions(scenario_of(result));
    result.runs = runs_of(result);
    return result;
}

run_result from_json(std::string_view text)
{
    return from_json_tree(json::parse(text));
}

} // namespace loas::results
