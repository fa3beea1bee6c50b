#include "models/designs/ptb/ptb_accelerator.h"

namespace loas::designs
{

using observe::counter;

ptb_accelerator::ptb_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                                 const ptb_parameters& own, kernel::event_wheel& wheel)
    : pixel_groups(name, parameters, wheel, parameters.tppe.count, own.round()), m_own(own),
      m_array("array", tiles(), own), m_steps(tiles())
{
    m_array.sums_out.bind(m_neurons);
}

/// The steps are the same for all columns.
void ptb_accelerator::plan(std::size_t pixels)
{
    for (std::size_t pixel = 0; pixel < pixels && !m_own.dense; ++pixel) {
        m_steps[pixel].resize(rounds());
        for (std::uint64_t round = 0; round < rounds(); ++round) {
            find_lines(m_bitmaps[pixel], m_shape.k, first_timestep(round), timesteps_of(round), m_lines);
            pair_lines(m_lines, m_own, m_steps[pixel][round]);
        }
    }
}

void ptb_accelerator::run(const work& of)
{
    if (m_own.dense) {
        run_folds(of);
        return;
    }
    of.weights.complete();
    meet_at(m_array.fill(tiles() + m_own.columns - 2, of.weights.tiles(), m_cycle));
    for (std::size_t pixel = 0; pixel < of.pixels && work_left(); ++pixel)
        run_pixel(pixel, of);
}

void ptb_accelerator::run_pixel(std::size_t pixel, const work& of)
{
    std::uint64_t cycle = m_cycle;
    for (std::uint64_t round = 0; round < rounds(); ++round) {
        const std::uint64_t lines_before = m_array.lines();
        cycle = m_array.take(m_steps[pixel][round], of.weights, cycle);
        m_counters[counter::inputs_skipped] += m_shape.k - (m_array.lines() - lines_before);
        cycle =
            m_array.end_round(pixel, of.first_column, first_timestep(round), timesteps_of(round), of.weights, cycle);
    }
    meet_at(cycle);
}

/// A fold for each column and round.
void ptb_accelerator::run_folds(const work& of)
{
    const std::size_t columns = of.weights.columns();
    const std::int8_t* weights = of.weights.arriving();
    for (std::uint64_t column = 0; column < columns && work_left(); ++column, weights += m_shape.k) {
        std::uint64_t cycle = m_cycle;
        for (std::uint64_t round = 0; round < rounds(); ++round) {
            cycle = m_array.fold(m_bitmaps, of.pixels, {weights, m_shape.k}, of.first_column + column,
                                 first_timestep(round), timesteps_of(round), cycle);
            const bool last = of.last && column + 1 == columns && round + 1 == rounds();
            cycle = m_array.fill(tiles() - 1 - (last && tiles() > 1), of.pixels, cycle);
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
