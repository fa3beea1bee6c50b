// Each neuron's values become those of the hardware; see passes.h.
#include "platform/lowering/settle_neurons.h"

#include "platform/folding/linear_maths.h"
#include "platform/lowering/leak_rounding.h"
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
    settler(graph& network, std::size_t at, const dialect& speech, bool own_thresholds, bool of_first_layer)
        : m_graph(network), m_at(at), m_neuron(*network.nodes[at].as<neuron_op>()), m_speech(speech),
          m_time_step(speech.time_step), m_own_thresholds(own_thresholds), m_of_first_layer(of_first_layer),
          m_shape(*network.nodes[at].in)
    {
    }

    void settle(linear_op& weights)
    {
        check_values();
        take_signs(weights);
        if (m_neuron.spikes) {
            drop_short_filter();
            if (needs_host()) {
                settle_on_host();
                return;
            }
        }
        m_tau = values("tau", m_neuron.tau);
        m_r = values("r", m_neuron.r);
        settle_leak();
        absorb_rest(weights);
        if (m_neuron.spikes)
            settle_threshold(weights);
        else
            settle_gain(weights);
    }

private:
    graph_node& node() { return m_graph.nodes[m_at]; }

    /// One a channel, of neurons whose pixels are all alike.
    std::vector<double> values(const char* name, const std::vector<double>& given)
    {
        if (given.empty())
            return {};
        std::optional<std::vector<double>> result = per_channel(given, m_shape);
        if (!result)
            m_graph.fail(m_at, std::string(name) + " differs between the pixels of a channel; of neurons that do not spike "
                                                   "there can be one value for each channel: with the mean of its pixels, "
                                                               "say, it would run");
        return std::move(*result);
    }

    /// i = (1 - dt / tau_syn) i + (dt / tau_syn) w_in x: no filter when all tau_syn are the time step.
    void drop_short_filter()
    {
        const std::vector<double>& tau = m_neuron.tau_syn;
        if (!m_neuron.filters() || !m_neuron.behind_synapses.empty() || std::any_of(tau.begin(), tau.end(), [this](double each) {
                return m_time_step / each <= 1 - 1e-6;
            }))
            return;
        std::vector<double> r;
        const std::size_t count = m_shape.size();
        for (std::size_t i = 0; i < count; ++i)
            r.push_back(at(m_neuron.r, i) * at(m_neuron.w_in, i));
        m_neuron.r = std::move(r);
        m_neuron.tau_syn.clear();
        m_neuron.w_in.clear(); // in r now
        node().notes.push_back("its synaptic current lasts a time step: the same as LIF");
    }

    /// Of neuron `i` in the order (channel, row, column).
    double at(const std::vector<double>& given, std::size_t i, double otherwise = 0) const
    {
        const std::size_t pixels = m_shape.size() / m_shape.channels;
        return given.empty() ? otherwise : value_at(given, m_shape, static_cast<unsigned>(i / pixels), i % pixels);
    }

    bool needs_host()
    {
        std::string& because = m_neuron.host_because;
        if (node().from.size() == 1 && m_graph.nodes[node().from[0]].numbers != SIZE_MAX)
            because = "the accelerator's layers take spikes only, and it takes numbers of the network's input, too";
        else if (m_neuron.filters())
            because = "the accelerator's neurons have no synapses that keep a current";
        else if (!m_neuron.behind_synapses.empty())
            because = "its bias differs between pixels, and the accelerator has one for each channel";
        const std::pair<const char*, const std::vector<double>*> all[] = {
            {"tau", &m_neuron.tau},         {"r", &m_neuron.r},           {"v_threshold", &m_neuron.v_threshold},
            {"v_leak", &m_neuron.v_leak},   {"v_reset", &m_neuron.v_reset}, {"w_in", &m_neuron.w_in},
            {"tau_syn", &m_neuron.tau_syn}};
        for (const auto& [name, given] : all)
            if (because.empty() && !given->empty() && !per_channel(*given, m_shape))
                because = std::string("its ") + name +
                          " differs between the pixels of a channel, and the accelerator's neurons have one for each channel";
        for (const double tau : m_neuron.tau)
            if (because.empty() && leak_of(tau) != leak_of(m_neuron.tau[0]))
                because = "its tau goes from " +
                          number_text(*std::min_element(m_neuron.tau.begin(), m_neuron.tau.end())) + " to " +
                          number_text(*std::max_element(m_neuron.tau.begin(), m_neuron.tau.end())) +
                          ", and the accelerator has one leak for a layer";
        if (because.empty() && m_of_first_layer && !coarse_leak_text(tau_in_steps(), leak_one, 0).empty())
            because = "8 bits would change its leak, and the host's neurons have 16";
        return !because.empty();
    }

    std::vector<double> tau_in_steps() const
    {
        std::vector<double> tau = m_neuron.tau;
        for (double& each : tau)
            each /= m_time_step;
        return tau;
    }

    /// In the steps of the accelerator's neurons.
    double leak_of(double tau) const { return std::round(leak_one * (1 - m_time_step / tau)); }

    /// One a channel where its pixels are alike, which need no memory each.
    void settle_on_host()
    {
        const std::size_t pixels = m_shape.size() / m_shape.channels;
        bool alike = true;
        std::vector<host_values> all;
        m_neuron.thresholds.assign(m_shape.channels, 0);
        for (std::size_t i = 0; i < m_shape.size(); ++i) {
            all.push_back(host_neuron(i));
            const host_values &own = all[i], &first = all[i - i % pixels];
            alike = alike && own.leak == first.leak && own.synapse == first.synapse && own.threshold == first.threshold &&
                    own.rest == first.rest && own.start == first.start;
            double& largest = m_neuron.thresholds[i / pixels];
            largest = std::fabs(own.threshold) > std::fabs(largest) ? own.threshold : largest;
        }
        for (std::size_t n = 0; alike && n < m_shape.channels; ++n)
            all[n] = all[n * pixels];
        if (alike)
            all.resize(m_shape.channels);
        m_neuron.host = std::move(all);
        m_neuron.threshold = *std::max_element(m_neuron.thresholds.begin(), m_neuron.thresholds.end());
        tell_rest();
    }

    host_values host_neuron(std::size_t i)
    {
        host_values to;
        const double reset = at(m_neuron.v_reset, i);
        const double decay = m_neuron.leaks() ? m_time_step / at(m_neuron.tau, i) : 0;
        const double share = m_neuron.filters() ? std::min(m_time_step / at(m_neuron.tau_syn, i), 1.0) : 1;
        const double filtered = share * at(m_neuron.w_in, i, 1);
        const double gain =
            filtered * (m_neuron.stateless ? 1 : at(m_neuron.r, i) * (m_neuron.leaks() ? decay : m_time_step));
        to.leak = m_neuron.stateless ? 0 : 1 - decay;
        to.synapse = 1 - share;
        to.rest = decay * (at(m_neuron.v_leak, i) - reset) / gain + at(m_neuron.behind_synapses, i) / filtered;
        to.start = m_speech.starts_at_reset || m_neuron.stateless ? 0 : (0 - reset) / gain;
        to.threshold = (at(m_neuron.v_threshold, i) - reset) / gain;
        if (!std::isfinite(to.threshold) || !std::isfinite(to.rest) || !std::isfinite(to.start))
            m_graph.fail(m_at, "its gain of " + number_text(gain) + " is too small beside v_threshold, v_leak or v_reset");
        return to;
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
        if (m_neuron.tau_syn.empty())
            return;
        const double least = *std::min_element(m_neuron.tau_syn.begin(), m_neuron.tau_syn.end());
        if (!(least >= m_time_step * (1 - 1e-6)))
            m_graph.fail(m_at, "tau_syn is " + number_text(least) + ", less than " + step_text());
    }

    void check_values()
    {
        for (const double tau : m_neuron.tau) {
            if (!(tau > 0))
                m_graph.fail(m_at, "tau is " + number_text(tau) + ", expected a positive number");
            if (!(leak_of(tau) >= 0))
                m_graph.fail(m_at, "tau is " + number_text(tau) + ", less than " + step_text() +
                                       "; the leak, 1 - time_step / tau, must be from 0 to 1. Is the time step in the "
                                       "unit of tau?");
        }
        check_filter();
    }

    static double sign_of(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

    /// A negative gain would turn the comparison with the threshold around, 0 would make it meaningless: what comes in has
    /// the sign, or is 0, and r and w_in are above 0.
    void take_signs(linear_op& weights)
    {
        const auto is_above_0 = [](double each) { return each > 0; };
        std::vector<double> &r = m_neuron.r, &w_in = m_neuron.w_in;
        if (std::all_of(r.begin(), r.end(), is_above_0) && std::all_of(w_in.begin(), w_in.end(), is_above_0))
            return;
        const std::vector<double> of_r = signs("r", r), of_w_in = signs("w_in", w_in);
        std::vector<double> factors;
        for (std::size_t n = 0; n < m_shape.channels; ++n)
            factors.push_back(of_r[n] * of_w_in[n]);
        scale_weights(weights, factors);
        for (std::size_t i = 0; i < m_neuron.behind_synapses.size(); ++i)
            m_neuron.behind_synapses[i] *= of_r[i / (m_neuron.behind_synapses.size() / m_shape.channels)];
        for (std::vector<double>* each : {&r, &w_in})
            for (double& value : *each)
                value = value == 0 ? 1 : std::fabs(value);
        node().notes.push_back("the sign of r and w_in, or that they are 0, is in the weights");
    }

    /// Of each channel.
    std::vector<double> signs(const char* name, const std::vector<double>& given) const
    {
        std::vector<double> result;
        const std::size_t pixels = m_shape.size() / m_shape.channels;
        for (std::size_t i = 0; i < m_shape.size(); ++i) {
            const double sign = sign_of(at(given, i, 1));
            if (i % pixels == 0)
                result.push_back(sign);
            else if (sign != result.back())
                m_graph.fail(m_at, std::string(name) + " is " + number_text(at(given, i)) +
                                       " at a pixel of channel " + std::to_string(i / pixels) +
                                       ", and has another sign at the first: weights cannot make up for that. With one sign "
                                       "in each channel it would run");
        }
        return result;
    }

    /// Those of numbers beside them, too.
    void scale_weights(linear_op& weights, const std::vector<double>& factors)
    {
        scale_outputs(weights, factors);
        if (const std::size_t numbers = node().from.empty() ? SIZE_MAX : m_graph.nodes[node().from[0]].numbers;
            numbers != SIZE_MAX)
            scale_outputs(*m_graph.nodes[numbers].as<linear_op>(), factors);
        m_neuron.scaled_by.resize(m_shape.channels, 1);
        for (std::size_t n = 0; n < m_shape.channels; ++n)
            m_neuron.scaled_by[n] *= factors[n] == 0 ? 1 : factors[n]; // a current of 0 has no unit
    }

    void settle_leak()
    {
        m_neuron.leak = m_neuron.stateless ? 0 : m_tau.empty() ? 1 : 1 - m_time_step / m_tau[0];
        if (m_neuron.spikes)
            return;
        const std::vector<double> tau_syn = values("tau_syn", m_neuron.tau_syn);
        for (std::size_t n = 0; n < m_shape.channels; ++n) {
            host_values& own = m_neuron.host.emplace_back();
            own.leak = m_tau.empty() ? 1 : 1 - m_time_step / m_tau[n];
            own.synapse = tau_syn.empty() ? 0 : 1 - m_time_step / tau_syn[n];
        }
    }

    /// Of the input current in the potential.
    double gain_of(std::size_t n) const
    {
        if (m_neuron.stateless)
            return 1;
        return m_tau.empty() ? m_time_step * m_r[n] : m_time_step * m_r[n] / m_tau[n];
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
            m_graph.fail(m_at, "v_leak is not 0, and what it adds would pass the filter of its synapses; with 0 it would "
                               "run: it adds the same to each score of its class");
        weights.bias.resize(weights.out_channels);
        if (m_neuron.leaks())
            for (std::size_t n = 0; n < weights.bias.size(); ++n)
                weights.bias[n] += (above(v_leak, n) - above(v_reset, n)) / m_r[n];
        std::vector<double> threshold = values("v_threshold", m_neuron.v_threshold);
        for (std::size_t n = 0; n < threshold.size(); ++n)
            threshold[n] -= above(v_reset, n);
        m_neuron.v_threshold = std::move(threshold);
        node().notes.push_back("v_leak and v_reset are in the bias and the threshold");
        if (tell_rest())
            for (const double reset : v_reset)
                m_neuron.starts.push_back(0 - reset);
    }

    /// True: potentials begin elsewhere than at the reset.
    bool tell_rest()
    {
        const auto is_zero = [](double value) { return value == 0; };
        const std::vector<double>&v_leak = m_neuron.v_leak, &v_reset = m_neuron.v_reset;
        if (m_speech.exporter == "Norse" && !std::all_of(v_leak.begin(), v_leak.end(), is_zero))
            m_graph.warn(m_at, "v_leak is not 0: its potential begins at 0, as NIR has it, while Norse's neurons begin at "
                               "v_leak, so that first spikes may be others");
        if (!m_neuron.spikes || std::all_of(v_reset.begin(), v_reset.end(), is_zero))
            return false;
        if (m_speech.reset != neuron_reset::hard)
            node().notes.push_back("a spike takes v_threshold - v_reset from its potential");
        if (m_speech.starts_at_reset)
            return false;
        node().notes.push_back("its potential begins at 0 and not at v_reset");
        return true;
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
        scale_weights(weights, factors);
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
        const auto in = [&](std::size_t of) { // response_of() has the current behind the filter
            return gain_of(of) * (w_in.empty() ? 1 : w_in[of]);
        };
        m_neuron.gain = in(0);
        std::vector<double> factors;
        bool scaled = false;
        for (std::size_t n = 0; n < m_shape.channels; ++n) {
            factors.push_back(in(n) / m_neuron.gain);
            scaled = scaled || factors[n] != 1;
            if (!std::isfinite(factors[n]))
                m_graph.fail(m_at, "its gain is 0 in channel 0");
        }
        if (scaled)
            scale_weights(weights, factors);
    }

    graph& m_graph;
    std::size_t m_at;
    neuron_op& m_neuron;
    const dialect& m_speech;
    double m_time_step;
    bool m_own_thresholds, m_of_first_layer; // the host's
    map_shape m_shape; // of what comes in
    std::vector<double> m_tau, m_r;
};

} // namespace

void settle_neurons(graph& network, const dialect& speech, bool own_thresholds, bool takes_spikes)
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
        const bool first = !takes_spikes && std::any_of(before.from.begin(), before.from.end(), [&](std::size_t each) {
            return network.nodes[each].as<input_op>() != nullptr;
        });
        settler(network, node, speech, own_thresholds, first).settle(weights != nullptr && !before.gone() ? *weights : none);
    });
}

} // namespace loas::lowering
