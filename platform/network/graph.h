// A network as a graph of checked shapes, on which the passes of lowering work.
#pragma once

#include "platform/formats/nir.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace loas::network
{

/// What a node gives: (features,), (channels, length) or (channels, height, width). A vector that came out of a Flatten
/// still knows its channels, height and width.
struct map_shape {
    unsigned rank = 1; ///< 1, 2 or 3
    unsigned channels = 1, height = 1, width = 1;

    std::size_t size() const { return std::size_t{channels} * height * width; }
    /// As Python writes it: "(2, 4, 4)".
    std::string text() const;
};
bool operator==(const map_shape& a, const map_shape& b);

// What a node computes, at each timestep. NIR's values, not yet in integers.

struct input_op {
};
struct output_op {
};
struct flatten_op {
};

/// Conv2d, Conv1d (of height 1), Linear and Affine (whose kernel covers the input): a weighted sum over a window.
struct linear_op {
    unsigned out_channels = 1, in_channels = 1;
    unsigned kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_h = 0, pad_w = 0;
    std::vector<double> weights; ///< [out_channels][in_channels][kernel_h][kernel_w]
    std::vector<double> bias;    ///< [out_channels], or empty

    std::size_t taps() const { return std::size_t{kernel_h} * kernel_w; }
    std::size_t inputs() const { return in_channels * taps(); } ///< of an output
    unsigned out_height(unsigned in_height) const { return (in_height + 2 * pad_h - kernel_h) / stride_h + 1; }
    unsigned out_width(unsigned in_width) const { return (in_width + 2 * pad_w - kernel_w) / stride_w + 1; }
};

/// The sum over a window of each channel, times a factor.
struct pool_op {
    unsigned kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_h = 0, pad_w = 0;
    double factor = 1; ///< 1: sum; 1 / (kernel_h * kernel_w): average
};

struct scale_op {
    std::vector<double> factors; ///< one, or one a channel, or [channel][row][column]
};

/// What a neuron that the accelerator has not got is, in the host's terms: I = synapse * I + O, X = I + rest + leak * U.
struct host_values {
    double leak = 0, synapse = 0, threshold = 0, rest = 0, start = 0; ///< the last three in the units of O
};

/// Each member holds one value, or one a channel, or one a neuron in the order (channel, row, column); an empty one is
/// not a parameter of this kind of neuron.
struct neuron_op {
    bool spikes = true;     ///< LIF, IF, CubaLIF, Threshold; otherwise LI, I, CubaLI
    bool stateless = false; ///< Threshold: nothing is carried from one timestep to the next
    std::vector<double> tau, r, v_leak, v_threshold, v_reset, tau_syn, w_in;
    unsigned pool = 1;                ///< OR over a window of the spikes, set by a pass
    std::size_t pooled_at = SIZE_MAX; ///< number of the node that gives what the OR gives
    // Set by settle_neurons(): X = O * gain + leak * X before, a spike when it is above (or at) the threshold.
    double leak = 1, gain = 1, threshold = 0;
    std::vector<double> thresholds; ///< where channels have their own: threshold / gain of each; gain and threshold are
                                    ///< those of channel 0 then
    std::vector<double> starts;     ///< of each channel: potential / gain with which every input begins; empty: 0
    std::vector<double> scaled_by;  ///< of each channel, what its weights and bias were multiplied by; empty: 1
    /// Neurons of the host, one a channel or one a neuron; `thresholds` are the largest of each channel then. Of those that
    /// do not spike only leak and synapse, one a channel.
    std::vector<host_values> host;
    /// A current that its synapses do not filter, one a channel or one a neuron; empty: none.
    std::vector<double> behind_synapses;
    std::string host_because; ///< what the accelerator's neurons cannot, in words

    bool leaks() const { return !tau.empty(); }
    bool filters() const { return !tau_syn.empty(); } ///< has a current of its own, which decays too
};

/// A node that cannot be read, or of a kind that cannot run.
struct unknown_op {
};

using operation = std::variant<input_op, output_op, flatten_op, linear_op, pool_op, scale_op, neuron_op, unknown_op>;

/// How a node takes the map of one giver that stands beside those of others, channel behind channel: its pixel (row,
/// column) is the giver's pixel (first_row + step_h * row, first_column + step_w * column), or 0 where there is none.
struct map_part {
    unsigned step_h = 1, step_w = 1;
    int first_row = 0, first_column = 0;
};

/// Where a node runs; folded: in another node's weights, neurons or shape.
enum class place { nowhere, accelerator, host, folded, cannot };
const char* place_word(place where);

struct graph_node {
    std::string name; ///< of the file; in a graph within the graph "outer.inner"
    std::string type;
    operation op;
    std::vector<std::size_t> from;    ///< numbers of the nodes whose sum it takes; with parts, side by side
    std::vector<map_part> parts;      ///< one for each of `from`, set by join_branches(); empty: their sum
    std::size_t numbers = SIZE_MAX;   ///< node of weights on the network's input whose sums the host adds to its own
    std::optional<map_shape> in, out; ///< nothing: not known, as a node before it cannot be read
    place where = place::nowhere;
    std::string into;               ///< title of the node that it is folded into
    std::vector<std::string> notes; ///< what the passes did to it, and what cannot be, in words
    bool copy = false;              ///< of another node, made by a pass: nothing that the file's author knows

    bool gone() const { return where == place::folded || where == place::cannot; }
    std::string title() const; ///< "node 'conv1' (Conv2d)"
    template <typename kind> kind* as() { return std::get_if<kind>(&op); }
    template <typename kind> const kind* as() const { return std::get_if<kind>(&op); }
};

/// What prevents the network from running, or should be known of one that runs.
struct finding {
    std::size_t node = SIZE_MAX; ///< SIZE_MAX: of the graph as a whole
    std::string text;            ///< names the file and the node
};

class graph
{
public:
    explicit graph(std::string source) : source(std::move(source)) {}

    std::string source;               ///< name of the file
    std::vector<graph_node> nodes;    ///< as in the file, then those that passes inserted
    std::vector<std::size_t> order;   ///< nodes from Input to Output; those on no such way are left out
    std::vector<finding> findings;    ///< empty: it can run
    std::vector<finding> warnings;    ///< it runs, but not quite as the file says
    std::vector<std::string> assumed; ///< what the file does not say

    /// It cannot run because of this node. The passes leave it alone from then on.
    void refuse(std::size_t node, const std::string& message);
    /// The same of the whole graph.
    void refuse(const std::string& message) { findings.push_back({SIZE_MAX, message}); }
    void warn(std::size_t node, const std::string& reason);

    std::string quoted(std::size_t node) const; ///< "'conv1'"

    /// Throws text::user_error: "<file>: node 'conv1' (Conv2d): <reason>".
    [[noreturn]] void fail(std::size_t node, const std::string& reason) const;

    /// Calls for each node that is not gone, in order; what it throws becomes a finding.
    void each(const std::function<void(std::size_t node)>& action);

    /// Nodes that take what this one gives, and are not gone.
    std::vector<std::size_t> users_of(std::size_t node) const;
    /// The only one, or nothing when there are several, or none.
    std::optional<std::size_t> user_of(std::size_t node) const;

    /// `node` does its work in `into` from now on: what took its output takes that of `source` instead.
    void fold(std::size_t node, std::size_t into, std::size_t source, const std::string& note);

    /// A new node between `before` and its only giver; answers its number.
    std::size_t insert(std::size_t before, graph_node node);

    /// A copy of a node, behind it in the order, of the same givers; nobody takes what it gives.
    std::size_t copy(std::size_t node);
};

/// Value `index` of a member of neuron_op or scale_op that is given for one, each channel or each neuron.
double value_at(const std::vector<double>& values, const map_shape& shape, unsigned channel, std::size_t pixel);

/// The value of each channel, when it is the same for all pixels of it.
std::optional<std::vector<double>> per_channel(const std::vector<double>& values, const map_shape& shape);

/// More weights, zeros among them, than are worth writing out: 2^26.
bool is_too_large(std::size_t out_channels, std::size_t in_channels, std::size_t kernel_h, std::size_t kernel_w);

} // namespace loas::network
