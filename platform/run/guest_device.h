// What every program on the host CPU begins with: the accelerator opened through the driver, errors turned into words.
#pragma once

#include "hal/loas_hal.h"
#include "platform/config/scenario.h"
#include "platform/lowering/network.h"
#include "runtime/loas_runtime.h"

#include <cstdint>
#include <string>

namespace loas::run
{

/// The driver's answer to a call, as an exception with words when it is not LOAS_OK: guest_error, stuck_error
/// (time-out) or text::user_error (the machine's memory is too small). completion, layer: of the descriptor that
/// failed, when the call has waited for one.
void require(int result, const char* call, const loas_completion* completion = nullptr, const std::string& layer = {});

struct guest_device {
    loas_device driver{};
    loas_wait_mode wait_mode = LOAS_WAIT_INTERRUPT;
    std::uint64_t timeout_ns = 0; ///< of each wait
};

/// Probes the accelerator, opens its queue and enables its interrupt. hal must outlive the device.
guest_device open_guest_device(const loas_hal& hal, const config::scenario& scenario);

loas_layer_config config_of(const lowering::layer_model& layer, const config::workload_params& workload);

} // namespace loas::run
