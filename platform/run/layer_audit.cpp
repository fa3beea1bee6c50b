#include "platform/run/layer_audit.h"

#include "platform/designs/design.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace loas::run
{
namespace
{

/// Without the weights.
reference::reference_layer operands_of(const loas_descriptor& d, const functional::layer_shape& shape,
                                       const memory_reader& read)
{
    reference::reference_layer layer;
    layer.timesteps = d.timesteps;
    layer.in_height = d.in_height;
    layer.in_width = d.in_width;
    layer.in_channels = d.in_channels;
    layer.out_channels = d.out_channels;
    layer.kernel_h = d.kernel_h;
    layer.kernel_w = d.kernel_w;
    layer.stride_h = d.stride_h;
    layer.stride_w = d.stride_w;
    layer.pad_h = d.pad_h;
    layer.pad_w = d.pad_w;
    layer.pool = d.pool;
    layer.single_spike_mask = (d.flags & LOAS_FLAG_SINGLE_SPIKE_MASK) != 0;
    layer.reset = (d.neuron & LOAS_NEURON_SOFT_RESET) != 0      ? reference::neuron_reset::soft
                  : (d.neuron & LOAS_NEURON_DELAYED_RESET) != 0 ? reference::neuron_reset::delayed
                                                                : reference::neuron_reset::hard;
    layer.currents = (d.neuron & LOAS_NEURON_CURRENTS) != 0;
    layer.first_spike = (d.neuron & LOAS_NEURON_FIRST_SPIKE) != 0;
    layer.few_spikes = (d.neuron & LOAS_NEURON_FEW_SPIKES) != 0;
    layer.leak_q8 = d.leak_q8;
    layer.bytes = shape.bytes();
    if (layer.bytes)
        layer.shift = static_cast<unsigned>(d.threshold);
    else
        layer.threshold = d.threshold;
    layer.spikes =
        read_spike_tensor(read, shape.spike_format, d.input_address, shape.input_pixels(), d.in_channels, d.timesteps);
    if (d.bias_address != 0)
        layer.bias = read_numbers(read, d.bias_address, shape.n);
    if (shape.thresholds)
        layer.thresholds = read_numbers(read, d.bias_address + 4 * shape.n, shape.n);
    if (shape.carries_potentials())
        layer.potentials = read_numbers(read, shape.potentials_address, shape.m * shape.n);
    return layer;
}

/// Index of the first difference, or the size when equal.
template <class T> std::size_t first_difference(const std::vector<T>& a, const std::vector<T>& b)
{
    std::size_t i = 0;
    while (i < a.size() && i < b.size() && a[i] == b[i])
        ++i;
    return i;
}

/// The first field of the shape that differs, in words, or "".
std::string different_shape(const reference::reference_layer& found, const reference::reference_layer& given)
{
    using layer = reference::reference_layer;
    static constexpr std::pair<const char*, unsigned layer::*> sizes[] = {{"timesteps", &layer::timesteps},
                                                                          {"in_height", &layer::in_height},
                                                                          {"in_width", &layer::in_width},
                                                                          {"in_channels", &layer::in_channels},
                                                                          {"out_channels", &layer::out_channels},
                                                                          {"kernel_h", &layer::kernel_h},
                                                                          {"kernel_w", &layer::kernel_w},
                                                                          {"stride_h", &layer::stride_h},
                                                                          {"stride_w", &layer::stride_w},
                                                                          {"pad_h", &layer::pad_h},
                                                                          {"pad_w", &layer::pad_w},
                                                                          {"pool", &layer::pool},
                                                                          {"leak_q8", &layer::leak_q8},
                                                                          {"shift", &layer::shift}};
    static constexpr std::pair<const char*, bool layer::*> flags[] = {{"bytes", &layer::bytes},
                                                                      {"single_spike_mask", &layer::single_spike_mask},
                                                                      {"first_spike", &layer::first_spike},
                                                                      {"few_spikes", &layer::few_spikes},
                                                                      {"currents", &layer::currents}};
    for (const auto& [name, member] : sizes)
        if (found.*member != given.*member)
            return fmt::format("{} {} instead of {}", name, found.*member, given.*member);
    for (const auto& [name, member] : flags)
        if (found.*member != given.*member)
            return fmt::format("{} {} instead of {}", name, found.*member, given.*member);
    const auto word_of = [](reference::neuron_reset reset) { // the same words
        return config::neuron_reset_words[static_cast<std::size_t>(reset)];
    };
    if (found.reset != given.reset)
        return fmt::format("{} reset instead of {}", word_of(found.reset), word_of(given.reset));
    if (found.threshold != given.threshold)
        return fmt::format("threshold {} instead of {}", found.threshold, given.threshold);
    return {};
}

void keep(std::vector<std::string>& texts, const std::string& text)
{
    if (texts.size() < results::run_result::differences_kept)
        texts.push_back(text);
}

} // namespace

reference::reference_accumulators accumulators_of(const config::scenario& scenario)
{
    using overflow = reference::reference_accumulators::overflow;
    if (!designs::design_of(scenario).takes("tppe.overflow") || scenario.tppe.overflow == compute::overflow::ideal)
        return {};
    return {scenario.tppe.overflow == compute::overflow::wrap ? overflow::wrap : overflow::saturate,
            scenario.tppe.acc_bits, scenario.tppe.corr_bits};
}

layer_audit::layer_audit(memory_reader read, std::vector<std::string> names, settings settings)
    : m_read(std::move(read)), m_names(std::move(names)), m_settings(settings)
{
}

void layer_audit::layer_finished(const loas_descriptor& descriptor, const observe::layer_outcome& outcome)
{
    if (outcome.status != LOAS_STATUS_OK)
        return; // software is told; there is no result to look at
    try {
        look_at(descriptor, outcome);
    } catch (const std::exception& reason) { // a guest may run layers that are too odd or too large to unfold
        if (m_settings.golden)
            keep(m_unchecked, fmt::format("layer with cookie {}: {}", descriptor.cookie, reason.what()));
    }
}

void layer_audit::layer_started(const loas_descriptor& descriptor)
{
    try {
        m_taken.emplace(take(descriptor));
    } catch (const std::exception&) { // is said when the layer has finished, if it does
        m_taken.reset();
    }
}

layer_audit::taken_operands layer_audit::take(const loas_descriptor& descriptor) const
{
    const functional::layer_shape shape(descriptor);
    taken_operands taken{
        operands_of(descriptor, shape, m_read),
        read_non_zero_weights(m_read, shape.weight_format, descriptor.weight_address, shape.n, shape.k)};
    taken.layer.accumulators = m_settings.accumulators;
    if (m_settings.golden)
        taken.layer.weights =
            read_weight_tensor(m_read, shape.weight_format, descriptor.weight_address, shape.n, shape.k);
    return taken;
}

void layer_audit::look_at(const loas_descriptor& descriptor, const observe::layer_outcome& outcome)
{
    const functional::layer_shape shape(descriptor);
    taken_operands taken = m_taken ? *std::exchange(m_taken, {}) : take(descriptor);
    reference::reference_layer& operands = taken.layer;
    const cost::unfolded_input input = cost::unfold_rows(shape, operands.spikes);
    const functional::bit_matrix columns = cost::unfold_columns(shape, taken.non_zero_weights);

    results::layer_result& result = result_of(descriptor);
    ++result.runs;
    if (m_outputs != nullptr)
        keep_output(descriptor, shape, result);
    result.spikes += shape.bytes() ? input.masks.count() : input.spikes;
    result.non_silent += input.masks.count();
    result.weights = columns.count();
    result.stored_spikes.add(cost::spikes_in_memory(shape, operands.spikes));
    result.stored_weights = cost::weights_in_memory(shape, result.weights);
    if (m_settings.accounting)
        result.published.add(published_counts(descriptor, shape, operands, input.masks, columns));
    result.counters.merge_with(outcome.counters);
    result.column_streams = std::max(result.column_streams, outcome.column_streams);
    result.memory.add(outcome.memory);
    if (result.runs == 1 && outcome.utilisation.cycles() > 0) {
        const std::uint64_t cycles = outcome.counters[observe::counter::cycles];
        result.utilisation = outcome.utilisation;
        result.utilisation.record(cycles, cycles, 0); // what came after the last busy cycle is part of the layer
    }
    if (!m_settings.golden)
        return;
    if (const auto of = m_sources.find(descriptor.cookie); of != m_sources.end() && result.runs == 1)
        compare_with_source(operands, of->second, result);
    compare(operands, descriptor, result);
}

void layer_audit::keep_output(const loas_descriptor& descriptor, const functional::layer_shape& shape,
                              const results::layer_result& result)
{
    const std::uint64_t address = descriptor.output_address, block = (result.runs - 1) % m_settings.blocks.count;
    const std::string& name = result.name;
    results::output_files::size size{shape.timesteps, shape.n, shape.pooled_height, shape.pooled_width};
    if (m_settings.blocks.count > 1) {
        size.first = block * shape.timesteps;
        size.all = m_settings.blocks.timesteps;
    }
    if (shape.currents) // which are not pooled
        m_outputs->add_currents(name, size, read_numbers(m_read, address, shape.m * shape.n * shape.timesteps));
    else {
        const std::vector<std::uint16_t> words =
            read_spike_tensor(m_read, shape.spike_format, address, shape.output_pixels(), shape.n, shape.timesteps);
        if (shape.bytes())
            m_outputs->add_bytes(name, size, words);
        else
            m_outputs->add_spikes(name, size, words);
    }
}

/// Values are rarely asked for, so weights may not have been read.
cost::published_traffic layer_audit::published_counts(const loas_descriptor& descriptor,
                                                      const functional::layer_shape& shape,
                                                      reference::reference_layer& operands,
                                                      const functional::bit_matrix& rows,
                                                      const functional::bit_matrix& columns) const
{
    cost::masked_layer layer;
    layer.timesteps = shape.timesteps;
    layer.inputs = &rows;
    layer.weights = &columns;
    layer.image_items = std::uint64_t{shape.in_height + 2 * shape.pad_h} * (shape.in_width + 2 * shape.pad_w) *
                        shape.in_channels;
    std::vector<functional::bit_matrix> timesteps;
    if (m_settings.accounting->timesteps_together) {
        layer.spikes_of = [&](std::size_t row, std::size_t at) {
            const std::uint16_t word = cost::unfolded_word(shape, operands.spikes, row, at);
            return shape.bytes() ? unsigned{word} : functional::popcount(word);
        };
    } else {
        timesteps = cost::unfold_timesteps(shape, operands.spikes);
        layer.inputs = timesteps.data();
        layer.input_matrices = timesteps.size();
    }
    layer.weight_of = [&](std::size_t column, std::size_t at) {
        if (operands.weights.empty())
            operands.weights =
                read_weight_tensor(m_read, shape.weight_format, descriptor.weight_address, shape.n, shape.k);
        return static_cast<std::uint8_t>(operands.weights[column * shape.k + cost::weight_position(shape, at)]);
    };
    return cost::count_published_traffic(layer, *m_settings.accounting);
}

results::layer_result& layer_audit::result_of(const loas_descriptor& descriptor)
{
    const std::string name =
        descriptor.cookie < m_names.size() ? m_names[descriptor.cookie] : fmt::format("layer {}", descriptor.cookie);
    for (results::layer_result& layer : m_layers)
        if (layer.name == name)
            return layer;
    const functional::layer_shape shape(descriptor);
    results::layer_result layer;
    layer.name = name;
    layer.m = shape.m;
    layer.k = shape.k;
    layer.n = shape.n;
    layer.timesteps = shape.timesteps;
    layer.spike_format = shape.spike_format;
    layer.weight_format = shape.weight_format;
    m_layers.push_back(layer);
    return m_layers.back();
}

void layer_audit::compare(const reference::reference_layer& operands, const loas_descriptor& descriptor,
                          results::layer_result& result)
{
    const functional::layer_shape shape(descriptor);
    const reference::reference_output expected = reference::run_reference(operands);
    std::string where;
    if (shape.currents) {
        const auto found = read_numbers(m_read, descriptor.output_address, expected.currents.size());
        const std::size_t at = first_difference(found, expected.currents);
        if (at < found.size())
            where =
                fmt::format("row {}, column {}, timestep {}: current {} instead of {}", at / shape.timesteps / shape.n,
                            at / shape.timesteps % shape.n, at % shape.timesteps, found[at], expected.currents[at]);
    } else {
        const auto found = read_spike_tensor(m_read, shape.spike_format, descriptor.output_address,
                                             shape.output_pixels(), shape.n, descriptor.timesteps);
        const std::size_t at = first_difference(found, expected.spikes);
        if (at < found.size())
            where = fmt::format("pixel {}, channel {}: {} {:#x} instead of {:#x}", at / shape.n, at % shape.n,
                                shape.bytes() ? "byte" : "spikes", found[at], expected.spikes[at]);
    }
    if (where.empty() && shape.carries_potentials()) {
        const auto found = read_numbers(m_read, shape.potentials_address, expected.potentials.size());
        const std::size_t at = first_difference(found, expected.potentials);
        if (at < found.size())
            where = fmt::format("row {}, column {}: potential {} instead of {}", at / shape.n, at % shape.n, found[at],
                                expected.potentials[at]);
    }
    if (!where.empty()) {
        ++result.golden_different;
        where = fmt::format("{}, run {}: {}", result.name, result.runs, where);
    }
    note_comparison(where);
}

/// What the driver packed against what it was given: golden works on memory, and would follow its mistakes.
void layer_audit::compare_with_source(const reference::reference_layer& operands, const source& of,
                                      results::layer_result& result)
{
    std::string where = different_shape(operands, of.shape);
    const auto look = [&where](const char* tensor, const auto& found, const auto& given, std::size_t row_length) {
        if (!where.empty())
            return;
        if (found.size() != given.size()) {
            where = fmt::format("{} {} instead of {}", found.size(), tensor, given.size());
            return;
        }
        const std::size_t at = first_difference(found, given);
        if (at < found.size())
            where = fmt::format("{} {} of {}: {} instead of {}", tensor, at % row_length, at / row_length, found[at],
                                given[at]);
    };
    look(operands.bytes ? "byte of channel" : "spikes of channel", operands.spikes, *of.spikes, operands.in_channels);
    look("weight", operands.weights, *of.weights, operands.weights.size() / operands.out_channels);
    look("bias", operands.bias, of.bias != nullptr ? *of.bias : std::vector<std::int32_t>(), operands.out_channels);
    look("threshold", operands.thresholds, of.shape.thresholds, operands.out_channels);
    if (where.empty())
        return;
    ++result.golden_different;
    note_comparison(fmt::format("{}: memory does not hold what the driver was given: {}", result.name, where));
}

void layer_audit::note_comparison(const std::string& difference)
{
    m_compared = true;
    if (!difference.empty())
        keep(m_differences, difference);
}

} // namespace loas::run
