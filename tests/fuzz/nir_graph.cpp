// Graphs behind the reader: a chain of nodes that fit each other, with damage of every kind, through all passes.
//
// Each byte is a choice. Half of the nodes are sound, so that the passes meet what they can do something with.
#include "platform/lowering/mapper.h"
#include "platform/lowering/mapping_report.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/formats/load_support.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loas::fuzz
{
namespace
{

/// Choices, one a byte; 0 when there are no more.
class choices
{
public:
    choices(const std::uint8_t* data, std::size_t size) : m_at(data), m_end(data + size) {}

    bool any() const { return m_at != m_end; }
    std::size_t below(std::size_t end) { return any() ? *m_at++ % end : 0; }
    template <class Value> const Value& of(const std::vector<Value>& values) { return values[below(values.size())]; }

private:
    const std::uint8_t *m_at, *m_end;
};

class graph_maker
{
public:
    explicit graph_maker(choices& given) : m_given(given) {}

    formats::nir_graph make()
    {
        m_channels = 1 + m_given.below(4);
        m_height = 1 + m_given.below(6);
        m_width = 1 + m_given.below(6);
        m_builder.ends("in", "Input", {double(m_channels), double(m_height), double(m_width)});
        while (m_given.any() && m_builder.graph.nodes.size() < 16) {
            add();
            if (m_given.below(4) == 0)
                damage();
        }
        m_builder.ends("out", "Output", {double(m_channels), double(m_height), double(m_width)});
        if (m_height * m_width == 1)
            m_builder.array("shape", {1}, {double(m_channels)});
        if (m_given.below(4) == 0)
            edge();
        return std::move(m_builder.graph);
    }

private:
    std::vector<std::size_t> shape() const { return {m_channels, m_height, m_width}; }

    void add()
    {
        const std::string name = "n" + std::to_string(m_builder.graph.nodes.size());
        switch (m_given.below(8)) {
        case 0: {
            const std::size_t outputs = 1 + m_given.below(4), kernel = 1 + m_given.below(3), padding = m_given.below(3);
            m_builder.conv(name, {outputs, m_channels, kernel, kernel}, number(), double(padding));
            m_channels = outputs;
            m_height = m_height + 2 * padding + 1 - std::min(kernel, m_height + 2 * padding);
            m_width = m_width + 2 * padding + 1 - std::min(kernel, m_width + 2 * padding);
            break;
        }
        case 1:
            m_builder.pool(name, 2);
            m_builder.graph.nodes.back().type = m_given.of<std::string>({"SumPool2d", "AvgPool2d"});
            m_height = std::max<std::size_t>(m_height / 2, 1);
            m_width = std::max<std::size_t>(m_width / 2, 1);
            break;
        case 2: {
            if (m_height * m_width > 1)
                m_builder.flatten(name + "f", double(m_given.below(2)));
            const std::size_t outputs = 1 + m_given.below(5);
            m_builder.affine(name, outputs, m_channels * m_height * m_width, number());
            m_channels = outputs, m_height = m_width = 1;
            break;
        }
        case 3:
            m_builder.node(name, "Scale").fill("scale", shape(), number());
            break;
        case 4:
            m_builder.node(name, "Threshold").fill("threshold", shape(), number());
            break;
        default:
            m_builder.lif(name, shape());
            m_builder.graph.nodes.back().type = m_given.of<std::string>({"LIF", "IF", "CubaLIF", "LI", "I", "CubaLI"});
            m_builder.fill("tau_mem", shape(), 2).fill("tau_syn", shape(), m_given.below(2) == 0 ? 1 : number());
        }
    }

    double number()
    {
        return m_given.of<double>({1, 0.5, -1, 0, 3, 1e-3, 255, 1e30, -1e-30, 65536, std::nan(""),
                                   std::numeric_limits<double>::infinity(), 2147483648.0, 1e300, 5e-324});
    }

    void damage()
    {
        formats::nir_node& node = m_builder.graph.nodes[m_given.below(m_builder.graph.nodes.size())];
        const std::vector<std::string> types{"Delay", "NIRGraph", "Flatten", "Conv1d", "Linear", "Input", "Output", ""};
        if (node.arrays.empty() || m_given.below(6) == 0) {
            node.type = m_given.of(types);
            return;
        }
        auto at = std::next(node.arrays.begin(), static_cast<std::ptrdiff_t>(m_given.below(node.arrays.size())));
        formats::nir_array& array = at->second;
        switch (m_given.below(6)) {
        case 0:
            node.arrays.erase(at);
            break;
        case 1:
            array.values.assign(array.values.size(), number());
            break;
        case 2:
            if (!array.values.empty())
                array.values[m_given.below(array.values.size())] = number();
            break;
        case 3: // another shape, with as many values as it says
            array.shape.assign(m_given.below(5), 1 + m_given.below(3));
            array.values.assign(formats::count_elements(array.shape, 1000), number());
            break;
        case 4:
            node.strings[at->first] = m_given.of<std::string>({"same", "valid", "\x1b[31m", ""});
            node.arrays.erase(at);
            break;
        default:
            edge();
        }
    }

    void edge()
    {
        const auto name = [&] { return m_builder.graph.nodes[m_given.below(m_builder.graph.nodes.size())].name; };
        const std::string from = name();
        if (m_given.below(3) == 0 && !m_builder.graph.edges.empty())
            m_builder.graph.edges.erase(m_builder.graph.edges.begin() +
                                        static_cast<std::ptrdiff_t>(m_given.below(m_builder.graph.edges.size())));
        else
            m_builder.graph.edges.emplace_back(from, m_given.below(5) == 0 ? "nowhere" : name());
    }

    choices& m_given;
    test::graph_builder m_builder;
    std::size_t m_channels = 1, m_height = 1, m_width = 1;
};

} // namespace

std::vector<std::string> seeds()
{
    return {{3, 5, 5, 0, 1, 2, 1, 1, 1, 5, 0, 1, 2, 4, 0, 1, 1},
            {1, 3, 3, 0, 2, 2, 1, 1, 1, 5, 1, 1, 1, 1, 0, 1, 2, 1, 1, 5, 0, 1, 1, 2, 1, 3, 0, 1},
            std::string(64, '\x05'),
            std::string(64, '\0')};
}

} // namespace loas::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace loas;
    fuzz::choices given(data, size);
    lowering::map_options options;
    options.timesteps = 1 + static_cast<unsigned>(given.below(16));
    options.time_step = given.of<std::optional<double>>({std::nullopt, 1.0, 1e-4, 1e-300});
    options.reset = given.of<std::optional<lowering::neuron_reset>>(
        {std::nullopt, lowering::neuron_reset::hard, lowering::neuron_reset::soft, lowering::neuron_reset::delayed});
    const lowering::lowered_network lowered = lowering::lower_network(fuzz::graph_maker(given).make(), options);
    if (lowered.model.has_value() != lowered.nodes.findings.empty())
        std::abort(); // it can run, or it is said why not
    ++fuzz::answers;
    lowering::to_text(lowered);
    lowering::to_json(lowered);
    if (!lowered.model)
        return 0;
    for (const lowering::layer_model& layer : lowered.model->layers)
        if (layer.weights.size() !=
            std::size_t{layer.out_channels} * layer.kernel_h * layer.kernel_w * layer.in_channels)
            std::abort();
    return 0;
}
