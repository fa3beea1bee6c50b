#include "platform/float_network/float_network.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace loas::float_network
{

namespace
{

using numbers = std::vector<double>;

// Output (row, column) of a window at (row, column) of a kernel lies on this input, or beside it.
bool on_input(unsigned out, unsigned stride, unsigned tap, unsigned padding, unsigned size, std::size_t& at)
{
    const std::size_t padded = std::size_t{out} * stride + tap;
    at = padded - padding;
    return padded >= padding && at < size;
}

/// A number that is not 0, and the weight that takes it.
struct active_input {
    std::size_t weight;
    double value;
};

/// What a window takes, in the order of its weights. Sums over these alone are the same to the last bit.
void find_active(const linear_op& op, const map_shape& in, unsigned row, unsigned column, const numbers& input,
                 std::vector<active_input>& active)
{
    active.clear();
    std::size_t weight = 0;
    for (unsigned c = 0; c < op.in_channels; ++c)
        for (unsigned down = 0; down < op.kernel_h; ++down)
            for (unsigned right = 0; right < op.kernel_w; ++right, ++weight) {
                std::size_t y = 0, x = 0;
                if (!on_input(row, op.stride_h, down, op.pad_h, in.height, y) ||
                    !on_input(column, op.stride_w, right, op.pad_w, in.width, x))
                    continue;
                if (const double value = input[(c * std::size_t{in.height} + y) * in.width + x]; value != 0)
                    active.push_back({weight, value});
            }
}

numbers sum_of(const linear_op& op, const map_shape& in, const numbers& input)
{
    const unsigned height = op.out_height(in.height), width = op.out_width(in.width);
    const std::size_t pixels = std::size_t{height} * width;
    numbers output(op.out_channels * pixels);
    std::vector<active_input> active;
    for (unsigned row = 0; row < height; ++row)
        for (unsigned column = 0; column < width; ++column) {
            find_active(op, in, row, column, input, active);
            for (unsigned n = 0; n < op.out_channels; ++n) {
                double sum = op.bias.empty() ? 0 : op.bias[n];
                const double* weights = &op.weights[n * op.inputs()];
                for (const active_input& each : active)
                    sum += weights[each.weight] * each.value;
                output[n * pixels + row * std::size_t{width} + column] = sum;
            }
        }
    return output;
}

numbers pool_of(const pool_op& op, const map_shape& in, const map_shape& out, const numbers& input)
{
    numbers output;
    output.reserve(out.size());
    for (unsigned c = 0; c < out.channels; ++c)
        for (unsigned row = 0; row < out.height; ++row)
            for (unsigned column = 0; column < out.width; ++column) {
                double sum = 0;
                for (unsigned down = 0; down < op.kernel_h; ++down)
                    for (unsigned right = 0; right < op.kernel_w; ++right) {
                        std::size_t y = 0, x = 0;
                        if (on_input(row, op.stride_h, down, op.pad_h, in.height, y) &&
                            on_input(column, op.stride_w, right, op.pad_w, in.width, x))
                            sum += input[(c * std::size_t{in.height} + y) * in.width + x];
                    }
                output.push_back(sum * op.factor);
            }
    return output;
}

/// The state of all neurons of a node, and a timestep of them.
class neurons
{
public:
    neurons(const neuron_op& op, const map_shape& shape, const dialect& speech)
        : m_op(op), m_shape(shape), m_speech(speech), m_potential(shape.size()), m_current(shape.size()),
          m_fired(shape.size())
    {
        const std::size_t pixels = std::size_t{shape.height} * shape.width;
        for (std::size_t i = 0; i < m_potential.size() && speech.starts_at_reset && !op.v_reset.empty(); ++i)
            m_potential[i] = value_at(op.v_reset, shape, static_cast<unsigned>(i / pixels), i % pixels);
    }

    numbers step(numbers input, std::uint64_t& further)
    {
        const std::size_t pixels = std::size_t{m_shape.height} * m_shape.width;
        for (std::size_t i = 0; i < input.size(); ++i)
            input[i] = step_of(i, static_cast<unsigned>(i / pixels), i % pixels, input[i], further);
        return input;
    }

private:
    double step_of(std::size_t i, unsigned channel, std::size_t pixel, double input, std::uint64_t& further)
    {
        const auto at = [&](const numbers& values, double otherwise) {
            return values.empty() ? otherwise : value_at(values, m_shape, channel, pixel);
        };
        const double threshold = at(m_op.v_threshold, 0);
        if (m_op.stateless)
            return input > threshold ? 1 : 0;
        const double dt = m_speech.time_step, r = at(m_op.r, 1), rest = at(m_op.v_reset, 0);
        if (m_op.filters()) {
            const double share = dt / at(m_op.tau_syn, 1);
            input = m_current[i] = (1 - share) * m_current[i] + share * at(m_op.w_in, 1) * input;
        }
        double& v = m_potential[i];
        if (m_op.leaks())
            v += dt / at(m_op.tau, 1) * (at(m_op.v_leak, 0) - v + r * input);
        else
            v += dt * r * input;
        if (!m_op.spikes)
            return v;
        if (m_speech.reset == neuron_reset::delayed && m_fired[i])
            v -= threshold - rest;
        const bool fires = m_speech.fires_at_threshold ? v >= threshold : v > threshold;
        m_fired[i] = fires;
        if (fires && m_speech.reset == neuron_reset::hard)
            v = rest;
        if (!fires || m_speech.reset != neuron_reset::soft)
            return fires ? 1 : 0;
        const double height = threshold - rest;
        const double count = m_speech.several_spikes && height > 0 ? std::max(1.0, std::floor((v - rest) / height)) : 1;
        v -= count * height;
        further += static_cast<std::uint64_t>(count - 1);
        return count;
    }

    const neuron_op& m_op;
    const map_shape& m_shape;
    const dialect& m_speech;
    numbers m_potential, m_current;
    std::vector<bool> m_fired;
};

numbers plus(numbers a, const numbers& values, std::size_t first)
{
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] += values[first + i];
    return a;
}

} // namespace

