#include "compute/output_compressor.h"

#include "functional/bits.h"
#include "functional/spike_words.h"
#include <algorithm>
#include <cstring>

namespace loas::compute
{

using observe::counter;

output_compressor::output_compressor(const sc_core::sc_module_name& name, const compressor_parameters& parameters,
                                     const tlm_blocks::clock& clock, tlm_blocks::event_wheel& wheel, std::size_t tiles)
    : sc_module(name), memory_out("memory_out", wheel, clock, *this), m_parameters(parameters), m_clock(clock),
      m_wheel(wheel), m_tiles(tiles)
{
    spikes_in.register_b_transport(this, &output_compressor::b_transport);
}

void output_compressor::begin_layer(const functional::layer_shape& shape, bool single_spike_mask,
                                    std::uint64_t output_address)
{
    m_shape = shape;
    m_layout = shape.output_layout();
    m_single_spike_mask = single_spike_mask;
    m_output_address = output_address;
    m_windows.clear();
    m_mask.resize(functional::words_of(shape.n));
    m_non_silent.resize(shape.n);
    m_packed.resize(m_layout.slot_bytes);
    m_arrival_cycle = 0;
    m_free_cycle = 0;
    m_packed_cycle = 0;
    m_last_write_cycle = 0;
    m_buffer.resize(m_tiles * (m_shape.currents ? m_shape.n * m_shape.timesteps * 4
                                                : m_layout.mask_stride + 4 + m_layout.slot_bytes));
    m_writes.clear();
    m_fault = {};
    m_counters = {};
}

void output_compressor::begin_rows(const std::vector<std::uint32_t>& rows)
{
    m_rows = rows;
    m_blocks_done = 0;
    if (m_shape.currents)
        m_currents.resize(rows.size() * m_shape.n * m_shape.timesteps);
    else
        m_words.resize(rows.size() * m_shape.n);
}

void output_compressor::b_transport(int tile, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (!access.is_write()) {
        access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    const std::uint64_t entry = static_cast<std::uint64_t>(tile) * m_shape.n + access.get_address();
    if (m_shape.currents)
        std::memcpy(&m_currents[entry * m_shape.timesteps], access.get_data_ptr(), access.get_data_length());
    else
        std::memcpy(&m_words[entry], access.get_data_ptr(), sizeof m_words[entry]);
    m_arrival_cycle = std::max(m_arrival_cycle, m_clock.cycle_at(delay));
    access.set_response_status(tlm::TLM_OK_RESPONSE);
}

std::uint64_t output_compressor::columns_done(std::uint64_t done_columns, std::uint64_t cycle)
{
    // Currents are not packed; a block is one chunk of output columns of all rows of the group. One block collects
    // while the one before is packed, so a full block waits for the compressor to take it.
    if (m_shape.currents || m_parameters.adders == 0)
        return cycle;
    const std::uint64_t full_blocks = done_columns == m_shape.n
                                          ? functional::chunks_of(m_shape.n, m_parameters.chunk_bits)
                                          : done_columns / m_parameters.chunk_bits;
    const std::uint64_t row_cycles = (m_parameters.chunk_bits + m_parameters.adders - 1) / m_parameters.adders;
    for (; m_blocks_done < full_blocks; ++m_blocks_done) {
        cycle = std::max(cycle, m_free_cycle);
        m_free_cycle = std::max(cycle, m_arrival_cycle) + m_rows.size() * row_cycles;
    }
    return cycle;
}

void output_compressor::finish_rows()
{
    m_buffer_used = 0;
    m_writes_done = 0;
    m_refresh_cycles = 0;
    for (std::size_t tile = 0; tile < m_rows.size(); ++tile) {
        if (m_shape.currents)
            write_currents(tile);
        else if (m_shape.pool == 1)
            write_fiber(m_rows[tile], &m_words[tile * m_shape.n]);
        else
            pool_row(tile);
    }
    m_packed_cycle = std::max(m_free_cycle, m_arrival_cycle);
    if (!m_writes.empty())
        m_wheel.at(std::max(m_clock.period_ps() * m_packed_cycle, m_wheel.now_ps()), *this, 0);
}

void output_compressor::pool_row(std::size_t tile)
{
    const std::uint64_t index = functional::window_of(m_shape, m_rows[tile]);
    if (m_windows.empty() || m_windows.back().index != index)
        m_windows.push_back({index, m_shape.pool * m_shape.pool, std::vector<std::uint16_t>(m_shape.n)});
    window& open = m_windows.back();
    const std::uint16_t* row = &m_words[tile * m_shape.n];
    for (std::size_t n = 0; n < m_shape.n; ++n)
        open.words[n] |= row[n];
    if (--open.rows_missing == 0) {
        write_fiber(index, open.words.data());
        m_windows.pop_back();
    }
}

void output_compressor::write_fiber(std::uint64_t pixel, std::uint16_t* words)
{
    std::fill(m_mask.begin(), m_mask.end(), 0);
    std::size_t count = 0;
    for (std::size_t n = 0; n < m_shape.n; ++n) {
        unsigned spikes = functional::popcount(words[n]);
        if (m_single_spike_mask && spikes == 1)
            spikes = 0;
        if (spikes == 0)
            continue;
        m_mask[n / 64] |= std::uint64_t{1} << n % 64;
        m_non_silent[count++] = words[n];
        m_counters[counter::output_spikes] += spikes;
    }
    m_counters[counter::silent_outputs] += m_shape.n - count;

    // Every fiber has its own slot, so rows finish in any order; the pointer says where.
    const auto pointer = static_cast<std::uint32_t>(pixel * m_layout.slot_bytes);
    functional::pack_words(m_non_silent.data(), count, m_shape.timesteps, m_packed.data());
    write(m_output_address + pixel * m_layout.mask_stride, m_mask.data(), m_layout.mask_stride,
          observe::operand::c_mask);
    write(m_output_address + m_layout.pointer_offset + 4 * pixel, &pointer, 4, observe::operand::c_pointers);
    write(m_output_address + m_layout.values_offset + pointer, m_packed.data(),
          functional::packed_bytes(count, m_shape.timesteps), observe::operand::c_words);
}

void output_compressor::write_currents(std::size_t tile)
{
    const std::size_t row_bytes = m_shape.n * m_shape.timesteps * 4;
    write(m_output_address + m_rows[tile] * row_bytes, &m_currents[tile * m_shape.n * m_shape.timesteps], row_bytes,
          observe::operand::currents);
}

void output_compressor::write(std::uint64_t address, const void* data, std::size_t bytes, observe::operand kind)
{
    if (bytes == 0)
        return;
    std::memcpy(m_buffer.data() + m_buffer_used, data, bytes);
    m_writes.push_back({address, m_buffer_used, bytes, kind});
    m_buffer_used += bytes;
    m_counters[counter::sram_write_c] += 8 * bytes;
    m_counters[counter::sram_read_c] += 8 * bytes;
}

void output_compressor::happen(std::uint64_t now_ps, std::uint64_t)
{
    for (const pending_write& each : m_writes)
        memory_out.start(tlm::TLM_WRITE_COMMAND, each.address, m_buffer.data() + each.offset, each.bytes, each.kind,
                         now_ps, 0);
}

void output_compressor::access_finished(const tlm_blocks::access_done& done)
{
    if (!done.ok && !m_fault.happened)
        m_fault = {true, LOAS_STATUS_BUS_ERROR, done.address};
    m_refresh_cycles = std::max(m_refresh_cycles, done.refresh_ps / m_clock.period_ps());
    m_last_write_cycle = std::max(m_last_write_cycle, done.time_ps / m_clock.period_ps());
    if (++m_writes_done == m_writes.size())
        m_writes.clear();
}

} // namespace loas::compute
