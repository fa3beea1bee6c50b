// What is computed: the network and its inputs, or layers. The initialisers are the defaults; each parameter's row
// stands below its member.
#pragma once

#include "models/parameter/words.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace loas::config
{

/// network: a trained network with images. layer: the one of layer_params. layers: each of a list, by itself. program:
/// what the user has written for the host CPU.
enum class workload_kind { network, layer, layers, program };
inline constexpr std::string_view workload_kind_words[] = {"network", "layer", "layers", "program"};
constexpr parameter::words words_of(workload_kind)
{
    return workload_kind_words;
}

/// What becomes of a neuron's potential after a spike, which a NIR file cannot say. exporter: as the framework's neurons
/// that the file looks like do by default; see lowering::neuron_reset.
enum class reset_rule { exporter, hard, soft, delayed };
inline constexpr std::string_view reset_rule_words[] = {"exporter", "hard", "soft", "delayed"};
constexpr parameter::words words_of(reset_rule)
{
    return reset_rule_words;
}

/// What a class's score is of the last layer's values over the timesteps.
enum class score_rule { sum, last, maximum };
inline constexpr std::string_view score_rule_words[] = {"sum", "last", "maximum"};
constexpr parameter::words words_of(score_rule)
{
    return score_rule_words;
}

/// How many scales a layer's weights have in 8 bits; see lowering::scale_rule.
enum class scale_rule { per_channel, per_layer };
inline constexpr std::string_view scale_rule_words[] = {"per-channel", "per-layer"};
constexpr parameter::words words_of(scale_rule)
{
    return scale_rule_words;
}

/// Axes of an array of inputs in front of those of the network's Input: n inputs, t timesteps.
enum class axes_rule { automatic, n, t, nt, tn };
inline constexpr std::string_view axes_rule_words[] = {"auto", "n", "t", "nt", "tn"};
constexpr parameter::words words_of(axes_rule)
{
    return axes_rule_words;
}

/// Where a network's first layer runs. automatic: on the accelerator where the inputs are spikes over time.
enum class first_layer_rule { automatic, host, accelerator };
inline constexpr std::string_view first_layer_rule_words[] = {"auto", "host", "accelerator"};
constexpr parameter::words words_of(first_layer_rule)
{
    return first_layer_rule_words;
}

/// The most timesteps of a network, which run in blocks: N-MNIST has 300. A readout's potential is at most 2^47 a value
/// and timestep, and 64 bits hold their sums over 361 timesteps.
inline constexpr unsigned most_network_timesteps = 320;

/// What is computed: the network and its inputs. Paths are absolute and normalised; empty = not given.
struct workload_params {
    workload_kind kind = workload_kind::network;
    std::filesystem::path network;  ///< NIR file
    std::filesystem::path images;   ///< see platform/inputs
    std::filesystem::path labels;   ///< .npy, optional
    axes_rule input_axes = axes_rule::automatic;
    first_layer_rule first_layer = first_layer_rule::automatic;
    double event_step = 0;          ///< in the unit of the events' times; 0: T timesteps share a recording
    bool event_counts = false;
    unsigned timesteps = 4;         ///< T; of a list of layers 0: each layer's own
    double input_scale = 1.0;       ///< value of one image count
    double time_step = 1.0;         ///< the NIR file's dt, in the unit of its tau
    reset_rule reset = reset_rule::exporter;
    score_rule score = score_rule::sum;
    scale_rule scales = scale_rule::per_channel;
    std::int64_t calibrate = 0;     ///< images by which scales are chosen
    double prune_weights = 0;       ///< share of each layer's weights
    std::int64_t float_images = 0;  ///< compared with the float network
    std::int64_t max_images = 0;    ///< 0 = all
    std::filesystem::path layers;   ///< list of layers, TOML
    std::filesystem::path layers_of_bytes; ///< that of a design for ANNs; empty: layers
    std::string only;               ///< names of layers of the list; empty = all
    std::int64_t seed = 1;          ///< of the layers of the list
    double scale_weight_sparsity = 1; ///< of each of them
    bool skew = true;               ///< their weights are skewed as fitted to published results
    std::filesystem::path program;  ///< for the host CPU
    std::string arguments;          ///< of the program: words with blanks between them
    std::filesystem::path files;    ///< folder of the program's files; empty = it has none
    bool single_spike_mask = false; ///< treat neurons that spike once as silent (preprocessing of the publication)

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.word("workload.kind", kind, ours,
                "What runs: a trained network with images, or one layer, described under [layer], or the layers of a "
                "list, one after another, each on an input of its own, or a program of your own.");
        to.path("workload.network", network, ours, "NIR file (.nir) with the trained network.")
            .input_of(workload_kind::network);
        to.path("workload.images", images, ours,
                "Inputs: .npy, FILE.npz:NAME, an .npz with labels, or a data file of NIR; images, frames over time, or "
                "events; see platform/inputs.")
            .input_of(workload_kind::network);
        to.path("workload.labels", labels, ours, "Right classes of the inputs (.npy); optional, for the accuracy.")
            .input_of(workload_kind::network);
        to.word("workload.input_axes", input_axes, ours,
                "Axes of the inputs in front of those of the network: n inputs (images, the same at each timestep), t "
                "timesteps (of one input), nt or tn; auto: by the number of labels, else inputs before timesteps.");
        to.word("workload.first_layer", first_layer, ours,
                "Where the network's first layer runs: on the host, which takes any numbers, or the accelerator, which "
                "takes 0 and 1; auto: on the accelerator if the inputs are that, over time.");
        to.number("workload.event_step", event_step, 0, 1e15, "unit of t", ours,
                  "Length of a timestep of a list of events, whose t are microseconds as a rule; 0: T timesteps share each "
                  "recording.");
        to.flag("workload.event_counts", event_counts, ours,
                "Several events of a pixel and timestep count as many; otherwise as one spike.");
        to.integer("workload.timesteps", timesteps, 0, most_network_timesteps, "timesteps", published,
                   "T: timesteps of one inference. A network's may be more than the hardware holds: it runs in blocks, "
                   "with potentials that are carried. Of a list of layers, whose own T is in force without it or with 0: "
                   "another T, with as many spikes a timestep as the list says, and with silent inputs as if the "
                   "timesteps were independent (a silent share s of T becomes s to the power of the new T / T).");
        to.number("workload.input_scale", input_scale, 1e-9, 1e9, "", ours, "Value of one count of an image.");
        to.number("workload.time_step", time_step, 1e-12, 1e12, "unit of tau", ours,
                  "Length of a timestep: the dt of the NIR file, in the unit of its tau.");
        to.word("workload.reset", reset, ours,
                "What a spike leaves of a neuron's potential: nothing (hard), what is above the threshold (soft), or all, "
                "less the threshold a timestep later (delayed). NIR cannot say it: exporter takes the default of the "
                "framework that the file looks like, hard if none.");
        to.word("workload.score", score, ours,
                "A class's score: of the spikes, currents or potentials of the network's output over the timesteps their "
                "sum, the last, or the maximum.");
        to.word("workload.scales", scales, ours,
                "Scales of the network's weights in 8 bits: one for each output channel, with a threshold for each, or one "
                "for a layer, which reads 4 bytes a channel less but gives all channels the precision of the one with the "
                "largest weight.");
        to.integer("workload.calibrate", calibrate, 0, 1e9, "images", ours,
                   "The scales of the network's weights are chosen by so many images, from the first: each output channel "
                   "keeps that share of its largest weight with which the fewest spikes differ from those in floating "
                   "point; what is larger is cut. 0: it keeps all.");
        to.number("workload.prune_weights", prune_weights, 0, 1, "", ours,
                  "So large a share of the weights of each of the network's layers is set to 0, the smallest; what it "
                  "costs is told with workload.float_images.");
        to.integer("workload.float_images", float_images, 0, 1e9, "images", ours,
                   "So many images, from the first, are also computed in floating point as the network's file says, and "
                   "compared: spikes of each layer, and classes. Where it is not given, run compares as many as cost "
                   "little; 0: none, as in sweep and compare.");
        to.integer("workload.max_images", max_images, 0, 1e9, "images", ours, "Run only the first images; 0 runs all.");
        to.path("workload.layers", layers, ours,
                "List of layers (.toml) by shapes and numbers of non-zeros, with which they are drawn; see "
                "scenarios/networks.")
            .input_of(workload_kind::layers);
        to.path("workload.layers_of_bytes", layers_of_bytes, ours,
                "The list that a design for ANNs takes in the place of workload.layers: the same network's layers of "
                "bytes. Without it these are drawn from the list of spikes' layers.")
            .input_of(workload_kind::layers);
        to.text("workload.only", only, ours, "Names of the layers of the list to run, with commas; empty = all.");
        to.integer("workload.seed", seed, 0, 4294967295.0, "", ours, "Seed of the layers of the list.");
        to.number("workload.scale_weight_sparsity", scale_weight_sparsity, 0, 100, "", ours,
                  "Of a list of layers: the share of zero weights of each is the list's times this, at most 1.");
        to.flag("workload.skew", skew, ours,
                "The weights of the list's layers are skewed as fitted to published results; false = uniform.");
        to.path("workload.program", program, ours,
                "Program for the host CPU: an ELF file for RV64, or a shared object with loas_main() for the native "
                "CPU; run --program sets it.")
            .input_of(workload_kind::program);
        to.text("workload.arguments", arguments, ours,
                "The program's arguments, with blanks between them; a backslash takes the next character as it is.");
        to.path("workload.files", files, ours,
                "Folder whose files an RV64 program may open by semihosting; empty = none. run --semihosting sets it.")
            .input_of(workload_kind::program);
        to.flag("workload.single_spike_mask", single_spike_mask, published,
                "Mask inputs that spike exactly once in T to silent: those of a layer or a list before it runs, counted as "
                "masked_inputs; in a network what each layer writes, the host's first one too, not counted (it must be "
                "fine-tuned for it).");
    }
};

