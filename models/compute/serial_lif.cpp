#include "models/compute/serial_lif.h"

#include <algorithm>

namespace loas::compute
{

serial_lif::serial_lif(const sc_core::sc_module_name& name, unsigned latency, std::size_t lanes)
    : sc_module(name), m_latency(latency), m_lanes(lanes)
{
}

void serial_lif::begin_layer(const functional::layer_shape& shape, const functional::neuron_parameters& neuron,
                             const std::vector<std::int32_t>& bias)
{
    m_shape = shape;
    m_neuron = neuron;
    m_bias = &bias;
    m_updates = 0;
    m_rows = m_columns = 0;
    std::fill(m_lanes.begin(), m_lanes.end(), lane_state{});
}

void serial_lif::begin_group(std::size_t rows, std::uint64_t first_column, std::size_t columns, std::int32_t* carried)
{
    if (first_column + columns > m_shape.n)
        SC_REPORT_FATAL(name(), "a group of columns that the product does not have");
    m_first_column = first_column;
    m_rows = rows;
    m_columns = columns;
    m_carried = carried;
    if (m_shape.currents) {
        m_currents.resize(rows * columns * m_shape.timesteps);
    } else {
        m_potentials.assign(rows * columns, 0);
        m_words.assign(rows * columns, 0);
    }
}

std::uint64_t serial_lif::done_cycle() const
{
    return std::max_element(m_lanes.begin(), m_lanes.end(),
                            [](const lane_state& a, const lane_state& b) { return a.free_cycle < b.free_cycle; })
        ->free_cycle;
}

std::uint64_t serial_lif::take_sums(const sums_block& block, span<const std::int32_t> sums, std::uint64_t cycle)
{
    check(block, sums.size());
    lane_state& lane = m_lanes[block.lane];
    const std::uint64_t begun = std::max(lane.free_cycle, cycle);
    const bool last = lane.next_timestep == 0;
    const unsigned firing = last && m_neuron.few_spikes && !m_shape.currents ? m_shape.timesteps : 0;
    lane.free_cycle = begun + (m_latency > 0 ? (1 + firing) * sums.size() : 0);
    const std::uint64_t out = results_cycle(block.lane);
    const result_block results{block.row, block.along_rows ? sums.size() : 1, m_first_column + block.column,
                               block.along_rows ? 1 : sums.size()};
    if (m_shape.currents) {
        add(block, sums, m_currents_out);
        if (last)
            results_out->take_currents(results, m_currents_out, out);
    } else {
        add(block, sums, m_words_out);
        m_updates += last ? sums.size() : 0;
        if (last)
            results_out->take_words(results, m_words_out, out);
    }
    return begun;
}

/// The block lies in the group, and follows what came over its lane before.
void serial_lif::check(const sums_block& block, std::size_t count)
{
    const std::size_t rows = block.along_rows ? count : 1, columns = block.along_rows ? 1 : count;
    if (count == 0 || block.lane >= m_lanes.size() || block.row + rows > m_rows || block.column + columns > m_columns)
        SC_REPORT_FATAL(name(), "sums that lie outside the group");
    lane_state& lane = m_lanes[block.lane];
    const bool goes_on = block.row == lane.row && block.column == lane.column && count == lane.count;
    if (block.timestep != lane.next_timestep || (block.timestep > 0 && !goes_on))
        SC_REPORT_FATAL(name(), "sums of a timestep out of order");
    lane.row = block.row;
    lane.column = block.column;
    lane.count = count;
    lane.next_timestep = block.timestep + 1 == m_shape.timesteps ? 0 : block.timestep + 1;
}

/// One behind the other come in `out`: spike words so far, or the currents of all timesteps.
template <class result>
void serial_lif::add(const sums_block& block, span<const std::int32_t> sums, std::vector<result>& out)
{
    out.resize(sums.size() * (m_shape.currents ? m_shape.timesteps : 1));
    result* to = out.data();
    const std::int32_t* bias = &(*m_bias)[m_first_column + block.column];
    std::size_t entry = block.row * m_columns + block.column;
    for (const std::int32_t sum : sums) {
        const auto current = static_cast<std::int32_t>( // 32-bit adders wrap
            static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(*bias));
        if (m_shape.thresholds)
            m_neuron.threshold = bias[m_shape.n];
        update(entry, block.timestep, current, to);
        entry += block.along_rows ? m_columns : 1;
        bias += block.along_rows ? 0 : 1;
    }
}

void serial_lif::update(std::size_t entry, unsigned timestep, std::int32_t current, std::uint16_t*& out)
{
    std::uint16_t& word = m_words[entry];
    if (m_neuron.relu) {
        *out++ = word = functional::relu(current, static_cast<unsigned>(m_neuron.threshold));
        return;
    }
    if (timestep == 0) {
        m_potentials[entry] = m_carried != nullptr ? m_carried[entry] : 0;
        word = 0;
    }
    if (m_neuron.few_spikes) {
        m_potentials[entry] += functional::few_spikes_weight(timestep, m_shape.timesteps) * current;
        if (timestep + 1 == m_shape.timesteps)
            word = functional::few_spikes(m_potentials[entry], m_shape.timesteps, m_neuron.threshold);
        *out++ = word;
        return;
    }
    const bool silent = m_neuron.first_spike && word != 0;
    if (functional::lif_step(current, m_potentials[entry], m_neuron) && !silent)
        word = static_cast<std::uint16_t>(word | 1U << timestep);
    if (m_carried != nullptr && timestep + 1 == m_shape.timesteps)
        m_carried[entry] = functional::carried(m_potentials[entry]);
    *out++ = word;
}

void serial_lif::update(std::size_t entry, unsigned timestep, std::int32_t current, std::int32_t*& out)
{
    std::int32_t* currents = &m_currents[entry * m_shape.timesteps];
    currents[timestep] = m_neuron.few_spikes ? static_cast<std::int32_t>(static_cast<std::uint32_t>(current)
                                                                         << (m_shape.timesteps - 1 - timestep))
                                             : current;
    out = std::copy_n(currents, m_shape.timesteps, out);
}

} // namespace loas::compute
