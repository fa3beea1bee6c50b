#include "platform/run/guest_app.h"

#include "platform/config/rules.h"
#include "platform/process/errors.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

namespace loas::run
{

void require(const loas_app_status& status, const std::string& layer)
{
    if (status.result == LOAS_OK)
        return;
    std::string text = fmt::format("{}: {}", status.call, loas_result_text(status.result));
    if (status.result == LOAS_E_DEVICE && status.has_completion)
        text += fmt::format(" {}{} (status {}, address {:#x})", layer.empty() ? "" : "Layer " + layer + ": ",
                            loas_status_text(status.completion.status), status.completion.status,
                            status.completion.error_address);
    if (status.result == LOAS_E_MEMORY)
        throw text::user_error(text + ". The workload does not fit into the machine: raise memory.ram_mib.");
    if (status.result == LOAS_E_TIMEOUT)
        throw process::stuck_error(text + "; cpu.timeout_ms is the limit in simulated time.");
    throw process::guest_error(text);
}

loas_app_settings settings_of(const config::scenario& scenario)
{
    loas_app_settings settings{};
    settings.queue_entries = scenario.queue.entries;
    settings.wait_mode = scenario.cpu.completion == config::completion::polling ? LOAS_WAIT_POLL : LOAS_WAIT_INTERRUPT;
    settings.timeout_ns = static_cast<std::uint64_t>(scenario.cpu.timeout_ms) * 1000000;
    return settings;
}

const std::int32_t* numbers_of(const std::vector<std::int32_t>& numbers)
{
    return numbers.empty() ? nullptr : numbers.data();
}

std::vector<loas_neuron_values> values_of(const lowering::layer_model& layer)
{
    std::vector<loas_neuron_values> to;
    for (const lowering::host_neuron& each : layer.host)
        to.push_back({each.threshold, each.rest, each.start, each.leak_q16, each.synapse_q16});
    return to;
}

std::vector<loas_layer_source> sources_of(const lowering::layer_model& layer)
{
    const auto narrow = [](unsigned value) { return static_cast<std::uint16_t>(value); }; // of kernels of at most 255
    std::vector<loas_layer_source> to;
    for (const lowering::layer_source& each : layer.sources)
        to.push_back({static_cast<std::uint32_t>(each.layer), narrow(each.step_h), narrow(each.step_w),
                      static_cast<std::int16_t>(each.first_row), static_cast<std::int16_t>(each.first_column)});
    return to;
}

loas_score score_of(lowering::score_kind kind)
{
    switch (kind) {
    case lowering::score_kind::last:
        return LOAS_SCORE_LAST;
    case lowering::score_kind::maximum:
        return LOAS_SCORE_MAXIMUM;
    default:
        return LOAS_SCORE_SUM;
    }
}

loas_layer_config config_of(const lowering::layer_model& layer, const config::scenario& scenario)
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
    to.timesteps = static_cast<std::uint8_t>(config::block_timesteps(scenario));
    constexpr std::uint8_t resets[] = {0, LOAS_NEURON_SOFT_RESET, LOAS_NEURON_DELAYED_RESET}; // lowering::neuron_reset
    to.neuron = layer.currents ? std::uint8_t{LOAS_NEURON_CURRENTS} : resets[static_cast<std::size_t>(layer.reset)];
    if (layer.bytes && !layer.currents)
        to.neuron = LOAS_NEURON_RELU;
    if (!layer.thresholds.empty())
        to.neuron |= std::uint8_t{LOAS_NEURON_THRESHOLDS};
    const unsigned modes = config::neuron_modes(scenario);
    if ((modes & LOAS_NEURON_FEW_SPIKES) != 0) // has no resets, and weighs currents, too
        to.neuron = static_cast<std::uint8_t>((to.neuron & ~(LOAS_NEURON_SOFT_RESET | LOAS_NEURON_DELAYED_RESET)) | modes);
    else if (!layer.currents)
        to.neuron |= static_cast<std::uint8_t>(modes);
    if ((config::blocks_of(scenario) > 1 && !layer.currents) || !layer.starts.empty())
        to.neuron |= std::uint8_t{LOAS_NEURON_CARRY};
    to.single_spike_mask = scenario.workload.single_spike_mask && !layer.currents;
    to.leak_q8 = static_cast<std::uint16_t>(layer.leak_q8);
    to.threshold = layer.bytes ? static_cast<std::int32_t>(layer.shift) : layer.threshold;
    if (!layer.host.empty())
        to.host_neurons = layer.host.size() == layer.out_channels ? LOAS_HOST_CHANNELS : LOAS_HOST_NEURONS;
    return to;
}

} // namespace loas::run
