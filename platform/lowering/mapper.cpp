#include "platform/lowering/mapper.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "platform/formats/npy.h"
#include "platform/lowering/nir_chain.h"
#include "platform/lowering/quantise.h"
#include "platform/text/user_error.h"

namespace loas::lowering
{

namespace
{

// Widths of the fields of struct loas_descriptor, and LOAS_MAX_K.
constexpr long max_size = 65535;
constexpr long max_window = 255;
constexpr std::size_t max_inputs = std::size_t{1} << 20;
constexpr long any_number = std::numeric_limits<std::int32_t>::max();

std::string map_text(unsigned channels, unsigned height, unsigned width)
{
    return formats::shape_text({channels, height, width});
}

// Why a kind of node that NIR has cannot run.
std::string why_unsupported(const std::string& type)
{
    if (type == "IF")
        return "neurons without leak are not supported yet; only LIF is";
    if (type == "CubaLIF" || type == "CubaLI")
        return "the accelerator's neuron has no synaptic filter; only LIF is supported";
    if (type == "LI" || type == "I")
        return "neurons that do not spike are not supported; only LIF is, and the last layer has no neuron at all";
    if (type == "AvgPool2d")
        return "averages are not spikes; use SumPool2d followed by a Threshold in [0, 1)";
    if (type == "Scale")
        return "scaling is not supported; multiply the weights before it";
    if (type == "Conv1d")
        return "one-dimensional convolutions are not supported yet; use Conv2d with a kernel of height 1";
    if (type == "Delay")
        return "delays are not supported";
    if (type == "NIRGraph")
        return "graphs within a graph are not supported yet; put its nodes into the outer graph";
    return "this kind of node is not known; supported are Conv2d, Linear, Affine, LIF, Flatten, and SumPool2d "
           "followed by Threshold";
}

class network_builder
{
public:
    network_builder(const formats::nir_graph& graph, const map_options& options)
        : m_options(options), m_chain(chain_of(graph))
    {
        m_network.name = std::filesystem::path(graph.source).stem().string();
    }

    network_model build()
    {
        read_input();
        if (here().type() == "Output")
            here().fail("there is no layer between " + m_chain.front().title() + " and this node");
        while (here().type() != "Output")
            read_layer();
        read_output();
        return std::move(m_network);
    }

private:
    const node_view& here() const { return m_chain[m_at]; }
    const node_view& before() const { return m_chain[m_at - 1]; }
    const node_view& after() const { return m_chain[m_at + 1]; } // any node but Output has one

    void read_input()
    {
        const node_view& input = here();
        const std::vector<long> shape = input.integers("shape", 1, max_size);
        if (shape.size() != 1 && shape.size() != 3)
            input.fail_at("shape", "expected (channels, height, width) or (features), found " +
                                       std::to_string(shape.size()) + " dimensions");
        m_vector = shape.size() == 1;
        m_channels = static_cast<unsigned>(shape[0]);
        m_height = m_vector ? 1 : static_cast<unsigned>(shape[1]);
        m_width = m_vector ? 1 : static_cast<unsigned>(shape[2]);
        m_network.image_channels = m_channels;
        m_network.image_height = m_height;
        m_network.image_width = m_width;
        ++m_at;
    }

    void read_layer()
    {
        layer_model layer;
        const bool flattened = here().type() == "Flatten";
        if (flattened)
            read_flatten();
        const node_view& weighted = here();
        const double input_scale = m_first ? m_options.input_scale : 1;
        if (weighted.type() == "Conv2d")
            read_convolution(layer, input_scale);
        else if (weighted.type() == "Linear" || weighted.type() == "Affine")
            read_linear(layer, flattened, input_scale);
        else
            refuse();
        ++m_at;

        if (here().type() == "LIF") {
            const std::size_t size = std::size_t{m_channels} * m_height * m_width;
            quantise_neuron(layer, here(), size, weighted.title(), input_scale, m_options.time_step);
            ++m_at;
            if (here().type() == "SumPool2d")
                read_pooling(layer);
            if (here().type() == "Output")
                before().fail("the last layer must give currents: no neuron may stand between its weights and Output");
        } else if (here().type() == "Output") {
            layer.currents = true;
        } else if (is_layer_start(here())) {
            weighted.fail("a LIF must follow, found " + here().title() + "; only the last layer has no neuron");
        } else {
            refuse();
        }

        (m_first ? m_network.encoder : m_network.layers.emplace_back()) = std::move(layer);
        m_first = false;
    }

