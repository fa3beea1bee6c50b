#include "platform/run/layer_program.h"

#include "platform/run/guest_device.h"

#include <algorithm>
#include <cstdint>
#include <memory>

namespace loas::run
{
namespace
{

void run_layer(guest_device& device, const config::workload_params& workload, const draw::synthetic_layer& synthetic,
               std::uint32_t cookie, std::size_t runs, const std::function<void(std::size_t)>& done, host_times& times)
{
    loas_layer layer{};
    layer.config = config_of(synthetic.layer, workload);
    layer.config.timesteps = static_cast<std::uint8_t>(synthetic.timesteps);
    layer.weights = synthetic.layer.weights.data();
    loas_spike_tensor input{};
    require(loas_spike_tensor_create(&device.driver, &input, layer.config.in_height, layer.config.in_width,
                                     layer.config.in_channels, layer.config.timesteps),
            "allocate the input");
    const std::uint64_t bytes =
        std::max(loas_layer_scratch_best(&layer.config), loas_spike_tensor_scratch_best(&input));
    const std::unique_ptr<std::uint8_t[]> memory(new std::uint8_t[bytes]); // of which little is used: no zeros
    const loas_scratch scratch{memory.get(), bytes};
    {
        const stopwatch watch(times.prepare);
        require(loas_spike_tensor_write(&device.driver, &input, synthetic.spikes.data(), scratch), "write the input");
        require(loas_layer_load(&device.driver, &layer, scratch), "load the layer");
    }

    loas_descriptor descriptor{};
    loas_layer_descriptor(&layer, input.address, cookie, &descriptor);
    descriptor.flags |= LOAS_FLAG_INTERRUPT;
    for (std::size_t i = 0; i < runs; ++i) {
        std::uint32_t ticket = 0;
        loas_completion completion{};
        require(loas_submit(&device.driver, &descriptor, &ticket), "submit the layer");
        require(loas_wait(&device.driver, ticket, device.wait_mode, device.timeout_ns, &completion), "run the layer",
                &completion, synthetic.layer.name);
        done(i + 1);
    }
    loas_layer_unload(&device.driver, &layer);
    loas_spike_tensor_destroy(&device.driver, &input);
}

} // namespace

void run_layers(const loas_hal& hal, const config::scenario& scenario, std::size_t count,
                const std::function<const draw::synthetic_layer&(std::size_t)>& layer_at, std::size_t runs,
                const std::function<void(std::size_t)>& done, host_times& times)
{
    guest_device device = open_guest_device(hal, scenario);
    const std::function<void(std::size_t)> nothing = [](std::size_t) {};
    for (std::size_t i = 0; i < count; ++i)
        run_layer(device, scenario.workload, layer_at(i), static_cast<std::uint32_t>(i), runs,
                  i + 1 == count ? done : nothing, times);
    require(loas_queue_close(&device.driver), "close the queue");
}

} // namespace loas::run
