#include "models/designs/gospa/gospa_accelerator.h"

#include "models/functional/bits.h"
#include "models/kernel/access_check.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;
using observe::operand;

namespace
{

constexpr unsigned sum_bits = 32;

} // namespace

gospa_accelerator::gospa_accelerator(const sc_core::sc_module_name& name, const gospa_parameters& parameters,
                                     kernel::event_wheel& wheel, kernel::links& links)
    : accelerator(name, parameters.base, wheel), m_parameters(parameters),
      m_ports("ports", m_clock, wheel, tiles(), 2, false, m_fault), m_block_entries(parameters.prefetch_rows + 1),
      m_spikes(m_ports, m_ports.shared_port(0), m_fault, parameters.tile_inputs, parameters.rows, m_block_entries),
      m_columns(m_ports, m_ports.shared_port(0), m_fault, parameters.tile_inputs, tiles(), 2),
      m_stream(parameters.stream, tiles(), parameters.tile_inputs),
      m_lif("neurons", parameters.plif_latency, m_clock, tiles()),
      m_compressor("compressor", parameters.compressor, m_clock, wheel, tiles(), m_fault),
      m_pes("pe", tiles(),
            [&](const char* pe, std::size_t) {
                return new gospa_pe(pe, parameters.rows, parameters.tile_inputs, m_clock);
            }),
      m_pe_ports("pe_out", tiles()), m_row_group(std::min<std::uint64_t>(tiles(), parameters.rows)),
      m_groups_in_block((parameters.rows + m_row_group - 1) / m_row_group),
      m_final_sums(std::max<std::size_t>(2, 2 * parameters.rows / m_row_group)), m_pes_done(tiles())
{
    add_client(m_ports, m_ports.ports());
    add_client(m_compressor, {&m_compressor.memory_out});
    for (std::size_t i = 0; i < tiles(); ++i) {
        const std::string pe = "_" + std::to_string(i);
        links.connect("scheduler_to_pe" + pe, m_pe_ports[i], m_pes[i].work_in);
        links.connect("pe_to_neurons" + pe, m_pes[i].sums_out, m_lif.sums_in);
    }
    links.connect("neurons_to_compressor", m_lif.spikes_out, m_compressor.spikes_in);
    for (auto* both : {&m_coming, &m_going})
        for (moving_sums& each : *both)
            each.sums.resize(tiles() * parameters.rows);
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
    m_shape = functional::layer_shape(descriptor);
    m_rows = functional::row_order(m_shape);
    m_work_address = descriptor.output_address + m_shape.work_offset();
    m_groups = (m_shape.n + tiles() - 1) / tiles();
    m_row_blocks = (m_rows.size() + m_parameters.rows - 1) / m_parameters.rows;
    m_visit_blocks = m_shape.timesteps * m_row_blocks;
    m_tile_blocks = m_groups * m_visit_blocks;
    m_blocks = m_tile_blocks * functional::chunks_of(m_shape.k, m_parameters.tile_inputs);
    m_spikes_fetched = 0;
    m_columns_fetched = 0;
    m_final_fetched = 0;
    for (auto* both : {&m_coming, &m_going})
        for (moving_sums& each : *both)
            each.begin(m_cycle);
    for (gospa_pe& each : m_pes)
        each.begin_layer();
    m_spikes.begin_layer(m_shape, m_rows, descriptor.input_address);
    m_columns.begin_layer(m_shape, descriptor.weight_address);
    m_lif.begin_layer(m_shape, functional::neuron_of(descriptor), m_bias);
    m_compressor.begin_layer(m_shape, (descriptor.flags & LOAS_FLAG_SINGLE_SPIKE_MASK) != 0, descriptor.output_address);
    m_bias.assign(m_shape.n, 0);
    m_bias_arrival.begin(m_cycle);
    if (descriptor.bias_address != 0)
        m_ports.read(m_ports.shared_port(0), descriptor.bias_address, m_bias.data(), 4 * m_shape.n, operand::bias,
                     m_cycle, m_bias_arrival);
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
    if (m_parameters.prefetch_columns)
        fetch_columns(visit + 2);
    fetch_spikes(block + 1 + std::min<std::uint64_t>(m_parameters.prefetch_rows, m_visit_blocks));
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
        sc_core::sc_time delay;
        if (m_columns.weight_count(entry, pe) > 0)
            send(tlm::TLM_WRITE_COMMAND, pe, address_of(pe_operation::weights), m_columns.weights(entry, pe),
                 m_columns.weight_count(entry, pe), delay);
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
        sc_core::sc_time delay = m_clock.delay_until(m_cycle);
        send(tlm::TLM_WRITE_COMMAND, pe, address_of(pe_operation::sums), &old.sums[pe * rows], 4 * rows, delay);
        const spike_stream::matches_of_pe matches = m_stream.matches(pe);
        send(tlm::TLM_WRITE_COMMAND, pe, address_of(pe_operation::spikes), matches.first,
             matches.count * sizeof(matched_spike), delay);
        m_pes_done[pe] = m_clock.cycle_at(delay);
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
        sc_core::sc_time delay;
        send(tlm::TLM_READ_COMMAND, pe, address_of(pe_operation::sums), &going.sums[pe * rows], 4 * rows, delay);
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
    wait_for(m_bias_arrival, wait_cause::b);
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
        const auto first = m_rows.begin() + static_cast<std::ptrdiff_t>(step.first_row);
        m_compressor.begin_rows(std::vector<std::uint32_t>(first, first + static_cast<std::ptrdiff_t>(step.rows)));
        m_lif.begin_group(step.rows, 0, m_shape.n);
    }
    std::uint64_t taken = m_cycle; // by the lanes
    for (std::size_t pe = 0; pe < active_tiles(); ++pe) {
        sc_core::sc_time delay = m_clock.delay_until(m_cycle);
        send(tlm::TLM_WRITE_COMMAND, pe,
             address_of(pe_operation::neurons, neurons_of(step.timestep, step.group * tiles() + pe)),
             &sums.sums[pe * step.rows], 4 * step.rows, delay);
        taken = std::max(taken, m_clock.cycle_at(delay));
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
    return std::min<std::uint64_t>(m_parameters.rows, m_rows.size() - row_block * m_parameters.rows);
}

std::uint64_t gospa_accelerator::sums_address(std::uint64_t group, unsigned timestep, std::uint64_t row,
                                              std::size_t pe) const
{
    const std::uint64_t rows = m_rows.size(), in_block = row % m_parameters.rows, block_begin = row - in_block;
    return m_work_address +
           4 * (group * tiles() * m_shape.timesteps * rows + (timestep * rows + block_begin) * columns_of(group) +
                pe * rows_of_block(row / m_parameters.rows) + in_block);
}

void gospa_accelerator::send(tlm::tlm_command command, std::size_t pe, std::uint64_t address, void* data,
                             std::size_t bytes, sc_core::sc_time& delay)
{
    kernel::prepare(m_payload, command, address, data, bytes);
    m_pe_ports[pe]->b_transport(m_payload, delay);
    if (!m_payload.is_response_ok())
        SC_REPORT_FATAL(name(), "a PE refused a packet");
}

void gospa_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    m_pes[tile].collect(counters);
}

void gospa_accelerator::collect_rest(observe::counter_set& counters) const
{
    m_lif.collect(counters);
    m_compressor.collect(counters);
}

} // namespace loas::designs