    static bool is_layer_start(const node_view& node)
    {
        return node.type() == "Conv2d" || node.type() == "Linear" || node.type() == "Affine" ||
               node.type() == "Flatten";
    }

    // A node that can't stand here, or anywhere.
    [[noreturn]] void refuse() const
    {
        const node_view& node = here();
        if (node.type() == "LIF")
            node.fail("a LIF takes the currents of a Conv2d, Linear or Affine node, found " + before().title() +
                      " before it");
        if (node.type() == "SumPool2d")
            node.fail("only the spikes of a LIF can be pooled, found " + before().title() + " before it");
        if (node.type() == "Threshold")
            node.fail("a Threshold is only supported after the SumPool2d of a LIF's spikes, found " + before().title() +
                      " before it");
        node.fail(why_unsupported(node.type()));
    }

    void read_flatten()
    {
        const node_view& node = here();
        const long rank = m_vector ? 1 : 3;
        const long start = node.has("start_dim") ? node.integer("start_dim", -any_number, any_number) : 1;
        const long end = node.has("end_dim") ? node.integer("end_dim", -any_number, any_number) : -1;
        // Writers count dimensions with the batch (PyTorch's start is 1) or without it (start is 0). Both at once would
        // be ambiguous for start 1 with end -1; the number of inputs of the next node decides then.
        const bool without_batch = (start == 0 || start == -rank) && (end == -1 || end == rank - 1);
        const bool with_batch = (start == 1 || start == -rank) && (end == -1 || end == rank);
        if (!without_batch && !with_batch)
            node.fail("start_dim " + std::to_string(start) + " and end_dim " + std::to_string(end) +
                      " do not flatten the whole of " + shape_here() + ", which is all that is supported");
        if (node.has("input_type")) {
            const std::vector<long> shape = node.integers("input_type", 0, any_number);
            const std::vector<long> expected = m_vector
                                                   ? std::vector<long>{long{m_channels}}
                                                   : std::vector<long>{long{m_channels}, long{m_height}, long{m_width}};
            if (shape != expected)
                node.fail("input_type is " + formats::shape_text({shape.begin(), shape.end()}) + ", but " +
                          before().title() + " gives " + shape_here());
        }
        if (after().type() != "Linear" && after().type() != "Affine")
            node.fail("a Linear or Affine must follow, found " + after().title());
        ++m_at;
    }

    // Shape of what the current node takes, as NIR has it.
    std::string shape_here() const
    {
        return m_vector ? formats::shape_text({m_channels}) : map_text(m_channels, m_height, m_width);
    }

    const formats::nir_array& weights_of(const node_view& node, std::size_t rank) const
    {
        const formats::nir_array& weights = node.array("weight");
        if (weights.shape.size() != rank)
            node.fail_at("weight", "expected " + std::to_string(rank) + " dimensions, found " +
                                       std::to_string(weights.shape.size()));
        if (weights.values.empty())
            node.fail_at("weight", "shape " + formats::shape_text(weights.shape) + " has no elements");
        if (weights.shape[0] > static_cast<std::size_t>(max_size))
            node.fail_at("weight", "shape " + formats::shape_text(weights.shape) + " has more than 65535 outputs");
        return weights;
    }

    // Sets the input side of the layer and checks its size.
    void set_input(layer_model& layer, std::size_t outputs) const
    {
        layer.name = here().name();
        layer.in_channels = m_channels;
        layer.in_height = m_height;
        layer.in_width = m_width;
        layer.out_channels = static_cast<unsigned>(outputs);
        const std::size_t inputs = std::size_t{layer.kernel_h} * layer.kernel_w * layer.in_channels;
        if (inputs > max_inputs)
            here().fail("an output has " + std::to_string(inputs) + " inputs, more than the limit of " +
                        std::to_string(max_inputs));
    }

    void quantise(layer_model& layer, const formats::nir_array& weights, const std::string& bias_name,
                  double input_scale) const
    {
        const node_view& node = here();
        const formats::nir_array* bias = bias_name.empty() ? nullptr : &node.array(bias_name);
        if (bias != nullptr && bias->shape != std::vector<std::size_t>{weights.shape[0]})
            node.fail("bias has shape " + formats::shape_text(bias->shape) + ", but weight has shape " +
                      formats::shape_text(weights.shape));
        quantise_weights(layer, node, weights.values, bias == nullptr ? nullptr : &bias->values, input_scale);
    }

