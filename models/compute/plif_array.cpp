#include "models/compute/plif_array.h"

#include "models/functional/lif_lanes.h"

namespace loas::compute
{

plif_array::plif_array(const sc_core::sc_module_name& name, std::size_t tiles, unsigned latency)
    : sc_module(name), m_lanes(functional::whole_lanes(tiles)), m_latency(latency)
{
}

void plif_array::begin_layer(const functional::layer_shape& shape, const functional::neuron_parameters& neuron,
                             const std::vector<std::int32_t>& bias)
{
    m_timesteps = shape.timesteps;
    m_no_neurons = shape.currents;
    m_neuron = neuron;
    m_bias = &bias;
    m_thresholds = shape.thresholds ? shape.n : 0;
    m_updates = 0;
    m_carried.clear();
}

void plif_array::take_currents(const result_block& block, span<const std::int32_t> currents, std::uint64_t cycle)
{
    if (m_timesteps == 0 || block.rows == 0 || block.rows > m_lanes || block.columns == 0 ||
        currents.size() != block.columns * m_timesteps * m_lanes)
        SC_REPORT_FATAL(name(), "currents before their layer, or of another length than their block");
    // The last neuron of a tile follows its first one, a cycle apart each.
    const std::uint64_t in_turn = (block.columns + block.side_by_side - 1) / block.side_by_side;
    const std::uint64_t out = cycle + (m_latency == 0 ? 0 : m_latency + in_turn - 1);
    if (m_no_neurons) {
        transpose(block, currents);
        results_out->take_currents(block, m_currents, out);
    } else {
        update(block, currents);
        results_out->take_words(block, {m_words.data(), block.rows * block.columns}, out);
    }
}

/// From [column][T][lane] to [row][column][T].
void plif_array::transpose(const result_block& block, span<const std::int32_t> currents)
{
    m_currents.resize(block.rows * block.columns * m_timesteps);
    std::int32_t* to = m_currents.data();
    for (std::size_t row = 0; row < block.rows; ++row)
        for (std::size_t i = 0; i < block.columns * m_timesteps; ++i)
            *to++ = currents[i * m_lanes + row];
}

void plif_array::update(const result_block& block, span<const std::int32_t> currents)
{
    m_words.resize(m_lanes * block.columns);
    m_updates += block.rows * block.columns;
    if (!m_carried.empty()) {
        update_carried(block, currents);
        return;
    }
    for (std::size_t n = 0; n < block.columns; ++n) {
        take_threshold(block.first_column + n);
        for (std::size_t first = 0; first < block.rows; first += functional::lanes_together)
            functional::lif(currents.data() + n * m_timesteps * m_lanes + first, m_lanes, m_timesteps, m_neuron,
                            &m_words[first * block.columns + n], block.columns);
    }
}

void plif_array::take_threshold(std::uint64_t column)
{
    if (m_thresholds != 0)
        m_neuron.threshold = (*m_bias)[m_thresholds + column];
}

void plif_array::update_carried(const result_block& block, span<const std::int32_t> currents)
{
    for (std::size_t n = 0; n < block.columns; ++n) {
        take_threshold(block.first_column + n);
        for (std::size_t row = 0; row < block.rows; ++row) {
            std::int32_t& carried = m_carried[block.first_row + row][block.first_column - m_first_column + n];
            std::int64_t potential = carried;
            m_words[row * block.columns + n] = functional::lif(currents.data() + n * m_timesteps * m_lanes + row,
                                                               m_lanes, m_timesteps, m_neuron, potential);
            carried = functional::carried(potential);
        }
    }
}

} // namespace loas::compute
