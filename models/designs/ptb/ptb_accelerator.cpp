#include "models/designs/ptb/ptb_accelerator.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;
using observe::operand;

ptb_accelerator::ptb_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                                 const ptb_parameters& own, kernel::event_wheel& wheel)
    : serial_accelerator(name, parameters, wheel, {parameters.tppe.count}), m_own(own),
      m_array("array", tiles(), own), m_fetched_rows(tiles()), m_bitmaps(tiles()), m_steps(tiles())
{
    m_array.sums_out.bind(m_neurons);
}

void ptb_accelerator::run_layer(const loas_descriptor& descriptor)
{
    begin_layer(descriptor);
    for (std::uint64_t group = 0; group < m_groups && work_left(); ++group)
        run_group(group);
    if (work_left())
        wait_for_writes(m_compressor);
}

void ptb_accelerator::begin_layer(const loas_descriptor& descriptor)
{
    m_descriptor = descriptor;
    begin_units(descriptor);
    m_array.begin_layer();
    m_groups = functional::chunks_of(m_row_order.size(), tiles());
    m_column_groups = functional::chunks_of(m_shape.n, tiles());
    m_rounds = functional::chunks_of(m_shape.timesteps, m_own.round());
    fetch_rows(0);
    fetch_weights(0);
}

unsigned ptb_accelerator::timesteps_of(std::uint64_t round) const
{
    return std::min(m_own.round(), m_shape.timesteps - static_cast<unsigned>(round) * m_own.round());
}

std::uint64_t ptb_accelerator::columns_of(std::uint64_t position) const
{
    return std::min<std::uint64_t>(tiles(), m_shape.n - position % m_column_groups * tiles());
}

void ptb_accelerator::fetch_rows(std::uint64_t group)
{
    if (group == m_groups)
        return;
    m_group = functional::rows_from(m_row_order, group * tiles(), tiles());
    m_fetched_rows.fetch(m_ports, m_shape, m_descriptor.input_address, m_group, m_cycle);
}

void ptb_accelerator::fetch_weights(std::uint64_t position)
{
    if (position == m_groups * m_column_groups)
        return;
    arriving_weights& into = m_weights[position % 2];
    const std::uint64_t first = position % m_column_groups * tiles(), columns = columns_of(position);
    into.rows.reset(columns, 0, m_shape.k, 1);
    into.begin(m_cycle);
    m_ports.read(m_ports.shared_port(0), m_descriptor.weight_address + first * m_shape.k, into.rows.arriving(),
                 columns * m_shape.k, operand::b_weights, m_cycle, into);
}

void ptb_accelerator::run_group(std::uint64_t group)
{
    const std::vector<std::uint32_t> pixels = m_group;
    set_active_tiles(m_own.dense ? pixels.size() : columns_of(0));
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
    if (!m_own.dense)
        plan_steps(pixels.size());
    m_compressor.begin_rows(pixels);
    m_neurons.begin_group(pixels.size(), 0, m_shape.n);
    for (std::uint64_t i = 0; i < m_column_groups && work_left(); ++i)
        run_columns(group * m_column_groups + i, pixels.size());
    if (work_left())
        wait_for_writes(m_compressor); // of the group before
    if (work_left())
        m_compressor.finish_rows();
}

/// They are the same for all columns.
void ptb_accelerator::plan_steps(std::size_t pixels)
{
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
        m_steps[pixel].resize(m_rounds);
        for (std::uint64_t round = 0; round < m_rounds; ++round) {
            find_lines(m_bitmaps[pixel], m_shape.k, static_cast<unsigned>(round) * m_own.round(), timesteps_of(round),
                       m_lines);
            pair_lines(m_lines, m_own, m_steps[pixel][round]);
        }
    }
}

void ptb_accelerator::run_columns(std::uint64_t position, std::size_t pixels)
{
    arriving_weights& weights = m_weights[position % 2];
    if (!m_own.dense)
        set_active_tiles(columns_of(position));
    wait_for(weights, wait_cause::b);
    if (!work_left())
        return;
    fetch_weights(position + 1);
    if (m_own.dense) {
        run_folds(position, pixels);
        return;
    }
    weights.rows.complete();
    meet_at(m_array.fill(tiles() + m_own.columns - 2, weights.rows.tiles(), m_cycle));
    for (std::size_t pixel = 0; pixel < pixels && work_left(); ++pixel)
        run_pixel(pixel, position % m_column_groups * tiles(), weights.rows);
}

void ptb_accelerator::run_pixel(std::size_t pixel, std::size_t first_column, const dense_weights& weights)
{
    std::uint64_t cycle = m_cycle;
    for (std::uint64_t round = 0; round < m_rounds; ++round) {
        const std::uint64_t lines_before = m_array.lines();
        cycle = m_array.take(m_steps[pixel][round], weights, cycle);
        m_counters[counter::inputs_skipped] += m_shape.k - (m_array.lines() - lines_before);
        cycle = m_array.end_round(pixel, first_column, static_cast<unsigned>(round) * m_own.round(),
                                  timesteps_of(round), weights, cycle);
    }
    meet_at(cycle);
}

/// A fold for each column and round.
void ptb_accelerator::run_folds(std::uint64_t position, std::size_t pixels)
{
    const std::uint64_t first = position % m_column_groups * tiles(), columns = columns_of(position);
    const std::int8_t* weights = m_weights[position % 2].rows.arriving();
    const bool last_columns = position + 1 == m_groups * m_column_groups;
    for (std::uint64_t column = 0; column < columns && work_left(); ++column, weights += m_shape.k) {
        std::uint64_t cycle = m_cycle;
        for (std::uint64_t round = 0; round < m_rounds; ++round) {
            cycle = m_array.fold(m_bitmaps, pixels, {weights, m_shape.k}, first + column,
                                 static_cast<unsigned>(round) * m_own.round(), timesteps_of(round), cycle);
            const bool last = last_columns && column + 1 == columns && round + 1 == m_rounds;
            cycle = m_array.fill(tiles() - 1 - (last && tiles() > 1), pixels, cycle);
        }
        meet_at(cycle);
    }
}

/// All PEs are in step.
void ptb_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    m_array.collect_tile(tile, counters);
}

void ptb_accelerator::collect_rest(observe::counter_set& counters) const
{
    serial_accelerator::collect_rest(counters);
    m_array.collect(counters);
}

} // namespace loas::designs