    void read_convolution(layer_model& layer, double input_scale)
    {
        const node_view& node = here();
        if (m_vector)
            node.fail("takes (channels, height, width), but " + before().title() + " gives " + shape_here());
        const formats::nir_array& weights = weights_of(node, 4);
        if (const long groups = node.has("groups") ? node.integer("groups", 1, any_number) : 1; groups != 1)
            node.fail("groups is " + std::to_string(groups) + "; only 1 is supported");
        if (node.has("dilation"))
            for (const unsigned dilation : node.pair("dilation", 1, any_number))
                if (dilation != 1)
                    node.fail("dilation is " + std::to_string(dilation) + "; only 1 is supported");
        if (weights.shape[1] != m_channels)
            node.fail("weight has shape " + formats::shape_text(weights.shape) + ", " +
                      std::to_string(weights.shape[1]) + " input channels, but " + before().title() + " gives " +
                      shape_here());
        if (node.has("input_shape")) {
            const std::vector<long> shape = node.integers("input_shape", 0, any_number);
            if (shape != std::vector<long>{long{m_height}, long{m_width}})
                node.fail("input_shape is " + formats::shape_text({shape.begin(), shape.end()}) + ", but " +
                          before().title() + " gives " + shape_here());
        }
        for (const std::size_t side : {weights.shape[2], weights.shape[3]})
            if (side > static_cast<std::size_t>(max_window))
                node.fail("kernel is " + formats::shape_text({weights.shape[2], weights.shape[3]}) +
                          ", more than the limit of 255");
        layer.kernel_h = static_cast<unsigned>(weights.shape[2]);
        layer.kernel_w = static_cast<unsigned>(weights.shape[3]);
        const std::array<unsigned, 2> stride = node.pair("stride", 1, max_window);
        layer.stride_h = stride[0];
        layer.stride_w = stride[1];
        read_padding(layer);
        set_input(layer, weights.shape[0]);
        if (layer.kernel_h > m_height + 2 * layer.pad_h || layer.kernel_w > m_width + 2 * layer.pad_w)
            node.fail("kernel " + formats::shape_text({layer.kernel_h, layer.kernel_w}) +
                      " is larger than the padded input: " + before().title() + " gives " + shape_here());
        if (layer.out_height() > static_cast<unsigned>(max_size) || layer.out_width() > static_cast<unsigned>(max_size))
            node.fail("its output, " + formats::shape_text({layer.out_height(), layer.out_width()}) +
                      " pixels, has a side of more than 65535");
        quantise(layer, weights, node.has("bias") ? "bias" : "", input_scale);
        m_channels = layer.out_channels;
        m_height = layer.out_height();
        m_width = layer.out_width();
    }

    void read_padding(layer_model& layer) const
    {
        const node_view& node = here();
        const std::string* word = node.string("padding");
        if (word == nullptr) {
            const std::array<unsigned, 2> padding = node.pair("padding", 0, max_window);
            layer.pad_h = padding[0];
            layer.pad_w = padding[1];
        } else if (*word == "same") {
            if (layer.stride_h != 1 || layer.stride_w != 1)
                node.fail("padding 'same' needs stride 1");
            if (layer.kernel_h % 2 == 0 || layer.kernel_w % 2 == 0)
                node.fail("padding 'same' needs an odd kernel, found " +
                          formats::shape_text({layer.kernel_h, layer.kernel_w}) +
                          ": the padding must be the same on both sides");
            layer.pad_h = layer.kernel_h / 2;
            layer.pad_w = layer.kernel_w / 2;
        } else if (*word != "valid") {
            node.fail_at("padding", "expected numbers, 'same' or 'valid', found '" + *word + "'");
        }
    }

