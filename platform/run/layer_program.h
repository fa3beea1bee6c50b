// Starts the application that runs single layers, sw/apps/layers.c, on the host CPU.
#pragma once

#include "hal/loas_hal.h"
#include "platform/config/scenario.h"
#include "platform/draw/synthetic.h"
#include "platform/run/host_times.h"

#include <cstddef>
#include <functional>

namespace loas::run
{

/// Runs on the CPU: loads each of `count` layers and its input through the driver, runs it `runs` times, one after
/// another, and frees it before the next layer. layer_at gives a layer, good until it is asked for the next. A layer's
/// index is its cookie. `done` is called when the last layer has run once more. Adds to times.prepare. Throws like
/// classify().
void run_layers(const loas_hal& hal, const config::scenario& scenario, std::size_t count,
                const std::function<const draw::synthetic_layer&(std::size_t)>& layer_at, std::size_t runs,
                const std::function<void(std::size_t runs_done)>& done, host_times& times);

} // namespace loas::run