/// What a spike leaves of the potential: lowering::neuron_reset.
enum class neuron_reset { hard, soft, delayed };
inline constexpr std::string_view neuron_reset_words[] = {"hard", "soft", "delayed"};
constexpr parameter::words words_of(neuron_reset)
{
    return neuron_reset_words;
}

/// Of a file with a matrix of weights. by_size: whichever of its axes is K.
enum class matrix_axes { by_size, nk, kn };
inline constexpr std::string_view matrix_axes_words[] = {"by-size", "nk", "kn"};
constexpr parameter::words words_of(matrix_axes)
{
    return matrix_axes_words;
}

/// A layer of its own (workload.kind = "layer"); T is workload.timesteps. The defaults are the published V-L8, layer 7
/// of VGG16. Its tensors are synthetic where no file is given. Shares are of the tensors, not of the unfolded (im2col)
/// matrix; counts_of() makes them exact counts.
struct layer_params {
    unsigned height = 4, width = 4; ///< pixels of the input
    unsigned channels = 256;
    unsigned out_channels = 512;
    unsigned kernel = 3;              ///< pixels, its height
    unsigned kernel_width = 0;        ///< 0 = as its height
    unsigned stride = 1;              ///< pixels, downwards
    unsigned stride_width = 0;        ///< 0 = as downwards
    unsigned padding = 1;             ///< zero pixels above and below
    std::int64_t padding_width = -1;  ///< left and right; -1 = as above
    unsigned pool = 1;                ///< OR window and stride on the output; of bytes, maximum; 1 = none
    double silent_ratio = 0.7652;     ///< share of inputs that never spike
    double spike_sparsity = 0.8807;   ///< share of zero bits of the inputs over all T
    double weight_sparsity = 0.96754; ///< share of zero weights
    unsigned leak_q8 = 128;           ///< U = floor(X * leak_q8 / 256)
    std::int64_t threshold = 128;     ///< weight units; the output is about as sparse as V-L9, the next layer
    unsigned shift = 8;               ///< of a layer of bytes; few outputs are cut at 255
    neuron_reset reset = neuron_reset::hard;
    std::int64_t seed = 1;
    std::filesystem::path spikes_file;  ///< .npy, or entry of an .npz; empty = synthetic
    std::filesystem::path weights_file; ///< the same
    matrix_axes weights_axes = matrix_axes::by_size;
    std::filesystem::path bias_file; ///< the same; empty = no bias
    std::int64_t runs = 1;           ///< one after another, with the same tensors
    bool two_readings = false;       ///< no parameter: the file of spikes has two, and nothing that was given says which

