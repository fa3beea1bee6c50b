#include "models/designs/dense/dense_accelerator.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;
using observe::operand;

dense_accelerator::dense_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                                     const dense_parameters& own, kernel::event_wheel& wheel)
    : serial_accelerator(name, parameters, wheel, {parameters.tppe.count}), m_columns(own.columns),
      m_rows("row", tiles(), [&](const char* row, std::size_t i) { return new dense_row(row, i, own.columns); }),
      m_fetched_rows(tiles()), m_rows_done(tiles())
{
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        m_rows[i].sums_out.bind(m_neurons);
}

void dense_accelerator::run_layer(const loas_descriptor& descriptor)
{
    begin_layer(descriptor);
    for (std::uint64_t group = 0; group < m_groups && work_left(); ++group)
        run_group(group);
    if (work_left())
        wait_for_writes(m_compressor);
    if (work_left())
        wait_for(m_potentials_written, wait_cause::write_back);
}

void dense_accelerator::begin_layer(const loas_descriptor& descriptor)
{
    m_descriptor = descriptor;
    begin_units(descriptor);
    m_potentials_written.begin(m_cycle);
    m_groups = functional::chunks_of(m_row_order.size(), tiles());
    m_column_groups = functional::chunks_of(m_shape.n, m_columns);
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        m_rows[i].begin_layer(m_shape.timesteps, m_shape.k);
    fetch_rows(0);
    fetch_weights(0);
}

void dense_accelerator::fetch_rows(std::uint64_t group)
{
    if (group == m_groups)
        return;
    m_group = functional::rows_from(m_row_order, group * tiles(), tiles());
    m_fetched_rows.fetch(m_ports, m_shape, m_descriptor.input_address, m_group, m_cycle);
    if (!m_shape.carries_potentials())
        return;
    std::vector<std::int32_t>& potentials = m_potentials[group % 2];
    potentials.resize(m_group.size() * m_shape.n);
    for (std::size_t i = 0; i < m_group.size(); ++i)
        m_ports.read(i, m_shape.potential_address(m_group[i], 0), &potentials[i * m_shape.n], 4 * m_shape.n,
                     operand::partial_sums, m_cycle, m_fetched_rows.arrival());
}

/// When the neurons of the group have taken its last sums.
void dense_accelerator::write_potentials(std::uint64_t group)
{
    const std::vector<std::uint32_t> rows = functional::rows_from(m_row_order, group * tiles(), tiles());
    const std::uint64_t cycle = std::max(m_cycle, m_neurons.done_cycle());
    m_potentials_written.begin(cycle);
    for (std::size_t i = 0; i < rows.size(); ++i)
        m_ports.write(i, m_shape.potential_address(rows[i], 0), &m_potentials[group % 2][i * m_shape.n], 4 * m_shape.n,
                      operand::partial_sums, cycle, m_potentials_written);
}

void dense_accelerator::fetch_weights(std::uint64_t position)
{
    if (position == m_groups * m_column_groups)
        return;
    fetched_weights& into = m_weights[position % 2];
    const std::uint64_t first = position % m_column_groups * m_columns;
    into.begin(m_cycle);
    into.block.reset(std::min<std::uint64_t>(m_columns, m_shape.n - first), m_shape.k);
    m_ports.read(m_ports.shared_port(0), m_descriptor.weight_address + first * m_shape.k, into.block.weights(),
                 into.block.columns() * m_shape.k, operand::b_weights, m_cycle, into);
}

void dense_accelerator::run_group(std::uint64_t group)
{
    set_active_tiles(m_group.size());
    wait_for(m_fetched_rows.arrival(), wait_cause::a);
    wait_for(bias(), wait_cause::b);
    if (!work_left())
        return; // what was fetched may be incomplete: nothing must compute with it
    for (std::size_t i = 0; i < m_group.size(); ++i)
        m_rows[i].load_row(m_fetched_rows.put_together(m_shape, i));
    m_compressor.begin_rows(m_group);
    if (m_shape.carries_potentials())
        wait_for(m_potentials_written, wait_cause::write_back); // the last group's, which lie where the next ones come
    if (!work_left())
        return;
    m_neurons.begin_group(m_group.size(), 0, m_shape.n,
                          m_shape.carries_potentials() ? m_potentials[group % 2].data() : nullptr);
    fetch_rows(group + 1);
    for (std::uint64_t i = 0; i < m_column_groups && work_left(); ++i)
        run_columns(group * m_column_groups + i);
    if (!work_left())
        return;
    if (m_shape.carries_potentials())
        write_potentials(group);
    wait_for_writes(m_compressor); // of the group before
    if (work_left())
        m_compressor.finish_rows();
}

void dense_accelerator::run_columns(std::uint64_t position)
{
    fetched_weights& weights = m_weights[position % 2];
    wait_for(weights, wait_cause::b);
    if (!work_left())
        return;
    weights.block.complete();
    fetch_weights(position + 1);
    const std::uint64_t first = position % m_column_groups * m_columns;
    for (unsigned t = 0; t < m_shape.timesteps && work_left(); ++t) {
        for (std::size_t i = 0; i < active_tiles(); ++i)
            m_rows_done[i] = m_rows[i].step(t, first, weights.block, m_cycle);
        m_counters[counter::sram_read_b_weights] += 8 * weights.block.columns() * m_shape.k; // once for all rows
        meet(m_rows_done);
    }
}

void dense_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    m_rows[tile].collect(counters);
}

} // namespace loas::designs
