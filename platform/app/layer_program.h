// The application that runs on the host CPU when the workload is a single layer.
#pragma once

#include "config/scenario.h"
#include "hal/loas_hal.h"
#include "load/synthetic.h"

#include <cstddef>
#include <functional>

namespace loas::app
{

/// Runs on the CPU: loads the layer and its input through the driver and runs it `runs` times, one after another;
/// `done` is called after each. Throws like classify().
void run_layer(const loas_hal& hal, const config::scenario& scenario, const load::synthetic_layer& synthetic,
               std::size_t runs, const std::function<void(std::size_t runs_done)>& done);

} // namespace loas::app