    unsigned width_of_kernel() const { return kernel_width == 0 ? kernel : kernel_width; }
    unsigned stride_across() const { return stride_width == 0 ? stride : stride_width; }
    unsigned padding_across() const { return padding_width < 0 ? padding : static_cast<unsigned>(padding_width); }
    /// K
    std::uint64_t inputs_of_neuron() const { return std::uint64_t{kernel} * width_of_kernel() * channels; }

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.integer("layer.height", height, 1, 65535, "pixels", published,
                   "Height of the input. A plain M x K matrix has height M, width 1, K channels, kernel 1, padding 0. "
                   "This and the other sizes need not be given where a file of a tensor says them.");
        to.integer("layer.width", width, 1, 65535, "pixels", published, "Width of the input.");
        to.integer("layer.channels", channels, 1, 65535, "channels", published, "Channels of the input.");
        to.integer("layer.out_channels", out_channels, 1, 65535, "channels", published,
                   "N: output channels, the columns of the weights.");
        to.integer("layer.kernel", kernel, 1, 255, "pixels", published, "Height of the kernel.");
        to.integer("layer.kernel_width", kernel_width, 0, 255, "pixels", ours,
                   "Width of the kernel; 0 = its height: a square.");
        to.integer("layer.stride", stride, 1, 255, "pixels", published, "Stride downwards.");
        to.integer("layer.stride_width", stride_width, 0, 255, "pixels", ours,
                   "Stride to the right; 0 = that downwards.");
        to.integer("layer.padding", padding, 0, 255, "pixels", published, "Zero pixels added above and below.");
        to.integer("layer.padding_width", padding_width, -1, 255, "pixels", ours,
                   "Zero pixels added left and right; -1 = as many as above and below.");
        to.integer("layer.pool", pool, 1, 255, "pixels", ours,
                   "Side of the window on the output of which the OR is taken, of bytes the maximum; 1 = no pooling.");
        to.number("layer.silent_ratio", silent_ratio, 0, 1, "share", published,
                  "Share of inputs that never spike, of bytes that are 0, of the tensor of height x width x channels. The "
                  "report shows the unfolded matrix, in which padding is silent too.");
        to.number("layer.spike_sparsity", spike_sparsity, 0, 1, "share", published,
                  "Share of zero bits of the inputs over all timesteps, of the tensor like silent_ratio.");
        to.number("layer.weight_sparsity", weight_sparsity, 0, 1, "share", published, "Share of zero weights.");
        to.integer("layer.leak_q8", leak_q8, 0, 256, "1/256", ours, "Share of the potential that a timestep leaves.");
        to.integer("layer.threshold", threshold, -2147483648.0, 2147483647.0, "weight units", ours,
                   "A neuron spikes when its potential is above this. Weights are drawn from -127..127.");
        to.integer("layer.shift", shift, 0, 31, "bits", ours,
                   "Of designs that take bytes: ReLU's output is the sum divided by 2 to the power of this, rounded, and cut "
                   "to 0..255.");
        to.word("layer.reset", reset, ours,
                "What a spike leaves of the potential: hard, nothing; soft, what is above the threshold, leaked; delayed, "
                "all of it, leaked, less the threshold.");
        to.integer("layer.seed", seed, 0, 4294967295.0, "", ours, "Seed of the random placement and weights.");
        to.path(
            "layer.spikes_file", spikes_file, ours,
            "Input spikes instead of drawn ones: .npy, or FILE.npz:NAME, of uint8 or uint16, (C, H, W) or (M, K), "
            "bit t = timestep t; or of zeros and ones of any type, (T, C, H, W) or (T, M, K). Three axes of uint8 or "
            "uint16 are what layer.channels or the weights say. Of designs that take bytes: uint8, (C, H, W) or (M, K).")
            .input_of(workload_kind::layer);
        to.path(
            "layer.weights_file", weights_file, ours,
            "Weights instead of drawn ones: .npy, or FILE.npz:NAME, of int8, (N, C, kh, kw), or (N, K) or (K, N) with "
            "K = (kh, kw, C).")
            .input_of(workload_kind::layer);
        to.word("layer.weights_axes", weights_axes, ours,
                "Of a matrix of weights in a file: (N, K), (K, N), or whichever fits; a square one fits both and must be "
                "told.");
        to.path("layer.bias_file", bias_file, ours,
                "Bias of each column, added in every timestep, (N,) of whole numbers: .npy, or FILE.npz:NAME; empty = "
                "none.")
            .input_of(workload_kind::layer);
        to.integer("layer.runs", runs, 1, 1e6, "runs", ours,
                   "How often the layer runs, one after another, with the same tensors.");
    }
};

} // namespace loas::config
