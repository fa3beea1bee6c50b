#include "platform/run/workload.h"

#include "models/functional/spike_words.h"
#include "platform/config/layer_rules.h"
#include "platform/config/rules.h"
#include "platform/draw/layer_files.h"
#include "platform/draw/matched_layer.h"
#include "platform/draw/synthetic.h"
#include "platform/float_network/beside_float.h"
#include "platform/float_network/calibrate.h"
#include "platform/network_file/load_network.h"
#include "platform/network_file/machine_fit.h"
#include "platform/neurobench/neurobench.h"
#include "platform/process/progress.h"
#include "platform/reference/reference.h"
#include "platform/run/classify_program.h"
#include "platform/run/golden_images.h"
#include "platform/run/layer_program.h"
#include "platform/text/say.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace loas::run
{
namespace
{

void tell_masked(results::run_result& result, const std::optional<std::uint64_t>& masked_inputs)
{
    if (masked_inputs && !result.layers.empty())
        result.layers[0].masked_inputs = *masked_inputs * result.layers[0].runs;
}

/// A layer by itself is compared here, since no scores of a network show what the driver made of it.
void tell_source(layer_audit& audit, const draw::synthetic_layer& of, const config::scenario& scenario)
{
    audit.expect(0, {shape_of(of.layer, of.timesteps, scenario), &of.spikes, &of.layer.weights, &of.layer.bias});
}

results::accuracy_result accuracy_of(const image_scores& scores, const std::vector<int>& labels)
{
    results::accuracy_result accuracy;
    accuracy.images = scores.size();
    accuracy.labelled = !labels.empty();
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const int predicted = best_class(scores[i]);
        accuracy.predictions.push_back(predicted);
        accuracy.correct += accuracy.labelled && predicted == labels[i];
    }
    return accuracy;
}

/// A neuron whose potentials are scores?
bool reads_out(const network::graph_node& node)
{
    const network::neuron_op* op = node.as<network::neuron_op>();
    return op != nullptr && !op->spikes && node.where == network::place::host;
}

/// A trained network that classifies images, or what else it takes.
class network_workload : public workload
{
public:
    network_workload(const config::scenario& scenario, network_file::loaded_network* loaded, bool quiet)
        : m_scenario(scenario),
          m_loaded(loaded != nullptr ? std::move(*loaded) : network_file::load_network(scenario.workload)),
          m_network(*m_loaded.lowered.model), m_inputs(m_loaded.inputs)
    {
        for (const std::string& reason : network_file::why_not_on_machine(m_network, scenario))
            throw text::user_error(text::printable(scenario.workload.network.string()) + ": " + reason);
        if (const auto map = float_network::score_map(m_loaded.lowered); map && !m_inputs.labels().empty())
            throw text::user_error(fmt::format("labels: {} gives a map of scores, {}, and no classes that labels could name",
                                               text::printable(scenario.workload.network.string()), map->text()));
        const auto limit = static_cast<std::size_t>(scenario.workload.max_images);
        m_count = limit == 0 ? m_inputs.count() : std::min(m_inputs.count(), limit);
        for (const std::string& each : m_inputs.assumed())
            text::say("assumed: " + each);
        for (const std::string& each : m_inputs.told())
            text::say("inputs: " + each);
        if (scenario.workload.calibrate > 0)
            calibrate(quiet);
        m_golden.emplace(m_network, scenario, m_inputs);
        tell_blocks();
    }

    std::vector<std::string> layer_names() const override
    {
        std::vector<std::string> names;
        for (const lowering::layer_model& layer : m_network.layers)
            names.push_back(layer.name);
        return names;
    }
    std::size_t runs() const override { return m_count; }
    void run(const loas_hal& hal, const std::function<void(std::size_t)>& done) override
    {
        m_scores = classify(hal, m_scenario, m_network, m_inputs, m_count, done, m_by_host, m_outputs);
    }
    void compare(layer_audit& audit) const override
    {
        // The golden network takes long: each image goes through it once, for both that look at it.
        std::size_t next = 0;
        const auto compared = [&](std::size_t image) {
            reference::reference_scores golden = m_golden->run(image);
            audit.note_comparison(golden.scores == m_scores[image]
                                      ? ""
                                      : fmt::format("image {}: class scores differ from the golden network", image));
            next = image + 1;
            return golden;
        };
        m_floats = beside_float(compared);
        while (next < m_scores.size())
            compared(next);
    }
    void visit_layers(const layer_visitor& visit) const override
    {
        for (std::size_t i = 0; i < m_count; ++i)
            for (const reference::reference_input& each : m_golden->run(i).inputs)
                visit(m_network.layers[each.layer], each.timesteps, each.spikes);
    }
    results::blocks_result blocks() const override
    {
        return {m_scenario.workload.timesteps, config::blocks_of(m_scenario)};
    }
    void show_outputs(results::output_files& outputs) override
    {
        m_outputs = &outputs;
        outputs.are_of_network();
        outputs.has_units(m_network.encoder.name, m_network.encoder.current_scales);
        for (const lowering::layer_model& layer : m_network.layers) {
            outputs.has_units(layer.name, layer.current_scales);
            if (!layer.host.empty())
                outputs.has_host_neurons(layer.name);
        }
    }
    void keep(results::output_files& outputs) const override
    {
        if (const std::optional<network::map_shape> map = float_network::score_map(m_loaded.lowered))
            outputs.set_score_map({map->channels, map->height, map->width});
        outputs.add_scores(m_scores, m_network.scores.scale);
    }
    void complete(results::run_result& result) const override
    {
        result.accuracy = accuracy_of(m_scores, m_inputs.labels());
        if (float_network::score_map(m_loaded.lowered))
            result.accuracy.predictions.clear();
        result.floats = m_floats ? *m_floats : beside_float([&](std::size_t image) { return m_golden->run(image); });
        for (results::layer_result& layer : result.layers)
            for (const host_parts& each : m_by_host)
                if (each.layer == layer.name) {
                    layer.joined = each.joined;
                    layer.host_neurons = each.neurons;
                }
        if (result.golden_checked) // which knows all spikes, those of the host's layers too
            result.neurobench = neurobench_of(result);
    }

private:
    void tell_blocks() const
    {
        if (const std::string blocks = network_file::blocks_words(m_scenario); !blocks.empty())
            text::say(blocks);
    }

    results::float_result beside_float(const float_network::golden_network& golden) const
    {
        return float_network::beside_float(m_loaded.lowered, m_scenario, m_inputs, m_count, golden);
    }

    void calibrate(bool quiet)
    {
        const config::workload_params& workload = m_scenario.workload;
        const auto asked = static_cast<std::size_t>(workload.calibrate), count = std::min(m_inputs.count(), asked);
        const std::size_t all = std::min(m_inputs.count(), 2 * count); // as many again show what it is worth
        if (count < asked)
            text::say(fmt::format("calibrated by {} images, as there are no more (workload.calibrate = {})", count, asked));
        process::progress bar("calibrate", all + m_loaded.lowered.spike_nodes.size() * float_network::calibration_tries,
                              !quiet);
        std::vector<std::vector<double>> inputs;
        std::vector<std::vector<std::int32_t>> numbers;
        for (std::size_t i = 0; i < all; ++i) {
            inputs.push_back(float_network::float_input(m_inputs, i, workload.input_scale));
            numbers.push_back(m_inputs.numbers(i));
        }
        lowering::map_options options = network_file::map_options_of(workload);
        options.takes_spikes = m_network.takes_spikes;
        float_network::calibration chosen = float_network::calibrate(
            network_file::loader_of(workload), std::move(options), workload.timesteps, inputs, numbers,
            all - count, m_inputs.count() - all, [this](const lowering::layer_model& layer) { return machine_layer(layer, m_scenario); },
            [&](std::size_t done) { bar.update(done); });
        m_loaded.lowered = std::move(chosen.network);
        for (const std::string& each : chosen.told)
            text::say(fmt::format("calibrated by {} images: {}", count, each));
    }

    results::neurobench_result neurobench_of(const results::run_result& result) const
    {
        neurobench::host_multiplications host(m_network.encoder, m_scenario.workload.timesteps);
        std::vector<neurobench::host_multiplications> beside;
        for (const lowering::layer_model& layer : m_network.layers)
            for (const lowering::layer_model& numbers : layer.numbers)
                beside.emplace_back(numbers, m_scenario.workload.timesteps);
        std::uint64_t spikes = 0;
        for (std::size_t i = 0; i < m_count; ++i) {
            if (!m_network.takes_spikes)
                host.add(m_inputs.numbers(i));
            for (neurobench::host_multiplications& each : beside)
                each.add(m_inputs.numbers(i));
            spikes += m_golden->spikes(i);
        }
        for (const neurobench::host_multiplications& each : beside)
            host.include(each);
        const std::vector<network::graph_node>& nodes = m_loaded.lowered.nodes.nodes;
        return neurobench::figures_of(m_network, result, host, spikes, std::any_of(nodes.begin(), nodes.end(), reads_out));
    }

    const config::scenario& m_scenario;
    network_file::loaded_network m_loaded;
    const lowering::network_model& m_network;
    const inputs::input_set& m_inputs;
    std::optional<golden_images> m_golden; ///< of the network as it is calibrated
    std::size_t m_count = 0;
    image_scores m_scores;
    results::output_files* m_outputs = nullptr;
    mutable std::optional<results::float_result> m_floats; ///< of compare()
    std::vector<host_parts> m_by_host;
};

/// One layer, drawn or from files. The audit sees all of its output, so there is nothing more to compare.
class layer_workload : public workload
{
public:
    layer_workload(const config::scenario& scenario, host_times& times)
        : m_scenario(scenario), m_times(times),
          m_synthetic(draw::make_layer(scenario.layer, scenario.workload.timesteps, config::takes_bytes(scenario)))
    {
        m_synthetic.layer.name = scenario.name;
        m_counts = draw::counts_of(m_synthetic);
        if (scenario.workload.single_spike_mask)
            m_masked_inputs = functional::silence_single_spikes(m_synthetic.spikes);
    }

    std::vector<std::string> layer_names() const override { return {m_synthetic.layer.name}; }
    std::size_t runs() const override { return static_cast<std::size_t>(m_scenario.layer.runs); }
    void visit_layers(const layer_visitor& visit) const override
    {
        for (std::size_t i = 0; i < runs(); ++i)
            visit(m_synthetic.layer, m_synthetic.timesteps, m_synthetic.spikes);
    }
    void complete(results::run_result& result) const override
    {
        tell_masked(result, m_masked_inputs);
        tell_shares(result);
    }
    void tell_sources(layer_audit& audit) const override
    {
        tell_source(audit, m_synthetic, m_scenario);
    }
    void run(const loas_hal& hal, const std::function<void(std::size_t)>& done) override
    {
        run_layers(
            hal, m_scenario, 1, [this](std::size_t) -> const draw::synthetic_layer& { return m_synthetic; }, runs(),
            done, m_times);
    }

private:
    /// Of tensors that files gave, over what others would be drawn by: a result says what ran. Its scenario keeps the
    /// latter, marked, since with other files, or none, they are in force again.
    void tell_shares(results::run_result& result) const
    {
        const auto zeros = [](std::uint64_t others, std::uint64_t whole) {
            return static_cast<double>(whole - others) / static_cast<double>(whole);
        };
        const std::pair<std::string_view, double> shares[] = {
            {"layer.silent_ratio", zeros(m_counts.non_silent, m_counts.inputs)},
            {"layer.spike_sparsity", zeros(m_counts.spikes, m_counts.inputs * m_synthetic.timesteps)},
            {"layer.weight_sparsity", zeros(m_counts.non_zero_weights, m_counts.weights)}};
        for (auto& [key, value] : result.configuration)
            for (const auto& share : shares)
                if (key == share.first && !config::tensor_from_file(m_scenario, key).empty())
                    value = share.second;
    }

    const config::scenario& m_scenario;
    host_times& m_times;
    draw::synthetic_layer m_synthetic;
    config::layer_counts m_counts; ///< without the mask of single spikes
    std::optional<std::uint64_t> m_masked_inputs;
};

/// A layer of a list, drawn to its numbers of non-zeros. As above, the audit sees all.
class listed_workload : public workload
{
public:
    listed_workload(const config::scenario& scenario, const part& part, host_times& times)
        : m_scenario(scenario), m_times(times), m_layer(part.drawn)
    {
        if (m_layer == nullptr ||
            scenario.workload.single_spike_mask) { // what was drawn for others is not ours to mask
            m_own = m_layer != nullptr ? *m_layer : draw_listed(scenario, *part.layer);
            m_layer = &m_own;
            if (scenario.workload.single_spike_mask)
                m_masked_inputs = functional::silence_single_spikes(m_own.spikes);
        }
        tell_differences(*m_layer);
    }

    std::vector<std::string> layer_names() const override { return {m_layer->layer.name}; }
    std::size_t runs() const override { return 1; }
    void visit_layers(const layer_visitor& visit) const override
    {
        visit(m_layer->layer, m_layer->timesteps, m_layer->spikes);
    }
    void complete(results::run_result& result) const override { tell_masked(result, m_masked_inputs); }
    void tell_sources(layer_audit& audit) const override
    {
        tell_source(audit, *m_layer, m_scenario);
    }
    void run(const loas_hal& hal, const std::function<void(std::size_t)>& done) override
    {
        run_layers(
            hal, m_scenario, 1, [this](std::size_t) -> const draw::synthetic_layer& { return *m_layer; }, 1, done,
            m_times);
    }

private:
    /// Not a mistake, but the user must know that these are not the numbers of the list.
    static void tell_differences(const draw::matched_layer& made)
    {
        const draw::count_differences& by = made.differences;
        if (made.layer.bytes && !by.none())
            text::say(fmt::format("no input of layer '{}' has the number of the list; the one that is drawn has {:+} bytes "
                                  "that are not 0",
                                  made.layer.name, by.non_silent));
        else if (!by.none())
            text::say(fmt::format("no input of layer '{}' has the numbers of the list; the one that is drawn has {:+} "
                                  "spikes, {:+} non-silent inputs, {:+} that spike more than once",
                                  made.layer.name, by.spikes, by.non_silent, by.non_silent_ft));
    }

    const config::scenario& m_scenario;
    host_times& m_times;
    const draw::matched_layer* m_layer;
    draw::matched_layer m_own;
    std::optional<std::uint64_t> m_masked_inputs;
};

/// A program of the user's, which submits what it likes.
class program_workload : public workload
{
public:
    program_workload(const config::scenario& scenario, std::FILE* console)
        : m_guest(program::make_program(scenario, console))
    {
    }

    std::vector<std::string> layer_names() const override { return {}; }
    std::size_t runs() const override { return 1; }
    program::guest* guest() override { return m_guest.get(); }

private:
    std::unique_ptr<program::guest> m_guest;
};

} // namespace

