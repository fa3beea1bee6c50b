#include "app/classify_program.h"

#include "app/errors.h"
#include "config/user_error.h"
#include "devices/interrupt_controller.h"
#include "runtime/loas_runtime.h"
#include "soc/machine.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::app
{
namespace
{

loas_layer_config config_of(const load::layer_model& layer, const config::workload_params& workload)
{
    loas_layer_config to{};
    to.in_height = static_cast<std::uint16_t>(layer.in_height);
    to.in_width = static_cast<std::uint16_t>(layer.in_width);
    to.in_channels = static_cast<std::uint16_t>(layer.in_channels);
    to.out_channels = static_cast<std::uint16_t>(layer.out_channels);
    to.kernel_h = static_cast<std::uint8_t>(layer.kernel_h);
    to.kernel_w = static_cast<std::uint8_t>(layer.kernel_w);
    to.stride_h = static_cast<std::uint8_t>(layer.stride_h);
    to.stride_w = static_cast<std::uint8_t>(layer.stride_w);
    to.pad_h = static_cast<std::uint8_t>(layer.pad_h);
    to.pad_w = static_cast<std::uint8_t>(layer.pad_w);
    to.pool = static_cast<std::uint8_t>(layer.pool);
    to.timesteps = static_cast<std::uint8_t>(workload.timesteps);
    to.neuron = layer.currents ? LOAS_NEURON_CURRENTS : 0;
    to.single_spike_mask = workload.single_spike_mask && !layer.currents;
    to.leak_q8 = static_cast<std::uint16_t>(layer.leak_q8);
    to.threshold = layer.threshold;
    return to;
}

const std::int32_t* bias_of(const load::layer_model& layer)
{
    return layer.bias.empty() ? nullptr : layer.bias.data();
}

/// The driver's answer to a call, as an exception with words when it is not LOAS_OK.
void require(int result, const char* call, const loas_completion* completion = nullptr, const std::string& layer = {})
{
    if (result == LOAS_OK)
        return;
    std::string text = fmt::format("{}: {}", call, loas_result_text(result));
    if (result == LOAS_E_DEVICE && completion != nullptr)
        text += fmt::format(" {}{} (status {}, address {:#x})", layer.empty() ? "" : "Layer " + layer + ": ",
                            loas_status_text(completion->status), completion->status, completion->error_address);
    if (result == LOAS_E_MEMORY)
        throw config::user_error(text + " The network does not fit into the machine: raise memory.ram_mib.");
    if (result == LOAS_E_TIMEOUT)
        throw stuck_error(text + "; cpu.timeout_ms is the limit in simulated time.");
    throw guest_error(text);
}

} // namespace

image_scores classify(const loas_hal& hal, const config::scenario& scenario, const load::network_model& network,
                      const load::image_set& images, std::size_t image_count,
                      const std::function<void(std::size_t)>& done)
{
    loas_device device{};
    require(loas_device_probe(&device, &hal, soc::address_map::accelerator), "probe");
    require(loas_queue_open(&device, scenario.queue.entries), "open the queue");
    require(hal.write32(hal.context,
                        soc::address_map::interrupt_controller + devices::interrupt_controller::enable_offset, 1),
            "enable the interrupt");

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
    require(loas_network_load(&device, &net), "load the network");

    const loas_wait_mode mode = scenario.cpu.completion == "polling" ? LOAS_WAIT_POLL : LOAS_WAIT_INTERRUPT;
    const std::uint64_t timeout_ns = static_cast<std::uint64_t>(scenario.cpu.timeout_ms) * 1000000;
    image_scores scores(image_count, std::vector<std::int64_t>(network.classes));
    for (std::size_t i = 0; i < image_count; ++i) {
        const int result =
            loas_network_run(&device, &net, images.pixels.data() + i * images.image_size(), mode, timeout_ns);
        require(result, "run the network", &net.completion,
                net.failed_layer < network.layers.size() ? network.layers[net.failed_layer].name : "");
        require(loas_network_fetch(&device, &net, scores[i].data()), "fetch the scores");
        done(i + 1);
    }
    require(loas_queue_close(&device), "close the queue");
    loas_network_unload(&device, &net);
    return scores;
}

int best_class(const std::vector<std::int64_t>& scores)
{
    return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

} // namespace loas::app
