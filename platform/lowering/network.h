// A spiking network in the integers that the accelerator computes with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loas::lowering
{

/// What becomes of the potential after a spike. hard: it is 0. soft: the threshold is subtracted, then it decays.
/// delayed: it decays, then the threshold is subtracted, so that a spike shows in it a timestep later.
enum class neuron_reset { hard, soft, delayed };

/// A map that a layer takes, or a part of it: pixel (row, column) is pixel (first_row + step_h * row, first_column +
/// step_w * column) of what another layer gives, silent where that has none.
struct layer_source {
    std::size_t layer = 0; ///< 0: the encoder, i + 1: layers[i]
    unsigned step_h = 1, step_w = 1;
    int first_row = 0, first_column = 0;
};

/// A neuron of the host: I = floor(I * synapse_q16 / 2^16) + O with the layer's currents O, X = I + rest + U, a spike when
/// X > threshold, U = floor(X * leak_q16 / 2^16). Both factors are at most 2^16.
struct host_neuron {
    std::int32_t threshold = 0, rest = 0;
    std::int32_t start = 0; ///< U at the start of every input
    unsigned leak_q16 = 0, synapse_q16 = 0;
};

/// One layer: convolution, then neuron, then pooling. A fully connected layer is a convolution whose kernel covers its
/// input. The fields mean what they mean in struct loas_descriptor; sizes in elements, all at least 1 (padding: 0).
struct layer_model {
    std::string name; ///< of the node that holds the weights
    unsigned in_height = 1, in_width = 1, in_channels = 1, out_channels = 1;
    unsigned kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_h = 0, pad_w = 0;
    unsigned pool = 1;          ///< OR window and stride on the output spikes; 1: none
    unsigned leak_q8 = 0;       ///< 0..256; 0 for currents
    std::int32_t threshold = 0; ///< a spike needs X > threshold; 0 for currents
    bool bytes = false;         ///< a layer of an ANN: bytes in place of spikes, ReLU; with currents none
    unsigned shift = 0;         ///< of ReLU, to the right; 0..31
    neuron_reset reset = neuron_reset::hard;
    /// Neurons of the host, [N] or [pixel before pooling][N], in the place of leak_q8, threshold, thresholds and starts;
    /// empty: they are the accelerator's.
    std::vector<host_neuron> host;
    std::string host_because; ///< what the accelerator's neurons cannot, in words
    bool currents = false;            ///< no neuron: the result is the input current (the last layer only)
    std::vector<std::int8_t> weights; ///< [N][K], k = (kernel row, kernel column, channel), channel fastest
    std::vector<std::int32_t> bias;   ///< [N], or empty
    std::vector<std::int32_t> thresholds; ///< [N], or empty: `threshold` is that of all
    std::vector<std::int32_t> starts;     ///< [N], potentials with which every input begins; empty: 0
    /// None, or one, which takes the network's numbers without neurons, of as many rows and columns: the host adds
    /// floor(sum * number_factors_q24[n] / 2^24) to the currents of its neurons.
    std::vector<layer_model> numbers;
    std::vector<std::int32_t> number_factors_q24; ///< [N]
    /// Value of weight 1 in the units of the original network: one, or [N].
    std::vector<double> weight_scales = {1};
    /// Value of current 1, which is what weights and bias add up to, in the same units: [N].
    std::vector<double> current_scales;
    /// What it takes, the channels of one behind those of the other; empty: what the layer before gives.
    std::vector<layer_source> sources;

    /// Size of the convolution's output, before pooling.
    unsigned out_height() const { return (in_height + 2 * pad_h - kernel_h) / stride_h + 1; }
    unsigned out_width() const { return (in_width + 2 * pad_w - kernel_w) / stride_w + 1; }
};

/// What becomes of the last layer's output over the timesteps, on the host: a class's score.
enum class score_kind { sum, last, maximum };
struct readout {
    score_kind score = score_kind::sum;
    /// Of a neuron that does not spike: its potential is v[t] = sum over u of response_q16[t - u] * O[u] / 2^16, with O
    /// the layer's currents. Empty: the currents, or spikes, themselves.
    std::vector<std::int32_t> response_q16;
    /// Where currents have a scale for each class, it is in a response for each: [class][T].
    bool response_per_class = false;
    double scale = 1; ///< value of score 1 in the units of the original network
};

/// Layers, each behind those that it takes from. The encoder takes the integers of an input (see platform/inputs) and
/// runs on the host; its spikes are the input of layers[0], and of others that name it. The last layer gives currents or
/// spikes for a 1 x 1 image: one per class and timestep, from which the readout makes the class's score.
struct network_model {
    std::string name; ///< file name without folder and extension
    unsigned image_height = 1, image_width = 1, image_channels = 1;
    bool takes_spikes = false; ///< inputs are spikes, which layers[0] takes: there is no encoder
    layer_model encoder;
    std::vector<layer_model> layers; ///< at least one
    unsigned classes = 1;            ///< out_channels of the last layer
    readout scores;
    std::vector<std::string> warnings; ///< where it is not the network that the file describes, in words
};

} // namespace loas::lowering