    void read_linear(layer_model& layer, bool flattened, double input_scale)
    {
        const node_view& node = here();
        const formats::nir_array& weights = weights_of(node, 2);
        if (node.type() == "Linear" && node.has("bias"))
            node.fail("a Linear node has no bias; use Affine");
        const std::size_t inputs = std::size_t{m_channels} * m_height * m_width;
        if (!flattened && (m_height != 1 || m_width != 1))
            node.fail("takes a vector, but " + before().title() + " gives " + shape_here() + "; put a Flatten between");
        if (weights.shape[1] != inputs)
            node.fail("weight has shape " + formats::shape_text(weights.shape) + ", " +
                      std::to_string(weights.shape[1]) + " inputs, but " + before().title() + " gives " +
                      std::to_string(inputs));
        if (m_height > static_cast<unsigned>(max_window) || m_width > static_cast<unsigned>(max_window))
            node.fail("its kernel would cover " + formats::shape_text({m_height, m_width}) +
                      " pixels, more than the limit of 255 a side");
        // Columns count (channel, row, column): the same order as the weights of a convolution with that kernel.
        layer.kernel_h = m_height;
        layer.kernel_w = m_width;
        set_input(layer, weights.shape[0]);
        quantise(layer, weights, node.type() == "Affine" ? "bias" : "", input_scale);
        m_vector = true;
        m_channels = layer.out_channels;
        m_height = 1;
        m_width = 1;
    }

    // SumPool2d and Threshold: of spikes, an OR.
    void read_pooling(layer_model& layer)
    {
        const node_view& pool = here();
        if (m_vector)
            pool.fail("takes (channels, height, width), but " + before().title() + " gives " + shape_here());
        const std::array<unsigned, 2> kernel = pool.pair("kernel_size", 1, max_window);
        const std::array<unsigned, 2> stride = pool.pair("stride", 1, max_window);
        const std::array<unsigned, 2> padding = pool.pair("padding", 0, any_number);
        if (kernel[0] != kernel[1])
            pool.fail("kernel_size is " + formats::shape_text({kernel[0], kernel[1]}) +
                      "; only square windows are supported");
        if (stride != kernel)
            pool.fail("stride is " + formats::shape_text({stride[0], stride[1]}) + " and kernel_size " +
                      formats::shape_text({kernel[0], kernel[1]}) + "; they must be the same");
        if (padding[0] != 0 || padding[1] != 0)
            pool.fail("padding is " + formats::shape_text({padding[0], padding[1]}) + "; only 0 is supported");
        if (kernel[0] > m_height || kernel[0] > m_width)
            pool.fail("kernel_size is " + std::to_string(kernel[0]) + ", larger than its input: " + before().title() +
                      " gives " + shape_here());
        if (after().type() != "Threshold")
            pool.fail("a Threshold must follow, found " + after().title() +
                      "; together they are an OR of spikes, the only pooling of the accelerator");
        layer.pool = kernel[0];
        m_height /= kernel[0];
        m_width /= kernel[0];
        ++m_at;
        const std::size_t size = std::size_t{m_channels} * m_height * m_width;
        const double threshold = here().uniform("threshold", size, pool.title());
        if (!(threshold >= 0 && threshold < 1))
            here().fail("threshold is " + number_text(threshold) +
                        "; it must be in [0, 1), so that any spike in the window passes");
        ++m_at;
    }

    void read_output()
    {
        const node_view& output = here();
        if (m_network.layers.empty())
            before().fail("a network needs at least two layers with weights: the first runs on the host, the others "
                          "on the accelerator");
        if (m_height != 1 || m_width != 1)
            before().fail("the last layer must give one current per class, but it gives " + shape_here());
        std::size_t size = 1;
        const std::vector<long> shape = output.integers("shape", 1, max_size);
        for (const long dimension : shape)
            size *= static_cast<std::size_t>(dimension) > m_channels ? m_channels + std::size_t{1}
                                                                     : static_cast<std::size_t>(dimension);
        if (shape.size() > 3 || size != m_channels)
            output.fail("shape is " + formats::shape_text({shape.begin(), shape.end()}) + ", but " + before().title() +
                        " gives " + shape_here());
        m_network.classes = m_channels;
    }

    map_options m_options;
    std::vector<node_view> m_chain;
    std::size_t m_at = 0; // in m_chain
    network_model m_network;
    bool m_first = true; // the next layer is the encoder
    // What the node before m_at gives: (channels, height, width), or a vector of `channels`.
    bool m_vector = false;
    unsigned m_channels = 1, m_height = 1, m_width = 1;
};

} // namespace

network_model map_network(const formats::nir_graph& graph, const map_options& options)
{
    if (!(options.input_scale > 0) || !std::isfinite(options.input_scale))
        throw text::user_error("input_scale is " + number_text(options.input_scale) + ", expected a positive number");
    if (!(options.time_step > 0) || !std::isfinite(options.time_step))
        throw text::user_error("time_step is " + number_text(options.time_step) + ", expected a positive number");
    require_finite(graph);
    return network_builder(graph, options).build();
}

} // namespace loas::lowering
