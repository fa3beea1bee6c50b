#include "platform/run/classify_program.h"

#include "platform/run/guest_device.h"
#include "runtime/loas_runtime.h"

#include <algorithm>

namespace loas::run
{
namespace
{

const std::int32_t* bias_of(const lowering::layer_model& layer)
{
    return layer.bias.empty() ? nullptr : layer.bias.data();
}

} // namespace

image_scores classify(const loas_hal& hal, const config::scenario& scenario, const lowering::network_model& network,
                      const lowering::image_set& images, std::size_t image_count,
                      const std::function<void(std::size_t)>& done)
{
    guest_device device = open_guest_device(hal, scenario);
    const loas_encoder encoder{config_of(network.encoder, scenario.workload), network.encoder.weights.data(),
                               bias_of(network.encoder)};
    std::vector<loas_layer> layers(network.layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        layers[i].config = config_of(network.layers[i], scenario.workload);
        layers[i].weights = network.layers[i].weights.data();
        layers[i].bias = bias_of(network.layers[i]);
    }
    std::vector<loas_descriptor> descriptors(layers.size());
    loas_network net{};
    net.encoder = &encoder;
    net.layers = layers.data();
    net.layer_count = static_cast<std::uint32_t>(layers.size());
    net.descriptors = descriptors.data();
    std::vector<std::uint64_t> scratch(loas_network_scratch(&net) / 8 + 1);
    net.scratch = {scratch.data(), scratch.size() * 8};
    require(loas_network_load(&device.driver, &net), "load the network");

    image_scores scores(image_count, std::vector<std::int64_t>(network.classes));
    for (std::size_t i = 0; i < image_count; ++i) {
        const int result = loas_network_run(&device.driver, &net, images.pixels.data() + i * images.image_size(),
                                            device.wait_mode, device.timeout_ns);
        require(result, "run the network", &net.completion,
                net.failed_layer < network.layers.size() ? network.layers[net.failed_layer].name : "");
        require(loas_network_fetch(&device.driver, &net, scores[i].data()), "fetch the scores");
        done(i + 1);
    }
    require(loas_queue_close(&device.driver), "close the queue");
    loas_network_unload(&device.driver, &net);
    return scores;
}

int best_class(const std::vector<std::int64_t>& scores)
{
    return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

} // namespace loas::run
