#include "platform/network_file/network_scenario.h"

#include "platform/float_network/beside_float.h"
#include "platform/formats/nir.h"
#include "platform/network_file/load_network.h"
#include "platform/network/read_graph.h"
#include "platform/text/read_text.h"
#include "platform/text/say.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace loas::network_file
{
namespace
{

bool says(const std::vector<std::string>& overrides, const std::string& key)
{
    return std::any_of(overrides.begin(), overrides.end(), [&](const std::string& override) {
        const std::string each = config::setting_of(override);
        return each.rfind(key, 0) == 0 && each.find_first_of("= ", key.size()) == key.size();
    });
}

/// Recognised, with what that has to say; the graph stays as it was read.
struct recognised {
    lowering::dialect speech;
    std::vector<std::string> assumed;
    bool warned = false;

    recognised(network::graph& graph, const lowering::dialect_wishes& wishes)
    {
        const std::size_t warnings = graph.warnings.size(), before = graph.assumed.size();
        speech = lowering::recognise_dialect(graph, wishes);
        warned = graph.warnings.size() > warnings;
        assumed = graph.assumed;
        graph.warnings.resize(warnings);
        graph.assumed.resize(before);
    }
};

/// Of inputs that carry one, unless the network's own numbers show another: its steps are those of the inputs, whatever
/// its exporter called their length.
std::optional<double> time_step_of(const inputs::input_set& inputs, network::graph& graph)
{
    const bool other = inputs.time_step() && recognised(graph, {inputs.time_step(), {}}).warned;
    return other ? std::nullopt : inputs.time_step();
}

} // namespace

found_network found_alone(const std::string& file, config::workload_params workload,
                          const std::vector<std::string>& overrides, bool keep_as_read)
{
    network::graph graph = network::read_graph(formats::read_nir(file));
    std::optional<inputs::input_set> inputs;
    const bool there = std::filesystem::exists(text::split_entry(workload.images.string()).file);
    if (const network::graph_node* input = input_of(graph); input != nullptr && there) {
        inputs = inputs::open_inputs(workload, *input->out, says(overrides, "workload.timesteps"), input->name);
        workload.timesteps = inputs->timesteps();
        if (!says(overrides, "workload.input_scale"))
            workload.input_scale = inputs->natural_scale();
    }
    lowering::map_options options = map_options_of(workload);
    if (!says(overrides, "workload.time_step"))
        options.time_step = inputs ? time_step_of(*inputs, graph) : std::nullopt;
    options.takes_spikes = inputs && takes_spikes(workload, *inputs);
    options.keep_as_read = keep_as_read && inputs; // a copy of all weights, for who compares with it
    return {lowering::lower_graph(std::move(graph), options), std::move(inputs)};
}

bool is_network(const std::string& file)
{
    return std::filesystem::path(file).extension() == ".nir";
}

std::vector<std::string> overrides_with(const std::string& file, const std::string& inputs, const std::string& labels,
                                        std::vector<std::string> overrides)
{
    if (!says(overrides, "name"))
        overrides.insert(overrides.begin(), "name=" + std::filesystem::path(file).stem().string());
    overrides.push_back("workload.network=" + file);
    if (!inputs.empty())
        overrides.push_back(config::override_by("--inputs " + inputs, "workload.images=" + inputs));
    if (!labels.empty())
        overrides.push_back(config::override_by("--labels " + labels, "workload.labels=" + labels));
    return overrides;
}

config::scenario completed(const found_network& found, std::vector<std::string> overrides,
                           std::vector<std::string>& assumed)
{
    const lowering::lowered_network& lowered = found.lowered;
    const inputs::input_set& set = *found.inputs;
    assumed.insert(assumed.end(), set.assumed().begin(), set.assumed().end());
    overrides.insert(overrides.end(), set.settings().begin(), set.settings().end());
    if (!says(overrides, "workload.input_scale")) {
        assumed.push_back(
            fmt::format("one count of an input stands for {:.9g} (workload.input_scale)", set.natural_scale()));
        overrides.push_back("workload.input_scale=" + text::toml_number(set.natural_scale()));
    }
    if (!says(overrides, "workload.timesteps")) {
        assumed.push_back(fmt::format("{} timestep{}{} (workload.timesteps)", set.timesteps(),
                                      set.timesteps() == 1 ? "" : "s", set.timesteps_reason()));
        overrides.push_back(fmt::format("workload.timesteps={}", set.timesteps()));
    }
    assumed.push_back(lowered.model->takes_spikes
                          ? "the first layer runs on the accelerator: the inputs are spikes (workload.first_layer)"
                          : "the first layer runs on the host: the inputs are numbers (workload.first_layer)");
    if (set.time_step() == lowered.speech.time_step && !says(overrides, "workload.time_step"))
        assumed.push_back(
            fmt::format("a timestep is {:.9g} long, as the inputs have it (workload.time_step)", *set.time_step()));
    if (!says(overrides, "workload.time_step"))
        overrides.push_back("workload.time_step=" + text::toml_number(lowered.speech.time_step));
    if (!says(overrides, "workload.float_images")) {
        const std::int64_t most = config::default_scenario(overrides).workload.max_images,
                           all = static_cast<std::int64_t>(set.count());
        const std::int64_t images =
            std::min({all, most > 0 ? most : all, float_network::cheap_images(lowered.nodes, set.timesteps())});
        assumed.push_back(fmt::format("beside it runs the network in floating point, on the first {} inputs "
                                      "(workload.float_images)",
                                      images));
        overrides.push_back(fmt::format("workload.float_images={}", images));
    }
    return config::default_scenario(overrides);
}

namespace
{

const char* reset_word(lowering::neuron_reset reset)
{
    return reset == lowering::neuron_reset::hard ? "hard" : reset == lowering::neuron_reset::soft ? "soft" : "delayed";
}

/// inputs: whose scale nobody said; none: it was said.
std::vector<std::string> guesses_of(const lowering::dialect& speech, const inputs::input_set* inputs)
{
    std::vector<std::string> guesses;
    if (speech.reset_is_guessed)
        guesses.push_back(
            fmt::format("what a spike leaves is guessed, {} reset{}; a NIR file cannot say it, and another makes another "
                        "network of it (--set workload.reset=...)",
                        reset_word(speech.reset), speech.exporter.empty() ? "" : ", as of " + speech.exporter));
    if (inputs != nullptr && inputs->are_counts() && !inputs->are_binary())
        guesses.push_back(
            "that 1 in the inputs is 1 to the network is guessed; if it was trained on x / 255, say --set "
            "workload.input_scale=" + text::toml_number(1.0 / 255));
    return guesses;
}

void settle_float_images(config::scenario& scenario, const network::graph& graph)
{
    config::workload_params& workload = scenario.workload;
    if (config::how_given(scenario, "workload.float_images") == "workload.float_images")
        workload.float_images = float_network::cheap_images(graph, workload.timesteps, float_network::beside_run);
}

} // namespace

told_scenario scenario_of(const std::string& file, const std::string& inputs, const std::string& labels,
                          std::vector<std::string> overrides)
{
    if (inputs.empty() && !says(overrides, "workload.images"))
        throw text::user_error(fmt::format("{}: on which inputs? --inputs FILE", text::printable(file)));
    overrides = overrides_with(file, inputs, labels, std::move(overrides));
    const config::scenario asked = config::default_scenario(overrides);
    config::require_inputs(asked); // before a large network is read
    const bool beside = !says(overrides, "workload.float_images") || asked.workload.float_images > 0;
    found_network found = found_alone(file, asked.workload, overrides, beside);
    lowering::lowered_network& lowered = found.lowered;
    lowering::require_model(lowered);
    const bool said = says(overrides, "workload.input_scale") || says(overrides, "workload.event_counts");
    std::vector<std::string> assumed = lowered.nodes.assumed,
                             guesses = guesses_of(lowered.speech, said ? nullptr : &*found.inputs);
    config::scenario scenario = completed(found, std::move(overrides), assumed);
    for (const std::string& each : assumed)
        text::say("assumed: " + each);
    loaded_network loaded = load_network(scenario.workload, std::move(lowered));
    return {std::move(scenario), std::move(guesses), std::move(loaded)};
}

told_scenario told(config::scenario scenario)
{
    told_scenario to{std::move(scenario), {}, {}};
    config::workload_params& workload = to.scenario.workload;
    if (workload.kind != config::workload_kind::network || workload.network.empty())
        return to;
    config::require_inputs(to.scenario);
    const auto given = [&](std::string_view key) { return config::how_given(to.scenario, key) != key; };
    network::graph graph = network::read_graph(formats::read_nir(workload.network.string()));
    const lowering::map_options options = map_options_of(workload);
    const recognised dialect(graph, {options.time_step, options.reset});
    for (const std::string& each : dialect.assumed)
        text::say("assumed: " + each);
    if (!given("workload.time_step"))
        text::say(fmt::format("assumed: a timestep is {:.9g} long, the default (workload.time_step)", workload.time_step));
    settle_float_images(to.scenario, graph);
    to.loaded = load_network(workload, std::move(graph));
    const bool scale_is_default = !given("workload.input_scale") && !workload.event_counts;
    if (scale_is_default && !to.loaded->inputs.are_binary())
        text::say(fmt::format("assumed: one count of an input stands for {:.9g}, the default (workload.input_scale)",
                              workload.input_scale));
    to.guesses = guesses_of(dialect.speech, scale_is_default ? &to.loaded->inputs : nullptr);
    return to;
}

void settle_float_images(config::scenario& scenario)
{
    if (scenario.workload.kind != config::workload_kind::network || scenario.workload.network.empty())
        return;
    try {
        const network::graph graph = network::read_graph(formats::read_nir(scenario.workload.network.string()));
        if (input_of(graph) != nullptr)
            settle_float_images(scenario, graph);
    } catch (const text::user_error&) {
        // Running it tells why it cannot.
    }
}

} // namespace loas::network_file
