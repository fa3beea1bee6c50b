// Each neuron's values become those of the hardware; see passes.h.
#include "platform/lowering/settle_neurons.h"

#include "platform/folding/linear_maths.h"
#include "platform/network/node_view.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace loas::lowering
{

namespace
{

constexpr double leak_one = 256;

class settler
{
public:
    settler(graph& network, std::size_t at, const dialect& speech, bool own_thresholds)
        : m_graph(network), m_at(at), m_neuron(*network.nodes[at].as<neuron_op>()), m_speech(speech),
          m_time_step(speech.time_step), m_own_thresholds(own_thresholds), m_shape(*network.nodes[at].in)
    {
    }

    void settle(linear_op& weights)
    {
        if (m_neuron.spikes)
            settle_filter();
        m_tau = values("tau", m_neuron.tau);
        m_r = values("r", m_neuron.r);
        check_signs();
        settle_leak();
        absorb_rest(weights);
        if (m_neuron.spikes)
            settle_threshold(weights);
        else
            settle_gain(weights);
    }

private:
    graph_node& node() { return m_graph.nodes[m_at]; }

    /// One a channel; the hardware knows no difference between pixels.
    std::vector<double> values(const char* name, const std::vector<double>& given)
    {
        if (given.empty())
            return {};
        std::optional<std::vector<double>> result = per_channel(given, m_shape);
        if (!result)
            m_graph.fail(m_at, std::string(name) +
                                   " differs between the pixels of a channel; the hardware can have one "
                                   "value for each channel");
        return std::move(*result);
    }

    /// i = (1 - dt / tau_syn) i + (dt / tau_syn) w_in x: no filter when tau_syn is the time step.
    void settle_filter()
    {
        if (!m_neuron.filters())
            return;
        check_filter();
        const double tau = m_neuron.tau_syn[0];
        m_share = m_time_step / tau;
        m_neuron.synapse = m_share > 1 - 1e-6 ? 0 : 1 - m_share;
        const std::vector<double> w_in = values("w_in", m_neuron.w_in);
        std::vector<double> r = values("r", m_neuron.r);
        for (std::size_t n = 0; n < r.size(); ++n)
            r[n] *= w_in[n];
        m_neuron.r = std::move(r);
        if (m_neuron.synapse == 0) {
            m_neuron.tau_syn.clear();
            m_share = 1;
            node().notes.push_back("its synaptic current lasts a time step: the same as LIF");
        }
    }

    /// "the time step of 0.001, which is assumed (workload.time_step says another)"
    std::string step_text() const
    {
        const std::string& from = m_speech.time_step_from;
        return "the time step of " + number_text(m_time_step) +
               (from.empty() ? "" : ", which is " + from + " (--set workload.time_step=... says another)");
    }

    void check_filter() const
    {
        const auto [least, most] = std::minmax_element(m_neuron.tau_syn.begin(), m_neuron.tau_syn.end());
        if (*least != *most)
            m_graph.fail(m_at, "tau_syn differs between its neurons, from " + number_text(*least) + " to " +
                                   number_text(*most) + "; with one for all of them it would run");
        if (!(*least >= m_time_step * (1 - 1e-6)))
            m_graph.fail(m_at, "tau_syn is " + number_text(*least) + ", less than " + step_text());
    }

    void check_signs()
    {
        for (const double tau : m_tau) {
            if (!(tau > 0))
                m_graph.fail(m_at, "tau is " + number_text(tau) + ", expected a positive number");
            if (!(std::round(leak_one * (1 - m_time_step / tau)) >= 0))
                m_graph.fail(m_at, "tau is " + number_text(tau) + ", less than " + step_text() +
                                       "; the leak, 1 - time_step / tau, must be from 0 to 1. Is the time step in the "
                                       "unit of tau?");
        }
        // A negative gain would turn the comparison with the threshold around, 0 would make it meaningless.
        for (const double r : m_r)
            if (!(r > 0))
                m_graph.fail(m_at, "r is " + number_text(r) + ", expected a positive number");
    }

    void settle_leak()
    {
        m_neuron.leak = m_neuron.stateless ? 0 : 1;
        for (const double tau : m_tau) {
            const double leak = 1 - m_time_step / tau;
            if (std::round(leak_one * leak) != std::round(leak_one * (1 - m_time_step / m_tau[0])))
                m_graph.fail(m_at, "tau differs between its channels, from " +
                                       number_text(*std::min_element(m_tau.begin(), m_tau.end())) + " to " +
                                       number_text(*std::max_element(m_tau.begin(), m_tau.end())) +
                                       "; the hardware has one leak for a layer. Trained with one tau, or with the mean "
                                       "in the place of all where they differ little, it would run");
            m_neuron.leak = 1 - m_time_step / m_tau[0];
        }
    }

    /// Of the input current in the potential.
    double gain_of(std::size_t n) const
    {
        if (m_neuron.stateless)
            return 1;
        return m_share * (m_tau.empty() ? m_time_step * m_r[n] : m_time_step * m_r[n] / m_tau[n]);
    }

    void absorb_rest(linear_op& weights)
    {
        const std::vector<double> v_leak = values("v_leak", m_neuron.v_leak),
                                  v_reset = values("v_reset", m_neuron.v_reset);
        const auto above = [](const std::vector<double>& values, std::size_t n) {
            return values.empty() ? 0 : values[n];
        };
        const auto is_zero = [](double value) { return value == 0; };
        if (std::all_of(v_leak.begin(), v_leak.end(), is_zero) && std::all_of(v_reset.begin(), v_reset.end(), is_zero))
            return;
        if (m_neuron.filters())
            m_graph.fail(m_at, "v_leak or v_reset is not 0, and what they add would pass the filter of its synapses; with "
                               "both 0, or with a tau_syn of one time step, it would run");
        weights.bias.resize(weights.out_channels);
        if (m_neuron.leaks())
            for (std::size_t n = 0; n < weights.bias.size(); ++n)
                weights.bias[n] += (above(v_leak, n) - above(v_reset, n)) / m_r[n];
        std::vector<double> threshold = values("v_threshold", m_neuron.v_threshold);
        for (std::size_t n = 0; n < threshold.size(); ++n)
            threshold[n] -= above(v_reset, n);
        m_neuron.v_threshold = std::move(threshold);
        node().notes.push_back("v_leak and v_reset are in the bias and the threshold");
        if (m_speech.exporter == "Norse" && !std::all_of(v_leak.begin(), v_leak.end(), is_zero))
            m_graph.warn(m_at, "v_leak is not 0: its potential begins at 0, as NIR has it, while Norse's neurons begin at "
                               "v_leak, so that first spikes may be others");
        if (!m_neuron.spikes || std::all_of(v_reset.begin(), v_reset.end(), is_zero))
            return;
        if (m_speech.reset != neuron_reset::hard)
            node().notes.push_back("a spike takes v_threshold - v_reset from its potential");
        if (m_speech.starts_at_reset)
            return;
        for (const double reset : v_reset)
            m_neuron.starts.push_back(0 - reset);
        node().notes.push_back("its potential begins at 0 and not at v_reset");
    }

    void settle_threshold(linear_op& weights)
    {
        const std::vector<double> thresholds = values("v_threshold", m_neuron.v_threshold);
        m_neuron.gain = gain_of(0);
        m_neuron.threshold = thresholds[0];
        for (std::size_t n = 0; n < m_neuron.starts.size(); ++n)
            m_neuron.starts[n] /= gain_of(n);
        if (m_own_thresholds) {
            keep_thresholds(thresholds);
            return;
        }
        std::vector<double> factors;
        bool scaled = false;
        for (std::size_t n = 0; n < m_shape.channels; ++n) {
            const double ratio = thresholds[n] == thresholds[0] ? 1 : thresholds[0] / thresholds[n];
            factors.push_back(gain_of(n) == m_neuron.gain ? ratio : ratio * (gain_of(n) / m_neuron.gain));
            scaled = scaled || factors[n] != 1;
            if (!(factors[n] > 0) || !std::isfinite(factors[n]))
                m_graph.fail(m_at, "v_threshold is " + number_text(thresholds[0]) + " in channel 0 and " +
                                       number_text(thresholds[n]) + " in channel " + std::to_string(n) +
                                       "; weights cannot make up for a different sign");
        }
        if (!scaled)
            return;
        scale_outputs(weights, factors);
        for (std::size_t n = 0; n < m_neuron.starts.size(); ++n)
            m_neuron.starts[n] *= factors[n];
        node().notes.push_back("channels of their own gain or threshold have it in their weights");
    }

    void keep_thresholds(const std::vector<double>& thresholds)
    {
        bool same = true;
        std::vector<double> own;
        for (std::size_t n = 0; n < m_shape.channels; ++n) {
            own.push_back(thresholds[n] / gain_of(n));
            same = same && thresholds[n] == thresholds[0] && gain_of(n) == m_neuron.gain;
        }
        if (same)
            return;
        m_neuron.thresholds = std::move(own);
        node().notes.push_back("channels have gains and thresholds of their own");
    }

    /// Of neurons that do not spike only ratios between channels matter: the class with the largest score is the same.
    void settle_gain(linear_op& weights)
    {
        const std::vector<double> w_in = values("w_in", m_neuron.w_in);
        std::vector<double> factors;
        bool scaled = false;
        for (std::size_t n = 0; n < m_shape.channels; ++n) {
            factors.push_back(gain_of(n) / gain_of(0) * (w_in.empty() ? 1 : w_in[n] / w_in[0]));
            scaled = scaled || factors[n] != 1;
            if (!std::isfinite(factors[n]))
                m_graph.fail(m_at, "its gain is 0 in channel 0");
        }
        if (scaled)
            scale_outputs(weights, factors);
        if (m_neuron.filters())
            check_filter();
    }

    graph& m_graph;
    std::size_t m_at;
    neuron_op& m_neuron;
    const dialect& m_speech;
    double m_time_step;
    bool m_own_thresholds;
    map_shape m_shape; // of what comes in
    std::vector<double> m_tau, m_r;
    double m_share = 1; // of a spiking neuron's input that its filtered current takes at once
};

} // namespace

void settle_neurons(graph& network, const dialect& speech, bool own_thresholds)
{
    network.each([&](std::size_t node) {
        const graph_node& here = network.nodes[node];
        if (here.as<neuron_op>() == nullptr || !here.in || here.from.size() != 1)
            return;
        graph_node& before = network.nodes[here.from[0]];
        linear_op* weights = before.as<linear_op>();
        linear_op none; // those that are not there are told already; this neuron may have mistakes of its own
        none.out_channels = here.in->channels;
        none.weights.resize(none.out_channels);
        const bool shared = network.user_of(here.from[0]) != node;
        if (weights != nullptr && !before.gone() && shared)
            network.fail(node, "others take what " + before.title() + " gives, too");
        settler(network, node, speech, own_thresholds).settle(weights != nullptr && !before.gone() ? *weights : none);
    });
}

} // namespace loas::lowering