float_network::float_network(graph nodes, const dialect& speech) : m_graph(std::move(nodes)), m_speech(speech) {}

void float_network::run_node(std::size_t at, const std::vector<double>& input, unsigned timesteps,
                             float_activity& activity) const
{
    const graph_node& node = m_graph.nodes[at];
    std::vector<double>& values = activity.values[at];
    if (node.as<input_op>() != nullptr) {
        values = input;
        for (unsigned t = 1; t < timesteps && input.size() == node.out->size(); ++t)
            values.insert(values.end(), input.begin(), input.end());
        return;
    }
    const map_shape& in = *node.in;
    const neuron_op* neuron = node.as<neuron_op>();
    const neuron_op none;
    neurons state(neuron != nullptr ? *neuron : none, in, m_speech);
    const bool constant = node.from.size() == 1 && m_graph.nodes[node.from[0]].as<input_op>() != nullptr &&
                          input.size() == in.size(); // one image
    for (unsigned t = 0; t < timesteps; ++t) {
        if (constant && neuron == nullptr && t > 0) { // the same sums
            values.insert(values.end(), values.begin(), values.begin() + static_cast<std::ptrdiff_t>(node.out->size()));
            continue;
        }
        numbers given(in.size());
        for (const std::size_t from : node.from)
            given = plus(std::move(given), activity.values[from], t * in.size());
        if (const linear_op* op = node.as<linear_op>())
            given = sum_of(*op, in, given);
        else if (const pool_op* pool = node.as<pool_op>())
            given = pool_of(*pool, in, *node.out, given);
        else if (const scale_op* scale = node.as<scale_op>())
            for (std::size_t i = 0; i < given.size(); ++i)
                given[i] *= value_at(scale->factors, in, static_cast<unsigned>(i / (in.size() / in.channels)),
                                     i % (in.size() / in.channels));
        else if (neuron != nullptr)
            given = state.step(std::move(given), activity.further_spikes);
        values.insert(values.end(), given.begin(), given.end());
    }
}

float_activity float_network::run(const std::vector<double>& input, unsigned timesteps) const
{
    float_activity activity;
    activity.values.resize(m_graph.nodes.size());
    for (const std::size_t at : m_graph.order)
        run_node(at, input, timesteps, activity);
    return activity;
}

} // namespace loas::float_network
