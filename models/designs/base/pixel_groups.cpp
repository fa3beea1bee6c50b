#include "models/designs/base/pixel_groups.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;
using observe::operand;

pixel_groups::pixel_groups(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                           kernel::event_wheel& wheel, std::size_t columns, unsigned round)
    : serial_accelerator(name, parameters, wheel, {parameters.tppe.count}), m_bitmaps(tiles()), m_columns(columns),
      m_round(round), m_fetched_rows(tiles())
{
}

void pixel_groups::run_layer(const loas_descriptor& descriptor)
{
    begin_layer(descriptor);
    for (std::uint64_t group = 0; group < m_groups && work_left(); ++group)
        run_group(group);
    if (work_left())
        wait_for_writes(m_compressor);
}

void pixel_groups::begin_layer(const loas_descriptor& descriptor)
{
    m_descriptor = descriptor;
    begin_units(descriptor);
    begin_array();
    m_groups = functional::chunks_of(m_row_order.size(), tiles());
    m_column_groups = functional::chunks_of(m_shape.n, m_columns);
    m_rounds = functional::chunks_of(m_shape.timesteps, m_round);
    fetch_rows(0);
    fetch_weights(0);
}

unsigned pixel_groups::timesteps_of(std::uint64_t round) const
{
    return std::min(m_round, m_shape.timesteps - first_timestep(round));
}

std::uint64_t pixel_groups::columns_of(std::uint64_t position) const
{
    return std::min<std::uint64_t>(m_columns, m_shape.n - position % m_column_groups * m_columns);
}

void pixel_groups::fetch_rows(std::uint64_t group)
{
    if (group == m_groups)
        return;
    m_group = functional::rows_from(m_row_order, group * tiles(), tiles());
    m_fetched_rows.fetch(m_ports, m_shape, m_descriptor.input_address, m_group, m_cycle);
}

void pixel_groups::fetch_weights(std::uint64_t position)
{
    if (position == m_groups * m_column_groups)
        return;
    arriving_weights& into = m_weights[position % 2];
    const std::uint64_t first = position % m_column_groups * m_columns, columns = columns_of(position);
    into.rows.reset(columns, 0, m_shape.k, 1);
    into.begin(m_cycle);
    m_ports.read(m_ports.shared_port(0), m_descriptor.weight_address + first * m_shape.k, into.rows.arriving(),
                 columns * m_shape.k, operand::b_weights, m_cycle, into);
}

void pixel_groups::run_group(std::uint64_t group)
{
    const std::vector<std::uint32_t> pixels = m_group;
    set_active_tiles(tiles_with_work(pixels.size(), columns_of(0)));
    wait_for(m_fetched_rows.arrival(), wait_cause::a);
    wait_for(bias(), wait_cause::b);
    if (!work_left())
        return; // what was fetched may be incomplete: nothing must compute with it
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const functional::span<const std::uint64_t> bitmaps = m_fetched_rows.put_together(m_shape, i);
        m_bitmaps[i].assign(bitmaps.begin(), bitmaps.end());
    }
    m_counters[counter::sram_read_a_mask] += pixels.size() * m_shape.timesteps * m_shape.k;
    fetch_rows(group + 1);
    plan(pixels.size());
    m_compressor.begin_rows(pixels);
    m_neurons.begin_group(pixels.size(), 0, m_shape.n);
    for (std::uint64_t i = 0; i < m_column_groups && work_left(); ++i)
        run_columns(group * m_column_groups + i, pixels.size());
    if (work_left())
        wait_for_writes(m_compressor); // of the group before
    if (work_left())
        m_compressor.finish_rows();
}

void pixel_groups::run_columns(std::uint64_t position, std::size_t pixels)
{
    arriving_weights& weights = m_weights[position % 2];
    set_active_tiles(tiles_with_work(pixels, columns_of(position)));
    wait_for(weights, wait_cause::b);
    if (!work_left())
        return;
    fetch_weights(position + 1);
    run({pixels, position % m_column_groups * m_columns, weights.rows, position + 1 == m_groups * m_column_groups});
}

} // namespace loas::designs
