#include "models/designs/gamma/gamma_accelerator.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

namespace
{

/// Cycles that the thread turns the wheel before others get their turn: so soon a reset is seen.
constexpr std::uint64_t while_cycles = 64;

} // namespace

gamma_accelerator::gamma_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                                     const gamma_parameters& own, kernel::event_wheel& wheel)
    : serial_accelerator(name, parameters, wheel, {parameters.tppe.count}), m_parameters(own),
      m_pes("pe", tiles(), [&](const char* pe, std::size_t index) {
          return new gamma_pe(pe, {own.radix, own.merger_latency, parameters.scheduler.prefetch_rows}, m_clock, wheel,
                              index, m_ports, m_fault, *this);
      })
{
    for (std::size_t i = 0; i < m_pes.size(); ++i) {
        add_client(m_pes[i], {});
        m_pes[i].sums_out.bind(m_neurons);
    }
}

void gamma_accelerator::run_layer(const loas_descriptor& descriptor)
{
    begin_layer(descriptor);
    if (m_parameters.tile_inputs > 0)
        run_lockstep();
    else
        run_alone();
    if (work_left())
        wait_for_writes(m_compressor);
}

void gamma_accelerator::begin_layer(const loas_descriptor& descriptor)
{
    begin_units(descriptor, this);
    m_layer = {};
    m_layer.operands = gamma_operands(descriptor, shared().line_bytes);
    m_layer.bias = &bias();
    set_active_tiles(std::min(tiles(), m_row_order.size()));

    // Of the work area each PE that has work gets the same part.
    // Partial rows begin with a line, since only lines that are read whole are given up.
    const std::uint64_t line = shared().line_bytes;
    const std::uint64_t work_address = descriptor.output_address + m_shape.work_offset();
    const std::uint64_t work_end = work_address + loas_work_bytes(m_shape.m, m_shape.n, m_shape.timesteps, tiles());
    m_layer.work_address = loas_align_up(work_address, line);
    m_layer.partial_row_bytes = loas_align_up(m_shape.n * (m_layer.operands.column_bytes + sizeof(std::int32_t)), line);
    m_layer.partial_rows = static_cast<std::uint32_t>(std::min<std::uint64_t>(
        m_parameters.radix, (work_end - m_layer.work_address) / active_tiles() / m_layer.partial_row_bytes));

    for (std::size_t i = 0; i < m_pes.size(); ++i)
        m_pes[i].begin_layer(m_layer, m_cycle);
}

void gamma_accelerator::run_alone()
{
    m_rows_taken = m_rows_complete = 0;
    m_neurons.begin_group(active_tiles(), 0, m_shape.n);
    m_compressor.begin_rows(std::vector<std::uint32_t>(active_tiles()));
    for (std::size_t rows = 1; rows <= shared().scheduler.prefetch_rows + 1; ++rows) // one for each before one has two
        for (std::size_t i = 0; i < active_tiles(); ++i)
            m_pes[i].take_rows(rows, m_cycle);
    while (m_rows_complete < m_row_order.size() && work_left())
        turn_a_while();
    for (std::size_t i = 0; i < m_pes.size(); ++i)
        m_pes[i].stop();
    if (!work_left())
        return;
    for (std::size_t i = 0; i < active_tiles(); ++i)
        m_pes[i].finish(m_cycle);
    turn_until([&] { return m_compressor.queue_empty(); });
}

/// Also until a PE gets on: nothing happens for a while, or never again, when memory does not answer.
void gamma_accelerator::turn_a_while()
{
    const std::uint64_t end_ps = (m_cycle + while_cycles) * m_clock.period_ps();
    const std::uint64_t rounds = m_layer.rounds;
    const auto all_complete = [&] { return m_rows_complete == m_row_order.size(); };
    turn_until([&] {
        return all_complete() || (m_layer.rounds != rounds && m_wheel.next_ps() >= end_ps &&
                                  m_wheel.next_ps() != kernel::event_wheel::never);
    });
    if (!work_left())
        return;
    const std::uint64_t reached = m_clock.cycle_of(m_wheel.now_ps());
    const std::uint64_t until = all_complete() ? reached : std::max(reached, m_cycle + while_cycles);
    m_counters[counter::scheduler_broadcasting] += until - m_cycle;
    advance_tiles(until);
}

bool gamma_accelerator::take_row(std::uint32_t& row)
{
    if (m_rows_taken == m_row_order.size())
        return false;
    row = m_row_order[m_rows_taken++];
    return true;
}

void gamma_accelerator::row_complete(std::size_t pe, std::uint32_t row, std::uint64_t cycle)
{
    ++m_rows_complete;
    m_compressor.queue_row(pe, row, cycle, *this);
}

void gamma_accelerator::row_packed(std::size_t pe, std::uint64_t packed_cycle, std::uint64_t cycle)
{
    m_pes[pe].row_packed(packed_cycle, cycle);
}

void gamma_accelerator::arrived(kernel::arrival& bias)
{
    for (std::size_t i = 0; i < active_tiles(); ++i)
        m_pes[i].go_on(bias.ready_cycle);
}

void gamma_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    counters.merge_with(m_pes[tile].counters());
}

} // namespace loas::designs
