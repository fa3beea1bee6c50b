// Layers with the published numbers of spikes and weights: the tensor whose unfolded (im2col) matrix has them.
#pragma once

#include "platform/draw/layer_network.h"
#include "platform/draw/synthetic.h"

#include <cstdint>
#include <vector>

namespace loas::draw
{

/// Generated minus wanted, in the unfolded input. Not 0 where no tensor has the wanted count: on a map of 2 x 2 pixels
/// and a 3 x 3 kernel every spike counts four times.
struct count_differences {
    std::int64_t spikes = 0, non_silent = 0, non_silent_ft = 0;

    bool none() const { return spikes == 0 && non_silent == 0 && non_silent_ft == 0; }
};

struct matched_layer : synthetic_layer {
    count_differences differences;
};

/// Draws a layer. Spikes: the inputs with the largest drive spike more than once, the next ones once. The drive is a
/// sum of normal numbers: one of the channel (some channels are dead), one of the pixel, one of the input's own; the
/// latter two are alike in neighbours. With pixel_spikes each pixel has its share of the spiking inputs instead, those
/// of the largest drives. Whether an input spikes once may depend less on its channel, or more (singles_apart). Further
/// spikes fall with a little more odds on inputs of larger drive, and such that two or all spikes are likelier than
/// three of four, as in recordings. Weights: drawn without replacement, the
/// odds of input k of column n being (activity of the channel of k + 2 % of the mean) to the power gamma_act times
/// exp(-kappa x square of the distance from the kernel's centre) times exp(sigma_col x normal of the column); the
/// activity is the share of inputs of the unfolded matrix that spike more
/// than once. Their values are those of draw_weight_value(). The threshold is such that, of a sample of outputs, about
/// output_silent_ratio never spike, but at least 0; the leak is 1/2. The same arguments give the same bytes everywhere;
/// random numbers depend on seed and name of the layer.
/// @param skew false: sigma_col, gamma_act and kappa as 0
/// @pre the statistics are as load_layer_network() gives them
matched_layer make_matched_layer(const layer_statistics& statistics, std::uint64_t seed, bool skew = true);

/// A layer of bytes: as many inputs of the unfolded matrix as the statistics have non-silent ones are not 0, and where they
/// and the weights are is drawn in the same way; the counts of spikes are not looked at. Values are those of make_bytes();
/// ReLU's shift is such that outputs spread as the inputs do.
matched_layer make_matched_bytes(const layer_statistics& statistics, std::uint64_t seed, bool skew = true);

/// Random numbers for the values of its bytes.
functional::random_source values_source(const layer_statistics& statistics, std::uint64_t seed);

/// The weights of that layer alone. spikes: of the same layer and seed; they do not depend on skew.
std::vector<std::int8_t> make_matched_weights(const layer_statistics& statistics, std::uint64_t seed, bool skew,
                                              const std::vector<std::uint16_t>& spikes);

} // namespace loas::draw
