#include "models/designs/dense/dense_accelerator.h"

#include "models/functional/bits.h"
#include "models/kernel/access_check.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;
using observe::operand;

dense_accelerator::dense_accelerator(const sc_core::sc_module_name& name, const dense_parameters& parameters,
                                     kernel::event_wheel& wheel, kernel::links& links)
    : accelerator(name, parameters.base, wheel), m_columns(parameters.columns),
      m_memory("fetch", m_clock, wheel, tiles(), 1, true, m_fault),
      m_rows("row", tiles(),
             [&](const char* row, std::size_t i) { return new dense_row(row, i, parameters.columns, m_clock); }),
      m_row_ports("broadcast_out", tiles()), m_neurons("neurons", parameters.lif_latency, m_clock, tiles()),
      m_compressor("compressor", parameters.compressor, m_clock, wheel, tiles(), m_fault), m_fetched_rows(tiles()),
      m_rows_done(tiles())
{
    add_client(m_memory, m_memory.ports());
    add_client(m_compressor, {&m_compressor.memory_out});
    for (std::size_t i = 0; i < tiles(); ++i) {
        const std::string row = "_" + std::to_string(i);
        links.connect("broadcast_to_row" + row, m_row_ports[i], m_rows[i].broadcast_in);
        links.connect("row_to_neurons" + row, m_rows[i].sums_out, m_neurons.sums_in);
    }
    links.connect("neurons_to_compressor", m_neurons.spikes_out, m_compressor.spikes_in);
}

void dense_accelerator::run_layer(const loas_descriptor& descriptor)
{
    begin_layer(descriptor);
    for (std::uint64_t group = 0; group < m_groups && work_left(); ++group)
        run_group(group);
    if (work_left())
        wait_for_writes(m_compressor);
}

void dense_accelerator::begin_layer(const loas_descriptor& descriptor)
{
    m_descriptor = descriptor;
    m_shape = functional::layer_shape(descriptor);
    m_row_order = functional::row_order(m_shape);
    m_groups = functional::chunks_of(m_row_order.size(), tiles());
    m_column_groups = functional::chunks_of(m_shape.n, m_columns);
    for (dense_row& row : m_rows)
        row.begin_layer(m_shape.k);
    m_neurons.begin_layer(m_shape, functional::neuron_of(descriptor), m_bias);
    m_compressor.begin_layer(m_shape, (descriptor.flags & LOAS_FLAG_SINGLE_SPIKE_MASK) != 0, descriptor.output_address);

    m_bias.assign(m_shape.n, 0);
    m_bias_arrival.begin(m_cycle);
    if (descriptor.bias_address != 0)
        m_memory.read(m_memory.shared_port(0), descriptor.bias_address, m_bias.data(), 4 * m_shape.n, operand::bias,
                      m_cycle, m_bias_arrival);
    fetch_rows(0);
    fetch_weights(0);
}

void dense_accelerator::fetch_rows(std::uint64_t group)
{
    if (group == m_groups)
        return;
    const auto first = m_row_order.begin() + static_cast<std::ptrdiff_t>(group * tiles());
    m_group.assign(first,
                   first + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(tiles()), m_row_order.end() - first));
    m_rows_arrival.begin(m_cycle);
    const std::size_t stride = m_shape.input_layout().mask_stride;
    for (std::size_t i = 0; i < m_group.size(); ++i) {
        fetched_row& row = m_fetched_rows[i];
        functional::gather_runs(m_shape, m_group[i], row.runs);
        std::size_t pixels = 0;
        for (const functional::pixel_run& run : row.runs)
            pixels += run.count;
        row.masks.resize(m_shape.timesteps * pixels * stride / 8);
        std::uint64_t* into = row.masks.data();
        for (unsigned t = 0; t < m_shape.timesteps; ++t)
            for (const functional::pixel_run& run : row.runs) {
                m_memory.read(i, m_descriptor.input_address + (t * m_shape.input_pixels() + run.first_pixel) * stride,
                              into, run.count * stride, operand::a_mask, m_cycle, m_rows_arrival);
                into += run.count * stride / 8;
            }
    }
}

void dense_accelerator::fetch_weights(std::uint64_t position)
{
    if (position == m_groups * m_column_groups)
        return;
    fetched_weights& into = m_weights[position % 2];
    const std::uint64_t first = position % m_column_groups * m_columns;
    into.begin(m_cycle);
    into.block.reset(std::min<std::uint64_t>(m_columns, m_shape.n - first), m_shape.k);
    m_memory.read(m_memory.shared_port(0), m_descriptor.weight_address + first * m_shape.k, into.block.weights(),
                  into.block.columns() * m_shape.k, operand::b_weights, m_cycle, into);
}

void dense_accelerator::run_group(std::uint64_t group)
{
    set_active_tiles(m_group.size());
    wait_for(m_rows_arrival, wait_cause::a);
    wait_for(m_bias_arrival, wait_cause::b);
    if (!work_left())
        return; // what was fetched may be incomplete: nothing must compute with it
    for (std::size_t i = 0; i < m_group.size(); ++i)
        load_row(i);
    m_compressor.begin_rows(m_group);
    m_neurons.begin_group(m_group.size(), 0, m_shape.n);
    fetch_rows(group + 1);
    for (std::uint64_t i = 0; i < m_column_groups && work_left(); ++i)
        run_columns(group * m_column_groups + i);
    if (!work_left())
        return;
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
        for (std::size_t i = 0; i < active_tiles(); ++i) {
            sc_core::sc_time delay = m_clock.delay_until(m_cycle);
            send(i, address_of_step(t, first, weights.block.columns()), weights.block.data(), weights.block.bytes(),
                 delay);
            m_rows_done[i] = m_clock.cycle_at(delay);
        }
        m_counters[counter::sram_read_b_weights] += 8 * weights.block.columns() * m_shape.k; // once for all rows
        meet(m_rows_done);
    }
}

/// The bitmaps of a row of the group, put together from those of its pixels.
void dense_accelerator::load_row(std::size_t row)
{
    const std::size_t words = functional::words_of(m_shape.k);
    const std::size_t pixel_words = m_shape.input_layout().mask_stride / 8;
    m_bitmaps.assign(m_shape.timesteps * words, 0);
    const std::uint64_t* mask = m_fetched_rows[row].masks.data();
    for (unsigned t = 0; t < m_shape.timesteps; ++t)
        for (const functional::pixel_run& run : m_fetched_rows[row].runs)
            for (std::uint32_t pixel = 0; pixel < run.count; ++pixel, mask += pixel_words)
                functional::append_bits(&m_bitmaps[t * words], run.position + pixel * m_shape.in_channels, mask,
                                        m_shape.in_channels);
    sc_core::sc_time delay;
    send(row, address_of_row, m_bitmaps.data(), 8 * m_bitmaps.size(), delay);
}

void dense_accelerator::send(std::size_t row, std::uint64_t address, void* data, std::size_t bytes,
                             sc_core::sc_time& delay)
{
    kernel::prepare(m_payload, tlm::TLM_WRITE_COMMAND, address, data, bytes);
    m_row_ports[row]->b_transport(m_payload, delay);
    if (!m_payload.is_response_ok())
        SC_REPORT_FATAL(name(), "a row refused a packet");
}

void dense_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    m_rows[tile].collect(counters);
}

void dense_accelerator::collect_rest(observe::counter_set& counters) const
{
    m_neurons.collect(counters);
    m_compressor.collect(counters);
}

} // namespace loas::designs
