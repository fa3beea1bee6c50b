#include "compute/tppe.h"

#include "tlm/access_check.h"

namespace loas::compute
{

tppe::tppe(const sc_core::sc_module_name& name, const tppe_parameters& parameters, const tlm_blocks::clock& clock)
    : sc_module(name), m_clock(clock),
      m_join(parameters.timing, parameters.chunk_bits, parameters.accumulator_sets, parameters.widths)
{
    m_open.reserve(parameters.accumulator_sets);
    broadcast_in.register_b_transport(this, &tppe::b_transport);
}

void tppe::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (!access.is_write()) {
        access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    access.set_response_status(tlm::TLM_OK_RESPONSE);
    switch (operation_of(access.get_address())) {
    case tile_operation::configure:
        std::memcpy(&m_configuration, access.get_data_ptr(), sizeof m_configuration);
        m_join.configure(m_configuration.timesteps, m_configuration.inputs);
        m_cycles_before = m_join.pipeline().cycles();
        m_open.clear();
        // The P-LIF beyond this tile needs the neuron too.
        tlm_blocks::prepare(m_payload, tlm::TLM_WRITE_COMMAND, access.get_address(), access.get_data_ptr(),
                            access.get_data_length());
        currents_out->b_transport(m_payload, delay);
        return;
    case tile_operation::load_row: {
        m_join.load_row(fiber_packet::parse(access.get_data_ptr(), m_join.mask_words()));
        return;
    }
    case tile_operation::join:
        join(join_of(access.get_address()), fiber_packet::parse(access.get_data_ptr(), m_join.mask_words()), delay);
        return;
    }
    access.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

void tppe::join(const join_command& command, const fiber_packet::view& column, sc_core::sc_time& delay)
{
    m_join.pipeline().advance_to(m_clock.cycle_at(delay));
    if (command.first_chunk == 0)
        m_open.push_back({command.set, column.id, column.bias});
    m_join.join(command, column);
    if (!command.drain) {
        delay = m_clock.delay_until(m_join.pipeline().issue_cycle());
        return;
    }
    delay = m_clock.delay_until(m_join.drain());
    send_currents(delay);
}

void tppe::send_currents(sc_core::sc_time delay)
{
    std::int32_t currents[inner_join_unit::max_timesteps];
    for (const open_neuron& neuron : m_open) {
        m_join.read(neuron.set, currents);
        for (unsigned t = 0; t < m_configuration.timesteps; ++t) // 32-bit adders wrap
            currents[t] = static_cast<std::int32_t>(static_cast<std::uint32_t>(currents[t]) +
                                                    static_cast<std::uint32_t>(neuron.bias));
        tlm_blocks::prepare(m_payload, tlm::TLM_WRITE_COMMAND, neuron.column, currents,
                            std::size_t{4} * m_configuration.timesteps);
        currents_out->b_transport(m_payload, delay); // pipelined: the next neuron follows when the P-LIF took this one
    }
    m_open.clear();
}

void tppe::collect(observe::counter_set& counters) const
{
    using observe::counter;
    const join_statistics& seen = m_join.statistics();
    const join_cycles& now = m_join.pipeline().cycles();
    observe::counter_set mine;
    mine[counter::joins] = seen.joins;
    mine[counter::empty_joins] = seen.empty_joins;
    mine[counter::matches] = seen.matches;
    mine[counter::corrections] = seen.corrections;
    mine[counter::correction_adds] = seen.correction_adds;
    mine[counter::discarded_entries] = seen.matches - seen.corrections;
    mine[counter::pseudo_overflows] = seen.pseudo_overflows;
    mine[counter::correction_overflows] = seen.correction_overflows;
    mine[counter::max_abs_pseudo] = seen.max_abs_pseudo;
    mine[counter::max_abs_correction] = seen.max_abs_correction;
    mine[counter::sram_read_a_mask] = seen.a_mask_bits;
    mine[counter::sram_read_a_words] = seen.matches * m_configuration.timesteps;
    mine[counter::busy_cycles] = now.busy - m_cycles_before.busy;
    mine[counter::stall_empty_join] = now.empty_join - m_cycles_before.empty_join;
    mine[counter::stall_laggy] = now.laggy - m_cycles_before.laggy;
    mine[counter::stall_fifo_full] = now.fifo_full - m_cycles_before.fifo_full;
    mine[counter::stall_weights_late] = now.weights_late - m_cycles_before.weights_late;
    mine[counter::stall_prefix] = now.prefix - m_cycles_before.prefix;
    counters.merge_with(mine);
}

} // namespace loas::compute
