// Gamma as the publication counts it: the PEs meet after each tile. gamma_accelerator.h tells the order of work.
#include "models/designs/gamma/gamma_accelerator.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

void gamma_accelerator::run_lockstep()
{
    lockstep& of = m_lockstep;
    of.input_tiles = (m_shape.k + m_parameters.tile_inputs - 1) / m_parameters.tile_inputs;
    of.column_tiles = (m_shape.n + m_parameters.tile_columns - 1) / m_parameters.tile_columns;
    if (of.rows[0].empty())
        for (std::size_t i = 0; i < tiles(); ++i)
            for (unsigned which = 0; which < 2; ++which) {
                of.rows[which].emplace_back(m_ports, i, m_fault, nullptr);
                of.fetched[which].push_back({weight_rows(m_ports, i, m_fault, nullptr), {}});
            }
    of.matches.resize(of.column_tiles * tiles());
    of.sums.resize(m_shape.timesteps * tiles() * m_shape.n);
    of.done_cycles.resize(tiles());

    const std::uint64_t groups = (m_row_order.size() + tiles() - 1) / tiles();
    start_group(0);
    for (std::uint64_t group = 0; group < groups && work_left(); ++group)
        run_group(group);
}

void gamma_accelerator::start_group(std::uint64_t group)
{
    for (std::size_t i = 0, row = group * tiles(); i < tiles() && row < m_row_order.size(); ++i, ++row)
        m_lockstep.rows[group % 2][i].start(m_layer.operands, m_row_order[row], m_cycle);
}

void gamma_accelerator::run_group(std::uint64_t group)
{
    const std::size_t first = group * tiles();
    set_active_tiles(std::min(tiles(), m_row_order.size() - first));
    m_compressor.begin_rows(functional::rows_from(m_row_order, first, tiles()));
    m_neurons.begin_group(active_tiles(), 0, m_shape.n);

    const std::vector<spike_row>& rows = m_lockstep.rows[group % 2];
    for (std::size_t i = 0; i < active_tiles(); ++i) {
        if (!turn_until([&] { return rows[i].ready(); }))
            return;
        wait_for(rows[i].arrival(), wait_cause::a);
        rows[i].count_reads(m_pes[i].counters());
    }
    wait_for(bias(), wait_cause::b);
    if (!work_left())
        return;
    start_group(group + 1);
    std::fill(m_lockstep.sums.begin(), m_lockstep.sums.end(), 0);
    start_tile(rows, 0);
    for (std::uint64_t tile = 0; tile < m_lockstep.input_tiles && work_left(); ++tile)
        run_tile(rows, tile);
    if (!work_left())
        return;

    wait_tiles(m_neurons.done_cycle(), wait_cause::packing, 0); // the neurons still take the sums of the group before
    for (unsigned t = 0; t < m_shape.timesteps; ++t)
        for (std::size_t i = 0; i < active_tiles(); ++i)
            m_pes[i].send_sums({sums_of(i, t), m_shape.n}, t, m_cycle);
    wait_tiles(m_compressor.columns_done(m_shape.n, m_cycle), wait_cause::packing, 0);
    wait_for_writes(m_compressor); // of the group before
    if (work_left())
        m_compressor.finish_rows();
}

/// Starts to fetch the rows of B that the PEs need of a tile of inputs, each row once for all timesteps.
void gamma_accelerator::start_tile(const std::vector<spike_row>& rows, std::uint64_t tile)
{
    const std::uint64_t first = tile * m_parameters.tile_inputs, end = first + m_parameters.tile_inputs;
    for (std::size_t i = 0; i < active_tiles(); ++i) {
        pe_tile& into = m_lockstep.fetched[tile % 2][i];
        into.inputs.clear();
        for (unsigned t = 0; t < m_shape.timesteps; ++t) {
            const std::uint32_t* const last = rows[i].inputs(t) + rows[i].count(t);
            const std::uint32_t* const from = std::lower_bound(rows[i].inputs(t), last, first);
            into.inputs.insert(into.inputs.end(), from, std::lower_bound(from, last, end));
        }
        std::sort(into.inputs.begin(), into.inputs.end());
        into.inputs.erase(std::unique(into.inputs.begin(), into.inputs.end()), into.inputs.end());
        into.rows.start(m_layer.operands, into.inputs.data(), into.inputs.size(), m_cycle);
    }
}

void gamma_accelerator::run_tile(const std::vector<spike_row>& rows, std::uint64_t tile)
{
    std::vector<pe_tile>& fetched = m_lockstep.fetched[tile % 2];
    for (std::size_t i = 0; i < active_tiles(); ++i) {
        if (!turn_until([&] { return fetched[i].rows.ready(); }))
            return;
        wait_for(fetched[i].rows.arrival(), wait_cause::b);
        fetched[i].rows.count_reads(m_pes[i].counters());
    }
    if (tile + 1 < m_lockstep.input_tiles)
        start_tile(rows, tile + 1);
    for (unsigned t = 0; t < m_shape.timesteps && work_left(); ++t) {
        std::fill(m_lockstep.matches.begin(), m_lockstep.matches.end(), 0);
        for (std::size_t i = 0; i < active_tiles(); ++i)
            add_rows(i, rows[i], fetched[i], t);
        for (std::size_t columns = 0; columns < m_lockstep.column_tiles; ++columns) {
            for (std::size_t i = 0; i < active_tiles(); ++i) {
                const std::uint64_t matches = m_lockstep.matches[columns * tiles() + i];
                m_lockstep.done_cycles[i] = m_cycle + matches;
                m_pes[i].counters()[counter::busy_cycles] += matches;
                m_pes[i].counters()[counter::matches] += matches;
            }
            meet(m_lockstep.done_cycles);
        }
    }
}

/// Adds the rows of B that a row of A selects in a timestep.
void gamma_accelerator::add_rows(std::size_t pe, const spike_row& row, pe_tile& tile, unsigned timestep)
{
    std::int32_t* const sums = sums_of(pe, timestep);
    std::uint64_t* const matches = m_lockstep.matches.data() + pe;
    std::int32_t factor = 1;
    const auto add = [&](std::uint32_t column, std::int32_t weight) {
        sums[column] = static_cast<std::int32_t>( // 32-bit adders wrap
            static_cast<std::uint32_t>(sums[column]) + static_cast<std::uint32_t>(factor * weight));
        ++matches[column / m_parameters.tile_columns * tiles()];
    };
    const std::uint32_t* const end = row.inputs(timestep) + row.count(timestep);
    const std::uint32_t* spike = row.inputs(timestep);
    for (std::size_t i = 0; i < tile.inputs.size(); ++i) {
        spike = std::lower_bound(spike, end, tile.inputs[i]);
        if (spike == end || *spike != tile.inputs[i])
            continue;
        factor = row.factors(timestep)[spike - row.inputs(timestep)];
        if (!tile.rows.visit(i, add))
            return;
    }
}

} // namespace loas::designs
