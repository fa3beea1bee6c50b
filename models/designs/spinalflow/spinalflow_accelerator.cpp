#include "models/designs/spinalflow/spinalflow_accelerator.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;
using observe::operand;

namespace
{

constexpr std::uint64_t merged_lists = 16 * 4;
constexpr std::uint64_t least_columns = 8; // of a pass: whole bytes of the outputs' bitmaps

} // namespace

spinalflow_accelerator::spinalflow_accelerator(const sc_core::sc_module_name& name,
                                               const accelerator_parameters& parameters,
                                               const spinalflow_parameters& own, kernel::event_wheel& wheel)
    : serial_accelerator(name, parameters, wheel, {parameters.tppe.count, 1, true, own.pes}), m_own(own),
      m_pes_of_tile(functional::chunks_of(own.pes, tiles())), m_array("array", tiles(), own.pes),
      m_fetched_rows(tiles()), m_bitmaps(tiles())
{
    m_array.sums_out.bind(m_neurons);
}

void spinalflow_accelerator::run_layer(const loas_descriptor& descriptor)
{
    begin_layer(descriptor);
    for (std::uint64_t pass = 0; pass < m_passes && work_left(); ++pass)
        run_pass(pass);
    if (work_left())
        wait_for_writes(m_compressor);
}

void spinalflow_accelerator::begin_layer(const loas_descriptor& descriptor)
{
    m_descriptor = descriptor;
    begin_units(descriptor);
    m_array.begin_layer();
    m_groups = functional::chunks_of(m_row_order.size(), tiles());
    plan_passes();
    const std::uint64_t lists = std::uint64_t{m_shape.kernel_h} * m_shape.kernel_w;
    const std::uint64_t rounds = functional::chunks_of(lists, merged_lists);
    m_fill_of_timestep = rounds > 1 ? static_cast<unsigned>(rounds) * m_own.merger_latency : 0;
    fetch_rows(0);
}

/// As many columns a pass as there are PEs, or as the filter buffer holds.
void spinalflow_accelerator::plan_passes()
{
    const std::uint64_t room = std::uint64_t{1024} * m_own.filter_kib;
    const std::uint64_t fit = room / m_shape.k / least_columns * least_columns;
    m_pass_columns = std::min<std::uint64_t>(m_own.pes, std::max(fit, least_columns));
    m_part_inputs = std::min(m_shape.k, room / m_pass_columns);
    m_passes = functional::chunks_of(m_shape.n, m_pass_columns);
    m_parts = functional::chunks_of(m_shape.k, m_part_inputs);
}

void spinalflow_accelerator::run_pass(std::uint64_t pass)
{
    m_first_column = pass * m_pass_columns;
    m_columns = std::min(m_pass_columns, m_shape.n - m_first_column);
    m_compressor.begin_columns(m_first_column, m_columns);
    set_active_tiles(functional::chunks_of(m_columns, m_pes_of_tile));
    load_filters(0);
    if (!work_left())
        return; // what was fetched may be incomplete: nothing must compute with it
    meet_at(m_array.fill(m_own.merger_latency, m_filters.rows, m_cycle));
    for (std::uint64_t group = 0; group < m_groups && work_left(); ++group)
        run_group(pass, group);
}

void spinalflow_accelerator::run_group(std::uint64_t pass, std::uint64_t group)
{
    wait_for(m_fetched_rows.arrival(), wait_cause::a);
    wait_for(bias(), wait_cause::b);
    if (!work_left())
        return;
    const std::vector<std::uint32_t> rows = m_group;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const functional::span<const std::uint64_t> bitmaps = m_fetched_rows.put_together(m_shape, i);
        m_bitmaps[i].assign(bitmaps.begin(), bitmaps.end());
    }
    if (group + 1 < m_groups || pass + 1 < m_passes)
        fetch_rows((group + 1) % m_groups);
    m_compressor.begin_rows(rows);
    m_neurons.begin_group(rows.size(), m_first_column, m_columns);
    for (std::size_t i = 0; i < rows.size() && work_left(); ++i)
        run_row(i);
    if (work_left())
        wait_for_writes(m_compressor); // of the group before
    if (work_left())
        m_compressor.finish_rows();
}