std::vector<draw::layer_statistics> listed_layers(const config::scenario& scenario)
{
    const config::workload_params& params = scenario.workload;
    const std::string file = config::list_of_layers(scenario).string();
    std::vector<draw::layer_statistics> layers =
        draw::select_layers(draw::load_layer_network(file), params.only, file + ": workload.only");
    for (draw::layer_statistics& each : layers) {
        each = draw::with_weight_sparsity(each, params.scale_weight_sparsity);
        if (config::takes_bytes(scenario)) // what a list says of timesteps is of spikes
            continue;
        if (params.timesteps != 0)
            each = draw::with_timesteps(each, params.timesteps);
        if (each.timesteps > scenario.tppe.max_timesteps)
            throw text::user_error(fmt::format(
                "{}: layer '{}': timesteps = {} is more than the hardware can hold (tppe.max_timesteps = {})", file,
                each.name, each.timesteps, scenario.tppe.max_timesteps));
    }
    return layers;
}

draw::matched_layer draw_listed(const config::scenario& scenario, const draw::layer_statistics& layer)
{
    const auto seed = static_cast<std::uint64_t>(scenario.workload.seed);
    return config::takes_bytes(scenario) ? draw::make_matched_bytes(layer, seed, scenario.workload.skew)
                                         : draw::make_matched_layer(layer, seed, scenario.workload.skew);
}

std::unique_ptr<workload> make_workload(const config::scenario& scenario, const part& part, host_times& times,
                                        std::FILE* console, bool quiet)
{
    const stopwatch watch(times.load);
    if (scenario.workload.kind == config::workload_kind::program)
        return std::make_unique<program_workload>(scenario, console);
    if (scenario.workload.kind == config::workload_kind::layer)
        return std::make_unique<layer_workload>(scenario, times);
    if (part.layer != nullptr)
        return std::make_unique<listed_workload>(scenario, part, times);
    return std::make_unique<network_workload>(scenario, part.network, quiet);
}

} // namespace loas::run
