// What the platform asks of an independent reference model: plain numbers in, plain numbers out.
// Declared here, implemented in tests/golden and linked into the executable: so every run is checked against a model
// that shares no code with the hardware, and yet no source of the platform includes anything from tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace loas::reference
{

/// What a spike leaves: nothing; what is above the threshold, leaked; all, leaked, less the threshold.
enum class neuron_reset { hard, soft, delayed };

/// Accumulators of a machine that adds every weight with any spike to one sum, and takes back, from a sum for each
/// timestep, the weights that have not spiked in it. Sums of more bits than these wrap in two's complement, or stop at
/// the end of the range, weight by weight in the order of k.
struct reference_accumulators {
    enum class overflow { none, wrap, saturate };
    overflow when_full = overflow::none; ///< none: the sums are exact
    unsigned pseudo_bits = 32, correction_bits = 32;
};

/// In a network: a map that a layer takes, or every so many pixels of it: its pixel (row, column) is pixel (first_row +
/// step_h * row, first_column + step_w * column) of what another gives, 0 where that has none.
struct reference_source {
    std::size_t layer = 0; ///< 0: the encoder, i + 1: layers[i]
    unsigned step_h = 1, step_w = 1;
    int first_row = 0, first_column = 0;
};

/// A neuron that the machine has not: a current of its synapses, which decays, I = floor(I * synapse_q16 / 2^16) + O; X =
/// I + rest + U, a spike when X > threshold; U is leaked by leak_q16 / 2^16.
struct reference_neuron {
    std::int32_t threshold = 0, rest = 0;
    std::int32_t start = 0; ///< in a network: U at the start of an input
    unsigned leak_q16 = 0, synapse_q16 = 0;
};

/// One layer, dense. Sizes in elements; see struct loas_descriptor for the meaning of the fields.
struct reference_layer {
    unsigned timesteps = 1;
    unsigned in_height = 1, in_width = 1, in_channels = 1, out_channels = 1;
    unsigned kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_h = 0, pad_w = 0;
    unsigned pool = 1;              ///< OR window and stride
    bool single_spike_mask = false; ///< after pooling
    neuron_reset reset = neuron_reset::hard;
    bool first_spike = false; ///< a neuron spikes at most once
    bool few_spikes = false;  ///< spikes are the bits of a number, the first the largest; no leak, no reset
    bool currents = false;    ///< write O instead of spikes
    unsigned leak_q8 = 128;
    std::int32_t threshold = 0;
    /// A layer of an ANN: inputs and outputs are numbers 0..255 in the place of spike words, T is 1, and the neuron is ReLU:
    /// the sum divided by 2^shift, halves rounded up, cut to 0..255. Pooling takes the maximum.
    bool bytes = false;
    unsigned shift = 0;
    reference_accumulators accumulators;
    std::vector<std::uint16_t> spikes; ///< [in_height][in_width][in_channels], bit t = timestep t; or bytes
    std::vector<std::int8_t> weights;  ///< [N][K], k = (kernel row, kernel column, channel)
    std::vector<std::int32_t> bias;    ///< [N], or empty
    std::vector<std::int32_t> thresholds; ///< [N], or empty: `threshold` for all
    /// U[M][N] at the start, in place of 0; empty: 0. Each is saturated to int32 at the end.
    std::vector<std::int32_t> potentials;
    std::vector<std::int32_t> starts; ///< in a network: [N], potentials at the start of an input; empty: 0
    /// Neurons of the host, [N] or [M][N], in the place of leak_q8, threshold, thresholds and starts; empty: none.
    std::vector<reference_neuron> neurons;
    /// In a network: none, or one, which takes the network's numbers without neurons, of as many rows and columns: what
    /// comes in is O + floor(sum * number_factors_q24[n] / 2^24).
    std::vector<reference_layer> numbers;
    std::vector<std::int32_t> number_factors_q24; ///< [N]
    std::vector<std::int64_t> added;              ///< [M][N][T], to the currents, of these numbers; empty: nothing
    /// I[M][N] at the start, in place of 0; empty: 0. Each is saturated to int32 at the end.
    std::vector<std::int32_t> synapse_currents;
    /// In a network: what it takes, channels of one behind those of the other; empty: what the layer before gives.
    std::vector<reference_source> sources;
};

struct reference_output {
    std::vector<std::uint16_t> spikes;  ///< [pooled pixel][N], or bytes; empty for currents
    std::vector<std::int32_t> currents; ///< [M][N][T]; empty for spikes
    /// At the end; empty if the layer had none. Neurons in no pooling window keep theirs.
    std::vector<std::int32_t> potentials;
    std::vector<std::int32_t> synapse_currents; ///< the same
};

reference_output run_reference(const reference_layer& layer);

/// In a network: sets the potentials and synapses of a layer to where every input begins; none where nothing is carried.
/// @param in_blocks its timesteps are more than those of the layer
void begin_reference_input(reference_layer& layer, bool in_blocks);

/// The same behind what its inputs, which are not used, and its bias add up to: sums are [M][N][T].
reference_output run_reference_neurons(const reference_layer& layer, const std::vector<std::int64_t>& sums);

/// The layer on numbers that runs on the host, in the place of spikes: one image for all timesteps, or one for each.
/// `layer.spikes` is not used; numbers are [image or timestep][in_height][in_width][in_channels]. Its output is spikes.
reference_output run_reference_encoder(const reference_layer& layer, const std::vector<std::int32_t>& numbers);

/// What a class's score is of its values over the timesteps: the currents of the last layer, or 1 for a spike.
enum class reference_score { sum, last, maximum };
struct reference_readout {
    reference_score score = reference_score::sum;
    /// Of a neuron that does not spike: what a value of 1 has left in its potential after so many timesteps, times 2^16.
    /// Scores are of the potential then, times 2^16. Empty: of the values themselves. [T], or [class][T].
    std::vector<std::int32_t> response_q16;
};

/// Layers in a row, each on the output of the one before or of its sources; one whose kernel covers its input's height and width is a
/// fully connected one.
struct reference_network {
    std::optional<reference_layer> encoder; ///< none: the numbers are 0 and 1, the spikes that the first layer takes
    std::vector<reference_layer> layers;
    reference_readout readout;
    /// T; more than the layers', which then run in blocks of theirs, with potentials and the currents of
    /// synapses carried. 0: theirs.
    unsigned timesteps = 0;
};

/// What a layer of a network took in a block of timesteps.
struct reference_input {
    std::size_t layer = 0; ///< of reference_network::layers
    unsigned timesteps = 0;
    std::vector<std::uint16_t> spikes; ///< as of reference_layer
};

struct reference_scores {
    std::vector<std::int64_t> scores; ///< per class
    /// [layer][block][pooled pixel][N], encoder first; not of currents.
    std::vector<std::vector<std::uint16_t>> spikes;
    std::vector<reference_input> inputs; ///< block after block, layer after layer
};

/// A whole network on one input: numbers [image or timestep][row][column][channel], as of the encoder. Of more pixels
/// than one a class gets the sum of their scores.
reference_scores run_reference_network(const reference_network& network, const std::vector<std::int32_t>& numbers);

} // namespace loas::reference
