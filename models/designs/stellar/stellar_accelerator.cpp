#include "models/designs/stellar/stellar_accelerator.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

stellar_accelerator::stellar_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                                         const stellar_parameters& own, kernel::event_wheel& wheel)
    : pixel_groups(name, parameters, wheel, parameters.tppe.count / own.pixels, own.timesteps), m_own(own),
      m_array("array", tiles(), own), m_steps(tiles() / own.pixels)
{
    if (tiles() % own.pixels != 0)
        SC_REPORT_FATAL(this->name(), "PEs that are left over");
    m_array.sums_out.bind(m_neurons);
}

std::size_t stellar_accelerator::tiles_with_work(std::size_t pixels, std::size_t columns) const
{
    return std::min<std::size_t>(pixels, m_own.pixels) * columns;
}

quad_round stellar_accelerator::round_of(std::size_t quad, std::uint64_t round, std::size_t pixels) const
{
    const std::size_t first = quad * m_own.pixels;
    return {first, std::min<std::size_t>(m_own.pixels, pixels - first), m_shape.k, first_timestep(round),
            timesteps_of(round)};
}

/// The steps are the same for all columns.
void stellar_accelerator::plan(std::size_t pixels)
{
    for (std::size_t quad = 0; quad < functional::chunks_of(pixels, m_own.pixels); ++quad) {
        m_steps[quad].resize(rounds());
        for (std::uint64_t round = 0; round < rounds(); ++round)
            find_steps(m_bitmaps, round_of(quad, round, pixels), m_own.dense, m_steps[quad][round]);
    }
}

void stellar_accelerator::run(const work& of)
{
    of.weights.complete();
    if (!m_own.dense)
        meet_at(m_array.fill(fill_cycles(), active_tiles(), m_cycle));
    for (std::size_t quad = 0; quad < functional::chunks_of(of.pixels, m_own.pixels) && work_left(); ++quad)
        run_quad(quad, of);
}

void stellar_accelerator::run_quad(std::size_t quad, const work& of)
{
    const std::size_t columns = of.weights.columns();
    std::uint64_t cycle = m_cycle;
    for (std::uint64_t round = 0; round < rounds(); ++round) {
        const quad_round at = round_of(quad, round, of.pixels);
        const quad_steps& steps = m_steps[quad][round];
        set_active_tiles(at.pixels * columns);
        cycle = m_array.take(steps, at.pixels, of.weights, cycle);
        m_counters[counter::inputs_skipped] += m_shape.k - steps.inputs.size();
        cycle = m_array.end_round(at, of.first_column, columns, cycle);
        const bool last = of.last && at.first_pixel + at.pixels == of.pixels && round + 1 == rounds();
        if (m_own.dense)
            cycle = m_array.fill(fill_cycles() - (last && fill_cycles() > 0), active_tiles(), cycle);
    }
    meet_at(cycle);
}

/// All PEs are in step.
void stellar_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    m_array.collect_tile(tile, counters);
}

void stellar_accelerator::collect_rest(observe::counter_set& counters) const
{
    serial_accelerator::collect_rest(counters);
    m_array.collect(counters);
}

} // namespace loas::designs
