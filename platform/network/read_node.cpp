#include "platform/network/read_node.h"

#include "platform/formats/npy.h"
#include "platform/network/node_view.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace loas::network
{

namespace
{

constexpr long max_size = 65535; // sides and channels of a tensor, in the contract
constexpr long max_window = 255; // kernel, stride and padding
constexpr long any_number = std::numeric_limits<std::int32_t>::max();

class node_reader
{
public:
    node_reader(graph& network, std::size_t at, formats::nir_node& from, const std::string& next_type)
        : m_node(network.nodes[at]), m_file(from), m_view(network.source, from), m_next_type(next_type),
          m_giver(m_node.from.empty() ? "" : network.nodes[m_node.from[0]].title())
    {
    }

    void read()
    {
        const std::string& type = m_node.type;
        if (type == "Conv2d" || type == "Conv1d" || type == "Linear" || type == "Affine" || type == "SumPool2d" ||
            type == "AvgPool2d")
            m_node.out.reset(); // of others it is what comes in, whatever else is wrong with them
        m_view.require_finite();
        if (type == "Input")
            read_input();
        else if (type == "Output")
            read_output();
        else if (type == "Flatten")
            read_flatten();
        else if (type == "Conv2d" || type == "Conv1d")
            read_convolution();
        else if (type == "Linear" || type == "Affine")
            read_linear();
        else if (type == "SumPool2d" || type == "AvgPool2d")
            read_pool();
        else if (type == "Scale")
            m_node.op = scale_op{m_view.each("scale", channels(), size(), m_giver)};
        else if (type == "Delay")
            read_delay();
        else if (!read_neuron())
            refuse();
    }

private:
    std::size_t channels() const { return m_node.in ? m_node.in->channels : 1; }
    std::size_t size() const { return m_node.in ? m_node.in->size() : 1; }

    [[noreturn]] void refuse()
    {
        m_node.op = unknown_op{};
        m_node.out.reset();
        if (m_node.type == "NIRGraph")
            m_view.fail("the graph in it has not one Input and one Output, so it is not clear what goes in and out");
        if (m_node.type == "MaxPool2d")
            m_view.fail("the largest of a window cannot run as such. The largest of spikes is what a SumPool2d and behind "
                        "it a Threshold of 0.5 give: with these instead it would run, behind neurons that spike, where "
                        "windows are square and do not overlap");
        m_view.fail("this kind of node is not known; known are Conv2d, Conv1d, Linear, Affine, Scale, SumPool2d, "
                    "AvgPool2d, Flatten, Delay, Threshold, and the neurons LIF, IF, CubaLIF, LI, I and CubaLI");
    }

    void read_delay()
    {
        m_node.op = unknown_op{};
        std::vector<double> delays{1};
        if (m_view.has("delay"))
            delays = m_view.each("delay", channels(), size(), m_giver);
        if (std::any_of(delays.begin(), delays.end(), [](double each) { return each != 0; }))
            m_view.fail("delays cannot run: the accelerator computes all timesteps of a layer at once, on the spikes "
                        "of the same timesteps. Trained without the delay, or with one of 0, it would run");
        m_node.op = flatten_op{}; // changes no number either
    }

    void read_input()
    {
        std::vector<long> shape = m_view.integers("shape", 1, max_size);
        const bool one_dimensional = m_next_type == "Conv1d";
        const std::size_t with_batch = one_dimensional ? 3 : 4;
        const bool is_row = shape.size() == 2 && !one_dimensional;
        if ((shape.size() == with_batch || is_row) && shape[0] == 1) {
            m_node.notes.push_back("the leading axis of 1 is the batch");
            shape.erase(shape.begin());
        }
        if (shape.empty() || shape.size() > 3)
            m_view.fail_at("shape", "expected (channels, height, width), (channels, length) or (features), found " +
                                        std::to_string(shape.size()) + " dimensions");
        map_shape out;
        out.rank = static_cast<unsigned>(shape.size());
        out.channels = static_cast<unsigned>(shape[0]);
        out.height = shape.size() == 3 ? static_cast<unsigned>(shape[1]) : 1;
        out.width = shape.size() == 1 ? 1 : static_cast<unsigned>(shape.back());
        m_node.out = out;
        m_node.op = input_op{};
    }

    void read_output()
    {
        m_node.op = output_op{};
        if (!m_view.has("shape") || m_view.array("shape").values.empty()) {
            m_node.notes.push_back("the file does not say its shape; it is that of what comes in");
            return;
        }
        const std::vector<long> shape = m_view.integers("shape", 1, max_size);
        std::size_t count = 1;
        for (const long dimension : shape)
            count *= static_cast<std::size_t>(dimension) > size() ? size() + 1 : static_cast<std::size_t>(dimension);
        if (m_node.in && (shape.size() > 4 || count != size()))
            m_view.fail("shape is " + formats::shape_text({shape.begin(), shape.end()}) + ", but " + m_giver +
                        " gives " + m_node.in->text());
    }

    void read_flatten()
    {
        m_node.op = flatten_op{};
        if (!m_node.in)
            return;
        m_node.out->rank = 1;
        const long rank = m_node.in->rank;
        const long start = m_view.has("start_dim") ? m_view.integer("start_dim", -any_number, any_number) : 1;
        const long end = m_view.has("end_dim") ? m_view.integer("end_dim", -any_number, any_number) : -1;
        // Writers count dimensions with the batch (PyTorch's start is 1) or without it (start is 0). Both at once would
        // be ambiguous for start 1 with end -1; the number of inputs of the next node decides then.
        const bool without_batch = (start == 0 || start == -rank) && (end == -1 || end == rank - 1);
        const bool with_batch = (start == 1 || start == -rank) && (end == -1 || end == rank);
        if (!without_batch && !with_batch)
            m_view.fail("start_dim " + std::to_string(start) + " and end_dim " + std::to_string(end) +
                        " do not flatten the whole of " + m_node.in->text() + ", which is all that is supported");
        if (m_view.has("input_type")) {
            const std::vector<long> shape = m_view.integers("input_type", 0, any_number);
            const std::string text = formats::shape_text({shape.begin(), shape.end()});
            if (!shape.empty() && text != m_node.in->text() && text != formats::shape_text(with_leading_one()))
                m_view.fail("input_type is " + text + ", but " + m_giver + " gives " + m_node.in->text());
        }
    }

    std::vector<std::size_t> with_leading_one() const
    {
        const map_shape& in = *m_node.in;
        if (in.rank == 1)
            return {1, in.size()};
        return in.rank == 2 ? std::vector<std::size_t>{1, in.channels, in.width}
                            : std::vector<std::size_t>{1, in.channels, in.height, in.width};
    }

    const formats::nir_array& weights_of(std::size_t rank) const
    {
        const formats::nir_array& weights = m_view.array("weight");
        if (weights.shape.size() != rank)
            m_view.fail_at("weight", "expected " + std::to_string(rank) + " dimensions, found " +
                                         std::to_string(weights.shape.size()));
        if (weights.values.empty())
            m_view.fail_at("weight", "shape " + formats::shape_text(weights.shape) + " has no elements");
        if (weights.shape[0] > static_cast<std::size_t>(max_size))
            m_view.fail_at("weight", "shape " + formats::shape_text(weights.shape) + " has more than 65535 outputs");
        return weights;
    }

    void read_bias(linear_op& op, const std::vector<std::size_t>& weight_shape)
    {
        const formats::nir_array& bias = m_view.array("bias");
        if (bias.shape != std::vector<std::size_t>{op.out_channels})
            m_view.fail("bias has shape " + formats::shape_text(bias.shape) + ", but weight has shape " +
                        formats::shape_text(weight_shape));
        op.bias = bias.values;
    }

    /// Rows and columns of a dataset; of a Conv1d, whose rows are 1, `rows` stands for the first.
    std::array<unsigned, 2> sides(const std::string& dataset, unsigned rows, long low, long high) const
    {
        if (m_node.type == "Conv2d")
            return m_view.pair(dataset, low, high);
        return {rows, static_cast<unsigned>(m_view.integer(dataset, low, high))};
    }

    /// What comes in, or what the node's own datasets say of it.
    void expect_map(const std::vector<std::size_t>& weight_shape, std::size_t groups)
    {
        const bool two = m_node.type == "Conv2d";
        const bool said = m_view.has("input_shape") && !m_view.array("input_shape").values.empty();
        if (!m_node.in && said && !m_view.string("input_shape")) {
            const std::vector<long> shape = m_view.integers("input_shape", 1, max_size);
            if (shape.size() == (two ? 2u : 1u))
                m_node.in = map_shape{two ? 3u : 2u, static_cast<unsigned>(weight_shape[1] * groups),
                                      two ? static_cast<unsigned>(shape[0]) : 1u, static_cast<unsigned>(shape.back())};
        }
        if (!m_node.in)
            return;
        const map_shape& in = *m_node.in;
        if (in.rank != (two ? 3u : 2u))
            m_view.fail(std::string("takes ") + (two ? "(channels, height, width)" : "(channels, length)") + ", but " +
                        m_giver + " gives " + in.text() +
                        (m_giver.find("(Flatten)") == std::string::npos
                             ? ""
                             : ": a Flatten is taken to count the batch, so that with a start_dim of 1 it gives a vector; "
                               "written as an Affine of all its inputs this node would run"));
        if (weight_shape[1] * groups != in.channels)
            m_view.fail("weight has shape " + formats::shape_text(weight_shape) + ", " +
                        std::to_string(weight_shape[1] * groups) + " input channels, but " + m_giver + " gives " +
                        in.text());
        if (said) {
            const std::vector<long> shape = m_view.integers("input_shape", 0, any_number);
            const std::vector<long> sides =
                two ? std::vector<long>{long{in.height}, long{in.width}} : std::vector<long>{long{in.width}};
            if (shape != sides)
                m_view.fail("input_shape is " + formats::shape_text({shape.begin(), shape.end()}) + ", but " + m_giver +
                            " gives " + in.text());
        }
    }

    void read_convolution()
    {
        const bool two = m_node.type == "Conv2d";
        std::vector<std::size_t> shape = weights_of(two ? 4 : 3).shape;
        const std::size_t groups =
            m_view.has("groups") ? static_cast<std::size_t>(m_view.integer("groups", 1, any_number)) : 1;
        expect_map(shape, groups);
        if (shape[0] % groups != 0)
            m_view.fail("groups is " + std::to_string(groups) + ", which does not divide the " +
                        std::to_string(shape[0]) + " outputs");
        if (!two)
            shape.insert(shape.begin() + 2, 1);
        const std::array<unsigned, 2> dilation =
            m_view.has("dilation") ? sides("dilation", 1, 1, any_number) : std::array<unsigned, 2>{1, 1};
        std::array<std::size_t, 2> kernel{};
        for (std::size_t side = 0; side < 2; ++side) {
            kernel[side] = (shape[2 + side] - 1) * dilation[side] + 1;
            if (shape[2 + side] > static_cast<std::size_t>(max_window) ||
                kernel[side] > static_cast<std::size_t>(max_window))
                m_view.fail(
                    "kernel is " + formats::shape_text({shape[2], shape[3]}) +
                    (dilation[side] > 1 ? ", " + std::to_string(kernel[side]) + " a side with its dilation" : "") +
                    ", more than the limit of 255");
        }
        linear_op op;
        op.out_channels = static_cast<unsigned>(shape[0]);
        op.in_channels = static_cast<unsigned>(shape[1] * groups);
        op.kernel_h = static_cast<unsigned>(kernel[0]);
        op.kernel_w = static_cast<unsigned>(kernel[1]);
        const std::array<unsigned, 2> stride = sides("stride", 1, 1, max_window);
        op.stride_h = stride[0];
        op.stride_w = stride[1];
        read_padding(op);
        if (m_view.has("bias"))
            read_bias(op, m_view.array("weight").shape);
        expand(op, shape, groups, dilation);
        set_output(std::move(op));
    }

    /// Weights with the zeros between groups and between dilated taps written out.
    void expand(linear_op& op, const std::vector<std::size_t>& shape, std::size_t groups,
                const std::array<unsigned, 2>& dilation)
    {
        std::vector<double>& given = m_file.arrays.at("weight").values;
        if (groups == 1 && op.kernel_h == shape[2] && op.kernel_w == shape[3]) {
            op.weights = std::move(given);
            return;
        }
        if (is_too_large(op.out_channels, op.in_channels, op.kernel_h, op.kernel_w))
            m_view.fail("with the zeros between its groups and taps written out it has more than 2^26 weights");
        if (groups > 1)
            m_node.notes.push_back("its " + std::to_string(groups) + " groups are one with zero weights between them");
        if ((dilation[0] > 1 && shape[2] > 1) || (dilation[1] > 1 && shape[3] > 1))
            m_node.notes.push_back("its dilation is a larger kernel with zero weights");
        op.weights.resize(op.out_channels * op.inputs());
        const std::size_t channels = shape[1], rows = shape[2], columns = shape[3];
        // Padding 'same' may have put a row and a column of zeros before the first.
        const std::size_t first_row = op.kernel_h - ((rows - 1) * dilation[0] + 1),
                          first_column = op.kernel_w - ((columns - 1) * dilation[1] + 1);
        const double* weight = given.data();
        for (std::size_t n = 0; n < op.out_channels; ++n) {
            const std::size_t group = n / (op.out_channels / groups);
            for (std::size_t c = 0; c < channels; ++c)
                for (std::size_t row = 0; row < rows; ++row)
                    for (std::size_t column = 0; column < columns; ++column)
                        op.weights[((n * op.in_channels + group * channels + c) * op.kernel_h + first_row +
                                    row * dilation[0]) *
                                       op.kernel_w +
                                   first_column + column * dilation[1]] = *weight++;
        }
    }

    void read_padding(linear_op& op)
    {
        const std::string* word = m_view.string("padding");
        if (word == nullptr) {
            const std::array<unsigned, 2> padding = sides("padding", 0, 0, max_window);
            op.pad_h = padding[0];
            op.pad_w = padding[1];
        } else if (*word == "same") {
            if (op.stride_h != 1 || op.stride_w != 1)
                m_view.fail("padding 'same' needs stride 1");
            if (op.kernel_h % 2 == 0 || op.kernel_w % 2 == 0)
                m_node.notes.push_back("its kernel has an even side: zeros before its first row or column make both sides "
                                       "of the padding the same");
            // PyTorch pads one more at the end, which a tap more at the start makes up for.
            op.kernel_h += op.kernel_h % 2 == 0;
            op.kernel_w += op.kernel_w % 2 == 0;
            op.pad_h = op.kernel_h / 2;
            op.pad_w = op.kernel_w / 2;
        } else if (*word != "valid") {
            m_view.fail_at("padding", "expected numbers, 'same' or 'valid', found '" + *word + "'");
        }
    }

    void set_output(linear_op op)
    {
        if (m_node.in) {
            const map_shape& in = *m_node.in;
            if (op.kernel_h > in.height + 2 * op.pad_h || op.kernel_w > in.width + 2 * op.pad_w)
                m_view.fail("kernel " + formats::shape_text({op.kernel_h, op.kernel_w}) +
                            " is larger than the padded input: " + m_giver + " gives " + in.text());
            const map_shape out{in.rank, op.out_channels, op.out_height(in.height), op.out_width(in.width)};
            if (out.height > max_size || out.width > max_size)
                m_view.fail("its output, " + formats::shape_text({out.height, out.width}) +
                            " pixels, has a side of more than 65535");
            m_node.out = out;
        }
        m_node.op = std::move(op);
    }

    void read_linear()
    {
        const std::vector<std::size_t> shape = weights_of(2).shape;
        m_node.out = map_shape{1, static_cast<unsigned>(shape[0]), 1, 1};
        if (m_node.type == "Linear" && m_view.has("bias"))
            m_view.fail("a Linear node has no bias; use Affine");
        linear_op op;
        op.out_channels = static_cast<unsigned>(shape[0]);
        if (m_node.in) {
            const map_shape& in = *m_node.in;
            if (in.rank > 1 && (in.height != 1 || in.width != 1))
                m_view.fail("takes a vector, but " + m_giver + " gives " + in.text() +
                            (shape[1] == in.size()
                                 ? "; put a Flatten between"
                                 : "; its weights are for the last axis alone. Behind a Flatten, with weights for all " +
                                       std::to_string(in.size()) + " inputs, 0 where there are none, it would run"));
            if (shape[1] != in.size())
                m_view.fail("weight has shape " + formats::shape_text(shape) + ", " + std::to_string(shape[1]) +
                            " inputs, but " + m_giver + " gives " + std::to_string(in.size()));
            // Columns count (channel, row, column): the order of a convolution's weights with that kernel.
            op.kernel_h = in.height;
            op.kernel_w = in.width;
        }
        op.in_channels = static_cast<unsigned>(shape[1] / op.taps());
        if (m_node.type == "Affine")
            read_bias(op, shape);
        op.weights = std::move(m_file.arrays.at("weight").values);
        m_node.op = std::move(op);
    }

    void read_pool()
    {
        pool_op op;
        const std::array<unsigned, 2> kernel = m_view.pair("kernel_size", 1, max_window);
        const std::array<unsigned, 2> stride = m_view.has("stride") ? m_view.pair("stride", 1, max_window) : kernel;
        const std::array<unsigned, 2> padding =
            m_view.has("padding") ? m_view.pair("padding", 0, max_window) : std::array<unsigned, 2>{0, 0};
        op.kernel_h = kernel[0];
        op.kernel_w = kernel[1];
        op.stride_h = stride[0];
        op.stride_w = stride[1];
        op.pad_h = padding[0];
        op.pad_w = padding[1];
        op.factor = m_node.type == "AvgPool2d" ? 1.0 / (kernel[0] * kernel[1]) : 1;
        m_node.op = op;
        if (!m_node.in)
            return;
        const map_shape& in = *m_node.in;
        if (in.rank != 3)
            m_view.fail("takes (channels, height, width), but " + m_giver + " gives " + in.text());
        if (kernel[0] > in.height + 2 * padding[0] || kernel[1] > in.width + 2 * padding[1])
            m_view.fail("kernel_size is " + formats::shape_text({kernel[0], kernel[1]}) +
                        ", larger than its input: " + m_giver + " gives " + in.text());
        m_node.out = map_shape{3, in.channels, (in.height + 2 * padding[0] - kernel[0]) / stride[0] + 1,
                               (in.width + 2 * padding[1] - kernel[1]) / stride[1] + 1};
    }

    /// False: it is no neuron.
    bool read_neuron()
    {
        const std::string& type = m_node.type;
        const auto values = [this](const std::string& dataset) {
            if (!m_node.in) // any number is right then
                return std::vector<double>{1};
            return m_view.each(dataset, channels(), size(), m_giver);
        };
        neuron_op op;
        if (type == "Threshold") {
            op.stateless = true;
            op.r = {1};
            op.v_threshold = values("threshold");
        } else if (type == "LIF" || type == "LI") {
            op.tau = values("tau");
        } else if (type == "CubaLIF" || type == "CubaLI") {
            op.tau = values("tau_mem");
            op.tau_syn = values("tau_syn");
            op.w_in = m_view.has("w_in") ? values("w_in") : std::vector<double>{1};
        } else if (type != "IF" && type != "I") {
            return false;
        }
        op.spikes = op.stateless || type == "IF" || type == "LIF" || type == "CubaLIF";
        if (!op.stateless) {
            op.r = values("r");
            if (op.leaks())
                op.v_leak = values("v_leak");
            if (op.spikes) {
                op.v_threshold = values("v_threshold");
                op.v_reset = m_view.has("v_reset") ? values("v_reset") : std::vector<double>{0};
            }
        }
        m_node.op = std::move(op);
        return true;
    }

    graph_node& m_node;
    formats::nir_node& m_file;
    node_view m_view;
    const std::string& m_next_type;
    std::string m_giver; // title of the node before
};

} // namespace

void read_node(graph& network, std::size_t at, formats::nir_node& from, const std::string& next_type)
{
    node_reader(network, at, from, next_type).read();
}

} // namespace loas::network
