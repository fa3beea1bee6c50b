// The application that runs on the host CPU: loads a network through the driver and classifies images with it.
#pragma once

#include "config/scenario.h"
#include "hal/loas_hal.h"
#include "load/images.h"
#include "load/network.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace loas::app
{

/// Scores of each image, [image][class].
using image_scores = std::vector<std::vector<std::int64_t>>;

/// Runs on the CPU, image after image; `done` is called after each. Throws guest_error, stuck_error (time-out) or
/// config::user_error (the machine's memory is too small).
image_scores classify(const loas_hal& hal, const config::scenario& scenario, const load::network_model& network,
                      const load::image_set& images, std::size_t image_count,
                      const std::function<void(std::size_t images_done)>& done);

/// Class with the largest score; the first of equal ones.
int best_class(const std::vector<std::int64_t>& scores);

} // namespace loas::app
