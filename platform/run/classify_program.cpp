#include "platform/run/classify_program.h"

#include "platform/run/guest_app.h"

#include <algorithm>

namespace loas::run
{
namespace
{

/// The network as the application takes it; the model must outlive it.
struct guest_network {
    loas_encoder encoder{};
    std::vector<loas_layer> layers;
    std::vector<std::vector<loas_layer_source>> sources; // of each layer
    std::vector<loas_descriptor> descriptors;
    std::vector<std::uint64_t> scratch;
    loas_network net{};

    guest_network(const lowering::network_model& network, const config::workload_params& workload)
        : encoder{config_of(network.encoder, workload), network.encoder.weights.data(), numbers_of(network.encoder.bias),
                  numbers_of(network.encoder.thresholds)},
          layers(network.layers.size()), sources(layers.size()), descriptors(network.layers.size())
    {
        for (std::size_t i = 0; i < layers.size(); ++i) {
            layers[i].config = config_of(network.layers[i], workload);
            layers[i].weights = network.layers[i].weights.data();
            layers[i].bias = numbers_of(network.layers[i].bias);
            layers[i].thresholds = numbers_of(network.layers[i].thresholds);
            sources[i] = sources_of(network.layers[i]);
            layers[i].sources = sources[i].data();
            layers[i].source_count = static_cast<std::uint32_t>(sources[i].size());
        }
        net.encoder = &encoder;
        net.layers = layers.data();
        net.layer_count = static_cast<std::uint32_t>(layers.size());
        net.descriptors = descriptors.data();
        const std::vector<std::int32_t>& response = network.scores.response_q16;
        net.readout = {score_of(network.scores.score), response.empty() ? nullptr : response.data(),
                       network.scores.response_per_class};
        scratch.resize(loas_network_scratch(&net) / 8 + 1);
        net.scratch = {scratch.data(), scratch.size() * 8};
    }
    guest_network(const guest_network&) = delete;
    guest_network& operator=(const guest_network&) = delete;
};

/// Names of the layers whose spikes a layer takes, each once.
std::vector<std::string> names_of_sources(const lowering::network_model& network, std::size_t layer)
{
    std::vector<std::string> names;
    for (const lowering::layer_source& each : network.layers[layer].sources) {
        const std::string& name = (each.layer == 0 ? network.encoder : network.layers[each.layer - 1]).name;
        if (names.empty() || names.back() != name)
            names.push_back(name);
    }
    return names;
}

} // namespace

image_scores classify(const loas_hal& hal, const config::scenario& scenario, const lowering::network_model& network,
                      const lowering::image_set& images, std::size_t image_count,
                      const std::function<void(std::size_t)>& done, std::vector<results::joined_input>& joined)
{
    guest_network guest(network, scenario.workload);
    std::vector<std::int64_t> scores(image_count * network.classes);
    loas_classify_job job{};
    job.settings = settings_of(scenario);
    job.net = &guest.net;
    job.images = images.pixels.data();
    job.image_count = image_count;
    job.scores = scores.data();
    job.context = const_cast<std::function<void(std::size_t)>*>(&done); // C has one kind of context
    job.done = [](void* context, std::uint64_t images_done) {
        (*static_cast<const std::function<void(std::size_t)>*>(context))(images_done);
    };
    loas_app_status status{};
    loas_classify(&hal, &job, &status);
    require(status, status.layer < network.layers.size() ? network.layers[status.layer].name : "");

    for (std::size_t i = 0; i < guest.layers.size(); ++i)
        if (const loas_joining& moved = guest.layers[i].joining; moved.written_bytes > 0)
            joined.push_back({network.layers[i].name, names_of_sources(network, i), moved.read_bytes,
                              moved.written_bytes, moved.ns});

    image_scores by_image;
    for (auto at = scores.begin(); at != scores.end(); at += network.classes)
        by_image.emplace_back(at, at + network.classes);
    return by_image;
}

int best_class(const std::vector<std::int64_t>& scores)
{
    return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

} // namespace loas::run
