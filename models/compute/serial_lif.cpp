#include "models/compute/serial_lif.h"

#include "models/compute/packets.h"
#include "models/kernel/access_check.h"

#include <algorithm>

namespace loas::compute
{

serial_lif::serial_lif(const sc_core::sc_module_name& name, unsigned latency, const kernel::clock& clock,
                       std::size_t lanes)
    : sc_module(name), m_latency(latency), m_clock(clock), m_lane_free(lanes)
{
    sums_in.register_b_transport(this, &serial_lif::b_transport);
}

void serial_lif::begin_layer(const functional::layer_shape& shape, const functional::neuron_parameters& neuron,
                             const std::vector<std::int32_t>& bias)
{
    m_shape = shape;
    m_neuron = neuron;
    m_bias = &bias;
    m_updates = 0;
    std::fill(m_lane_free.begin(), m_lane_free.end(), 0);
}

void serial_lif::begin_group(std::size_t rows, std::uint64_t first_column, std::size_t columns)
{
    m_first_column = first_column;
    m_columns = columns;
    if (m_shape.currents) {
        m_currents.resize(rows * columns * m_shape.timesteps);
    } else {
        m_potentials.assign(rows * columns, 0);
        m_words.assign(rows * columns, 0);
    }
}

std::uint64_t serial_lif::done_cycle() const
{
    return *std::max_element(m_lane_free.begin(), m_lane_free.end());
}

void serial_lif::b_transport(int lane, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (!access.is_write()) {
        access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    access.set_response_status(tlm::TLM_OK_RESPONSE);
    const std::uint64_t address = access.get_address();
    const auto timestep = static_cast<unsigned>(address >> 56);
    const bool along_rows = (address >> 55 & 1) != 0;
    std::uint64_t row = address >> 32 & 0x7FFFFF;
    std::uint64_t column = address & 0xFFFFFFFF;
    const auto* sums = reinterpret_cast<const std::int32_t*>(access.get_data_ptr());
    const std::size_t count = access.get_data_length() / sizeof *sums;

    std::uint64_t& free = m_lane_free[static_cast<std::size_t>(lane)];
    free = std::max(free, m_clock.cycle_at(delay));
    delay = m_clock.delay_until(free);
    for (std::size_t i = 0; i < count; ++i) {
        free += m_latency > 0 ? 1 : 0;
        update(timestep, row, column, sums[i], m_clock.delay_until(free + m_latency - (m_latency > 0 ? 1 : 0)));
        ++(along_rows ? row : column);
    }
}

void serial_lif::update(unsigned timestep, std::uint64_t row, std::uint64_t column, std::int32_t sum,
                        const sc_core::sc_time& taken)
{
    const std::size_t entry = row * m_columns + column;
    const auto current = static_cast<std::int32_t>( // 32-bit adders wrap
        static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>((*m_bias)[m_first_column + column]));
    const bool last = timestep + 1 == m_shape.timesteps;
    void* result = nullptr;
    std::size_t bytes = 0;
    if (m_shape.currents) {
        std::int32_t* currents = &m_currents[entry * m_shape.timesteps];
        currents[timestep] = current;
        result = currents;
        bytes = m_shape.timesteps * sizeof current;
    } else {
        if (timestep == 0) {
            m_potentials[entry] = 0;
            m_words[entry] = 0;
        }
        if (functional::lif_step(current, m_potentials[entry], m_neuron))
            m_words[entry] = static_cast<std::uint16_t>(m_words[entry] | 1U << timestep);
        m_updates += last ? 1 : 0;
        result = &m_words[entry];
        bytes = sizeof m_words[entry];
    }
    if (!last)
        return;
    kernel::prepare(m_payload, tlm::TLM_WRITE_COMMAND, results_address(m_first_column + column, row), result, bytes);
    sc_core::sc_time arrival = taken;
    spikes_out->b_transport(m_payload, arrival);
}

} // namespace loas::compute
