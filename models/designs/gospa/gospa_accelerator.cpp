#include "models/designs/gospa/gospa_accelerator.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;
using observe::operand;

namespace
{

constexpr unsigned sum_bits = 32;

} // namespace

gospa_accelerator::gospa_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                                     const gospa_parameters& own, kernel::event_wheel& wheel)
    : serial_accelerator(name, parameters, wheel, {parameters.tppe.count, 2, false}), m_parameters(own),
      m_block_entries(parameters.scheduler.prefetch_rows + 1),
      m_spikes(m_ports, m_ports.shared_port(0), m_fault, own.tile_inputs, own.rows, m_block_entries),
      m_columns(m_ports, m_ports.shared_port(0), m_fault, own.tile_inputs, tiles(), 2), m_stream(own, tiles()),
      m_pes("pe", tiles(), [&](const char* pe, std::size_t) { return new gospa_pe(pe, own.rows, own.tile_inputs); }),
      m_row_group(std::min<std::uint64_t>(tiles(), own.rows)),
      m_groups_in_block((own.rows + m_row_group - 1) / m_row_group),
      m_final_sums(std::max<std::size_t>(2, 2 * own.rows / m_row_group)), m_pes_done(tiles())
{
    for (auto* both : {&m_coming, &m_going})
        for (moving_sums& each : *both)
            each.sums.resize(tiles() * own.rows);
    for (moving_sums& each : m_final_sums)
        each.sums.resize(tiles() * m_row_group);
}

void gospa_accelerator::run_layer(const loas_descriptor& descriptor)
{
    begin_layer(descriptor);
    for (std::uint64_t block = 0; block < m_blocks && work_left(); ++block)
        run_block(block);
    if (work_left())
        finish_sums();
}

void gospa_accelerator::begin_layer(const loas_descriptor& descriptor)
{
    begin_units(descriptor);
    m_work_address = descriptor.output_address + m_shape.work_offset();
    m_groups = (m_shape.n + tiles() - 1) / tiles();
    m_row_blocks = (m_row_order.size() + m_parameters.rows - 1) / m_parameters.rows;
    m_visit_blocks = m_shape.timesteps * m_row_blocks;
    m_tile_blocks = m_groups * m_visit_blocks;
    m_blocks = m_tile_blocks * functional::chunks_of(m_shape.k, m_parameters.tile_inputs);
    m_spikes_fetched = 0;
    m_columns_fetched = 0;
    m_final_fetched = 0;
    for (auto* both : {&m_coming, &m_going})
        for (moving_sums& each : *both)
            each.begin(m_cycle);
    for (std::size_t i = 0; i < m_pes.size(); ++i)
        m_pes[i].begin_layer();
    m_spikes.begin_layer(m_shape, m_row_order, descriptor.input_address);
    m_columns.begin_layer(m_shape, descriptor.weight_address);
}

block_place gospa_accelerator::place_of(std::uint64_t block) const
{
    const std::uint64_t of_tile = block % m_tile_blocks, of_visit = block % m_visit_blocks;
    return {block / m_tile_blocks, of_tile / m_visit_blocks, static_cast<unsigned>(of_visit / m_row_blocks),
            of_visit % m_row_blocks};
}

void gospa_accelerator::fetch_spikes(std::uint64_t up_to)
{
    for (; m_spikes_fetched < std::min(up_to, m_blocks); ++m_spikes_fetched)
        m_spikes.start(m_spikes_fetched % m_block_entries, place_of(m_spikes_fetched), m_cycle);
}

void gospa_accelerator::fetch_columns(std::uint64_t up_to)
{
    for (; m_columns_fetched < std::min(up_to, m_blocks / m_visit_blocks); ++m_columns_fetched) {
        const std::uint64_t group = m_columns_fetched % m_groups;
        m_columns.start(m_columns_fetched % 2, m_columns_fetched / m_groups, group * tiles(), columns_of(group),
                        m_cycle);
    }
}

