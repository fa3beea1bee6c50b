// Files that list the layers of a network by their shapes and the numbers of their non-zeros (scenarios/networks).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loas::draw
{

/// One layer. Spikes and inputs are counted in the unfolded (im2col) input of M x K entries, where an input counts once
/// for each window that reads it and padding counts as silent.
struct layer_statistics {
    std::string name;           ///< unique in its file
    std::string published_name; ///< in the result files of the publication's authors; may be empty
    unsigned in_height = 0, in_width = 0, in_channels = 0, out_channels = 0;
    unsigned kernel = 0, stride = 0, padding = 0; ///< pixels a side
    unsigned timesteps = 0;
    std::int64_t spikes = 0;
    std::int64_t non_silent = 0;    ///< entries that spike
    std::int64_t non_silent_ft = 0; ///< those that spike more than once
    std::int64_t non_zero_weights = 0;
    double sigma_col = 0; ///< spread (of the logarithm) of the columns' shares of the non-zero weights
    double gamma_act = 0; ///< an input's share grows with its channel's activity to this power
    double kappa = 0;     ///< and falls by exp(-kappa d^2), d pixels from the kernel's centre, as in trained kernels

    /// How unevenly spikes lie, in units of the standard deviation of what drives a single input; the defaults are the
    /// medians of recordings of AlexNet and VGG16.
    double dead_channels = 0.05;  ///< share of the channels that practically never spike
    double channel_spread = 0.46; ///< of the drives of the other channels
    double singles_apart = 0;     ///< share of it that does not count, or counts more (below 0), for who spikes once
    double pixel_spread = 0.09;   ///< of the drives of pixels, common to all channels
    /// Spikes of each pixel, [in_height][in_width], of some input alike: what is spread over pixels, not their number.
    /// Empty: pixel_spread says how they differ.
    std::vector<std::uint32_t> pixel_spikes;
    double smoothness = 0.73; ///< share of an input's own drive (variance) that is averaged over neighbours, 0..1

    /// Silent share that the layer's own output should have: not in the file, it is that of the first later layer that
    /// reads as many channels, or else that of its own input.
    double output_silent_ratio = 0;

    std::uint64_t out_height() const { return (in_height + std::uint64_t{2} * padding - kernel) / stride + 1; }
    std::uint64_t out_width() const { return (in_width + std::uint64_t{2} * padding - kernel) / stride + 1; }
    std::uint64_t rows() const { return out_height() * out_width(); }                     ///< M
    std::uint64_t inputs() const { return std::uint64_t{kernel} * kernel * in_channels; } ///< K
    std::uint64_t single_spikes() const { return static_cast<std::uint64_t>(non_silent - non_silent_ft); }
};

/// How many windows read each pixel, [in_height][in_width].
std::vector<std::uint32_t> window_counts(const layer_statistics& layer);

/// The keys of a table of such a file, as Markdown.
std::string layer_keys_table();

/// Reads a file of [[layers]] tables. Throws text::user_error with all mistakes (at most 10), one per line, each with
/// its file:line: unknown and missing keys, wrong types and ranges, counts that no layer of this shape can have.
std::vector<layer_statistics> load_layer_network(const std::string& path);

/// The same layer with another T: as many spikes a timestep, and inputs are silent as if the timesteps were independent:
/// a silent share s (of the entries that are not padding) becomes s to the power of timesteps / T. Of the inputs that
/// spike, as large a share spikes more than once as before. Counts that no layer can have are moved to the nearest that
/// one can. With its own T the layer is unchanged.
/// @pre timesteps is 1 to LOAS_MAX_TIMESTEPS
layer_statistics with_timesteps(const layer_statistics& layer, unsigned timesteps);

/// The same layer with a share of zero weights that is `factor` times its own, at most 1.
layer_statistics with_weight_sparsity(const layer_statistics& layer, double factor);

/// The layers that a list names, "A-L4,A-L5" or by their published names, in the file's order; all of them for "".
/// Throws text::user_error naming `place` and the nearest name.
std::vector<layer_statistics> select_layers(const std::vector<layer_statistics>& layers, const std::string& names,
                                            const std::string& place);

} // namespace loas::draw
