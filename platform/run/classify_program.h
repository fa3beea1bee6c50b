// Starts the application that classifies images with a network, sw/apps/classify.c, on the host CPU.
#pragma once

#include "hal/loas_hal.h"
#include "platform/config/scenario.h"
#include "platform/inputs/input_set.h"
#include "platform/lowering/network.h"
#include "platform/results/output_files.h"
#include "platform/results/result.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace loas::run
{

/// Scores of each image, [image][class].
using image_scores = std::vector<std::vector<std::int64_t>>;

/// What the host did for a layer of the accelerator.
struct host_parts {
    std::string layer;
    std::optional<results::joined_input> joined;
    std::optional<results::host_neurons> neurons;
};

/// Runs on the CPU, image after image; `done` is called after each. by_host: of each layer. outputs: where spikes go that
/// the host computes, of the encoder and of neurons; nullptr: nowhere. Throws guest_error, stuck_error (time-out) or text::user_error (the machine's memory is too small).
image_scores classify(const loas_hal& hal, const config::scenario& scenario, const lowering::network_model& network,
                      const inputs::input_set& inputs, std::size_t image_count,
                      const std::function<void(std::size_t images_done)>& done, std::vector<host_parts>& by_host,
                      results::output_files* outputs);

/// Class with the largest score; the first of equal ones.
int best_class(const std::vector<std::int64_t>& scores);

} // namespace loas::run