void gospa_accelerator::run_block(std::uint64_t block)
{
    const std::uint64_t visit = block / m_visit_blocks;
    const bool first_of_visit = block % m_visit_blocks == 0;
    if (first_of_visit)
        set_active_tiles(columns_of(visit % m_groups));
    fetch_columns(visit + 1);
    fetch_spikes(block + 1);
    if (first_of_visit)
        wait_for(m_columns.columns(visit % 2), wait_cause::b);
    wait_for(m_spikes.block(block % m_block_entries), wait_cause::a);
    wait_for(m_going[block % 2], wait_cause::partial_sums);
    wait_for(m_coming[block % 2], wait_cause::partial_sums);
    if (!work_left())
        return; // what was fetched may be incomplete: nothing must compute with it
    if (shared().scheduler.prefetch_columns > 0)
        fetch_columns(visit + 2);
    fetch_spikes(block + 1 + std::min<std::uint64_t>(shared().scheduler.prefetch_rows, m_visit_blocks));
    if (first_of_visit)
        load_columns(visit % 2);
    stream(block);
    write_block_sums(block);
    // Not before the sums of the same rows and columns are on their way out.
    read_block_sums(block + std::min<std::uint64_t>(2, m_tile_blocks));
}

void gospa_accelerator::load_columns(std::size_t entry)
{
    const std::size_t columns = m_columns.column_count(entry), words = m_columns.mask_words(entry);
    m_stream.load_masks(m_columns.masks(entry), columns, words);
    m_counters[counter::sram_read_b_mask] += columns * words * 64;
    for (std::size_t pe = 0; pe < columns; ++pe) {
        m_pes[pe].load_weights(m_columns.weights(entry, pe));
    }
}

void gospa_accelerator::stream(std::uint64_t block)
{
    moving_sums& old = m_coming[block % 2];
    if (block < m_tile_blocks)
        std::fill(old.sums.begin(), old.sums.end(), 0);
    const std::uint64_t rows = rows_of_block(place_of(block).row_block);
    const spike_block& spikes = m_spikes.spikes(block % m_block_entries);
    m_stream.pass(spikes);
    for (std::size_t pe = 0; pe < active_tiles(); ++pe) {
        m_pes[pe].load_sums({&old.sums[pe * rows], rows});
        m_pes_done[pe] = m_pes[pe].take(m_stream.matches(pe), m_cycle);
    }
    m_counters[counter::sram_read_a_words] += spikes.inputs.size() * functional::lowest_bit(m_parameters.tile_inputs);
    meet(m_pes_done);
}

void gospa_accelerator::write_block_sums(std::uint64_t block)
{
    const block_place place = place_of(block);
    const std::uint64_t rows = rows_of_block(place.row_block);
    moving_sums& going = m_going[block % 2];
    going.begin(m_cycle);
    for (std::size_t pe = 0; pe < active_tiles(); ++pe) {
        m_pes[pe].read_sums({&going.sums[pe * rows], rows});
        m_ports.write(pe, sums_address(place.group, place.timestep, place.row_block * m_parameters.rows, pe),
                      &going.sums[pe * rows], 4 * rows, operand::partial_sums, m_cycle, going);
    }
    m_counters[counter::partial_sums_written] += rows * active_tiles();
    m_counters[counter::sram_write_partial_sums] += sum_bits * rows * active_tiles();
}

void gospa_accelerator::read_block_sums(std::uint64_t block)
{
    if (block < m_tile_blocks || block >= m_blocks)
        return;
    const block_place place = place_of(block);
    const std::uint64_t rows = rows_of_block(place.row_block), columns = columns_of(place.group);
    moving_sums& coming = m_coming[block % 2];
    coming.begin(m_cycle);
    for (std::size_t pe = 0; pe < columns; ++pe)
        m_ports.read(pe, sums_address(place.group, place.timestep, place.row_block * m_parameters.rows, pe),
                     &coming.sums[pe * rows], 4 * rows, operand::partial_sums, m_cycle, coming);
    m_counters[counter::partial_sums_read] += rows * columns;
    m_counters[counter::sram_read_partial_sums] += sum_bits * rows * columns;
}

gospa_accelerator::final_step gospa_accelerator::step_of(std::uint64_t step) const
{
    const std::uint64_t row_group = step / m_shape.timesteps / m_groups;
    const std::uint64_t row_block = row_group / m_groups_in_block; // only the last one has fewer groups
    const std::uint64_t in_block = row_group % m_groups_in_block * m_row_group;
    return {row_block * m_parameters.rows + in_block, std::min(m_row_group, rows_of_block(row_block) - in_block),
            step / m_shape.timesteps % m_groups, static_cast<unsigned>(step % m_shape.timesteps)};
}

