#include "models/designs/base/serial_accelerator.h"

namespace loas::designs
{

serial_accelerator::serial_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                                       kernel::event_wheel& wheel, const serial_units& units)
    : accelerator(name, parameters, wheel),
      m_ports("ports", m_clock, wheel, tiles(), units.shared_ports, units.broadcast, m_fault),
      m_neurons("neurons", parameters.plif.latency, units.lanes > 0 ? units.lanes : tiles()),
      m_compressor("compressor", parameters.compressor, parameters.tppe.chunk_bits, m_clock, wheel, units.group_rows,
                   m_fault)
{
    add_client(m_ports, m_ports.ports());
    add_client(m_compressor, {&m_compressor.memory_out});
    m_neurons.results_out.bind(m_compressor);
}

void serial_accelerator::begin_units(const loas_descriptor& descriptor, kernel::arrival_listener* bias_came)
{
    m_shape = functional::layer_shape(descriptor);
    m_row_order = functional::row_order(m_shape);
    m_neurons.begin_layer(m_shape, functional::neuron_of(descriptor), m_bias);
    m_compressor.begin_layer(m_shape, (descriptor.flags & LOAS_FLAG_SINGLE_SPIKE_MASK) != 0, descriptor.output_address);
    m_bias.assign(m_shape.bias_numbers(), 0);
    m_bias_arrival.begin(m_cycle);
    m_bias_arrival.then = bias_came;
    if (descriptor.bias_address != 0)
        m_ports.read(m_ports.shared_port(0), descriptor.bias_address, m_bias.data(), 4 * m_bias.size(),
                     observe::operand::bias, m_cycle, m_bias_arrival);
}

void serial_accelerator::collect_rest(observe::counter_set& counters) const
{
    m_neurons.collect(counters);
    m_compressor.collect(counters);
}

} // namespace loas::designs