void spinalflow_accelerator::run_row(std::size_t row)
{
    sort_spikes(row);
    std::uint64_t cycle = m_cycle;
    for (unsigned t = 0; t < m_shape.timesteps; ++t) {
        cycle = m_array.fill(m_fill_of_timestep, m_filters.rows, cycle);
        for (std::uint64_t part = 0; part < m_parts; ++part) {
            if (m_parts > 1) {
                meet_at(cycle);
                load_filters(part);
                if (!work_left())
                    return;
                cycle = m_cycle;
            }
            cycle = m_array.add(spikes_in(t, part), m_filters.rows, cycle);
        }
        cycle = m_array.end_timestep(row, t, m_filters.rows, cycle);
    }
    const std::uint64_t inputs = m_shape.timesteps * m_shape.k;
    m_counters[counter::inputs_skipped] += inputs - m_spikes.size();
    m_counters[counter::sram_read_a_mask] += inputs;
    meet_at(cycle);
}

/// Merged by time: of a timestep in the order of the inputs, which is that of their lists.
void spinalflow_accelerator::sort_spikes(std::size_t row)
{
    const std::size_t words = functional::words_of(m_shape.k);
    m_spikes.clear();
    m_timesteps.assign(1, 0);
    for (unsigned t = 0; t < m_shape.timesteps; ++t) {
        for (std::size_t word = 0; word < words; ++word)
            for (std::uint64_t bits = m_bitmaps[row][t * words + word]; bits != 0; bits &= bits - 1)
                m_spikes.push_back(static_cast<std::uint32_t>(word * 64 + functional::lowest_bit(bits)));
        m_timesteps.push_back(m_spikes.size());
    }
}

functional::span<const std::uint32_t> spinalflow_accelerator::spikes_in(unsigned timestep, std::uint64_t part) const
{
    const std::uint32_t* first = m_spikes.data() + m_timesteps[timestep];
    const std::uint32_t* last = m_spikes.data() + m_timesteps[timestep + 1];
    if (m_parts > 1) {
        first = std::lower_bound(first, last, part * m_part_inputs);
        last = std::lower_bound(first, last, (part + 1) * m_part_inputs);
    }
    return {first, static_cast<std::size_t>(last - first)};
}

void spinalflow_accelerator::fetch_rows(std::uint64_t group)
{
    m_group = functional::rows_from(m_row_order, group * tiles(), tiles());
    m_fetched_rows.fetch(m_ports, m_shape, m_descriptor.input_address, m_group, m_cycle);
}

/// The weights of a part of the inputs and the columns of the pass.
void spinalflow_accelerator::load_filters(std::uint64_t part)
{
    const std::uint64_t first_input = part * m_part_inputs;
    const std::uint64_t inputs = std::min(m_part_inputs, m_shape.k - first_input);
    m_filters.rows.reset(m_columns, first_input, inputs, m_pes_of_tile);
    m_filters.begin(m_cycle);
    const std::uint64_t address = m_descriptor.weight_address + m_first_column * m_shape.k + first_input;
    if (m_parts == 1) {
        m_ports.read(m_ports.shared_port(0), address, m_filters.rows.arriving(), m_columns * inputs, operand::b_weights,
                     m_cycle, m_filters);
    } else {
        for (std::size_t column = 0; column < m_columns; ++column)
            m_ports.read(m_ports.shared_port(0), address + column * m_shape.k,
                         m_filters.rows.arriving() + column * inputs, inputs, operand::b_weights, m_cycle, m_filters);
    }
    wait_for(m_filters, wait_cause::b);
    if (work_left())
        m_filters.rows.complete();
}

/// All PEs are in step.
void spinalflow_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    m_array.collect_tile(tile, counters);
}

void spinalflow_accelerator::collect_rest(observe::counter_set& counters) const
{
    serial_accelerator::collect_rest(counters);
    m_array.collect(counters);
}

} // namespace loas::designs