void gospa_accelerator::finish_sums()
{
    const std::uint64_t last_rows = rows_of_block(m_row_blocks - 1);
    const std::uint64_t row_groups =
        (m_row_blocks - 1) * m_groups_in_block + (last_rows + m_row_group - 1) / m_row_group;
    m_final_steps = row_groups * m_groups * m_shape.timesteps;
    read_final_sums(m_final_sums.size());
    wait_for(bias(), wait_cause::b);
    for (std::uint64_t number = 0; number < m_final_steps && work_left(); ++number) {
        moving_sums& sums = m_final_sums[number % m_final_sums.size()];
        const final_step step = step_of(number);
        set_active_tiles(columns_of(step.group));
        wait_for(sums, wait_cause::partial_sums);
        if (!work_left())
            return;
        run_final_step(step, sums);
        read_final_sums(number + 1 + m_final_sums.size());
    }
    if (work_left())
        wait_for_writes(m_compressor);
}

void gospa_accelerator::read_final_sums(std::uint64_t up_to)
{
    for (; m_final_fetched < std::min(up_to, m_final_steps); ++m_final_fetched) {
        const final_step step = step_of(m_final_fetched);
        moving_sums& into = m_final_sums[m_final_fetched % m_final_sums.size()];
        const std::uint64_t columns = columns_of(step.group);
        into.begin(m_cycle);
        for (std::size_t pe = 0; pe < columns; ++pe)
            m_ports.read(pe, sums_address(step.group, step.timestep, step.first_row, pe), &into.sums[pe * step.rows],
                         4 * step.rows, operand::partial_sums, m_cycle, into);
        m_counters[counter::partial_sums_read] += step.rows * columns;
        m_counters[counter::sram_read_partial_sums] += sum_bits * step.rows * columns;
    }
}

void gospa_accelerator::run_final_step(const final_step& step, moving_sums& sums)
{
    if (step.group == 0 && step.timestep == 0) {
        m_compressor.begin_rows(functional::rows_from(m_row_order, step.first_row, step.rows));
        m_neurons.begin_group(step.rows, 0, m_shape.n);
    }
    std::uint64_t taken = m_cycle; // by the lanes
    for (std::size_t pe = 0; pe < active_tiles(); ++pe) {
        const compute::sums_block block{pe, step.timestep, 0, step.group * tiles() + pe, true};
        taken = std::max(taken, m_neurons.take_sums(block, {&sums.sums[pe * step.rows], step.rows}, m_cycle));
    }
    wait_tiles(taken, wait_cause::partial_sums, 0);
    if (step.timestep + 1 < m_shape.timesteps)
        return;
    const std::uint64_t columns_done = step.group * tiles() + active_tiles();
    wait_tiles(m_compressor.columns_done(columns_done, m_cycle), wait_cause::packing, 0);
    if (columns_done < m_shape.n)
        return;
    wait_for_writes(m_compressor); // of the rows before
    if (work_left())
        m_compressor.finish_rows();
}

std::uint64_t gospa_accelerator::columns_of(std::uint64_t group) const
{
    return std::min<std::uint64_t>(tiles(), m_shape.n - group * tiles());
}

std::uint64_t gospa_accelerator::rows_of_block(std::uint64_t row_block) const
{
    return std::min<std::uint64_t>(m_parameters.rows, m_row_order.size() - row_block * m_parameters.rows);
}

std::uint64_t gospa_accelerator::sums_address(std::uint64_t group, unsigned timestep, std::uint64_t row,
                                              std::size_t pe) const
{
    const std::uint64_t rows = m_row_order.size(), in_block = row % m_parameters.rows, block_begin = row - in_block;
    return m_work_address +
           4 * (group * tiles() * m_shape.timesteps * rows + (timestep * rows + block_begin) * columns_of(group) +
                pe * rows_of_block(row / m_parameters.rows) + in_block);
}

void gospa_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    m_pes[tile].collect(counters);
}

} // namespace loas::designs
