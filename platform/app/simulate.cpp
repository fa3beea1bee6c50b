#include "app/simulate.h"

#include "app/classify_program.h"
#include "app/errors.h"
#include "app/layer_audit.h"
#include "app/progress.h"
#include "config/user_error.h"
#include "load/images.h"
#include "load/mapper.h"
#include "load/nir.h"
#include "soc/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace loas::app
{
namespace
{

load::network_model load_network(const config::workload_params& workload)
{
    return load::map_network(load::read_nir(workload.network.string()), {workload.input_scale, workload.time_step});
}

reference_layer reference_of(const load::layer_model& from, const config::workload_params& workload)
{
    reference_layer to;
    to.timesteps = workload.timesteps;
    to.in_height = from.in_height;
    to.in_width = from.in_width;
    to.in_channels = from.in_channels;
    to.out_channels = from.out_channels;
    to.kernel_h = from.kernel_h;
    to.kernel_w = from.kernel_w;
    to.stride_h = from.stride_h;
    to.stride_w = from.stride_w;
    to.pad_h = from.pad_h;
    to.pad_w = from.pad_w;
    to.pool = from.pool;
    to.single_spike_mask = workload.single_spike_mask && !from.currents;
    to.currents = from.currents;
    to.leak_q8 = from.leak_q8;
    to.threshold = from.threshold;
    to.weights = from.weights;
    to.bias = from.bias;
    return to;
}

/// Image by image: the scores that came out of the machine against the golden network, which knows nothing of memory,
/// driver or descriptors.
void compare_scores(const load::network_model& network, const config::workload_params& workload,
                    const load::image_set& images, const image_scores& scores, layer_audit& audit)
{
    const reference_layer encoder = reference_of(network.encoder, workload);
    std::vector<reference_layer> layers;
    for (const load::layer_model& layer : network.layers)
        layers.push_back(reference_of(layer, workload));
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const auto first = images.pixels.begin() + static_cast<std::ptrdiff_t>(i * images.image_size());
        const std::vector<std::int32_t> image(first, first + static_cast<std::ptrdiff_t>(images.image_size()));
        if (run_reference_network(encoder, layers, image) != scores[i])
            audit.note_difference(fmt::format("image {}: class scores differ from the golden network", i));
    }
}

report::accuracy_result accuracy_of(const image_scores& scores, const load::image_set& images)
{
    report::accuracy_result accuracy;
    accuracy.images = scores.size();
    accuracy.labelled = !images.labels.empty();
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const int predicted = best_class(scores[i]);
        accuracy.predictions.push_back(predicted);
        accuracy.correct += accuracy.labelled && predicted == images.labels[i];
    }
    return accuracy;
}

} // namespace

report::run_result simulate(const config::scenario& scenario, bool quiet)
{
    config::require_workload(scenario);
    const load::network_model network = load_network(scenario.workload);
    const load::image_set images =
        load::load_images(scenario.workload.images.string(), scenario.workload.labels.string(), network);
    const auto limit = static_cast<std::size_t>(scenario.workload.max_images);
    const std::size_t count = limit == 0 ? images.count : std::min(images.count, limit);

    const auto log = [quiet](loas_log_level level, const char* text) {
        if (!quiet || level == LOAS_LOG_ERROR)
            std::fprintf(stderr, "driver: %s\n", text);
    };
    soc::machine machine("machine", scenario, log);
    std::vector<std::string> names;
    for (const load::layer_model& layer : network.layers)
        names.push_back(layer.name);
    layer_audit audit(
        [&](std::uint64_t at, void* data, std::size_t bytes) { return machine.debug_read(at, data, bytes); }, names,
        {scenario.run.golden, scenario.tppe.count, scenario.tppe.chunk_bits});
    machine.queue().set_observer(&audit);

    image_scores scores;
    {
        progress bar(scenario.name, count, !quiet);
        machine.host().set_program([&](const loas_hal& hal) {
            scores = classify(hal, scenario, network, images, count, [&](std::size_t done) { bar.update(done); });
        });
        sc_core::sc_start();
    }
    machine.host().rethrow();
    if (!machine.host().finished())
        throw stuck_error("nothing left to happen, but the program has not ended. " + machine.describe());

    if (scenario.run.golden)
        compare_scores(network, scenario.workload, images, scores, audit);

    report::run_result result;
    result.scenario = scenario.name;
    result.accelerator = scenario.accelerator;
    result.fidelity = scenario.fidelity;
    result.tiles = scenario.tppe.count;
    result.clock_mhz = static_cast<std::uint64_t>(scenario.clock_mhz);
    result.golden_checked = scenario.run.golden;
    result.golden_differences = audit.differences();
    result.accuracy = accuracy_of(scores, images);
    result.simulated_ns = sc_core::sc_time_stamp().value() / 1000;
    result.layers = audit.layers();
    result.configuration = config::effective_values(scenario);
    return result;
}

} // namespace loas::app
