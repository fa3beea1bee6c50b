#include "loas_accelerator/fiber_fetch.h"

#include "functional/bits.h"
#include "functional/spike_words.h"
#include "tlm/access_check.h"

#include <algorithm>

namespace loas::accelerators
{

using functional::low_bits;
using functional::popcount;
using observe::counter;

fiber_fetch::fiber_fetch(const sc_core::sc_module_name& name, unsigned chunk_bits, const tlm_blocks::clock& clock)
    : sc_module(name), m_chunk_words(chunk_bits / 64), m_clock(clock)
{
}

void fiber_fetch::begin_layer(const functional::layer_shape& shape, std::uint64_t input_address,
                              std::uint64_t weight_address)
{
    m_shape = shape;
    m_input = shape.input_layout();
    m_weights = shape.weight_layout();
    m_input_address = input_address;
    m_weight_address = weight_address;
    m_mask_words = functional::chunks_of(functional::words_of(shape.k), m_chunk_words) * m_chunk_words;
    m_pixel_masks.resize(m_input.mask_stride / 8 * shape.kernel_w);
    m_pixel_pointers.resize(shape.kernel_w);
    m_packed.resize(m_input.slot_bytes);
    m_words.resize(shape.k);
    m_fault = {};
    m_counters = {};
}

std::uint64_t fiber_fetch::fetch_row(std::uint32_t row, std::uint64_t cycle, compute::fiber_packet& packet)
{
    packet.reset(row, m_mask_words);
    m_word_count = 0;
    const std::int64_t top = static_cast<std::int64_t>(row / m_shape.out_width * m_shape.stride_h) - m_shape.pad_h;
    const std::int64_t left = static_cast<std::int64_t>(row % m_shape.out_width * m_shape.stride_w) - m_shape.pad_w;
    // Pixels of one kernel row lie next to each other in memory; those in the padding are zero bits and not read.
    const std::int64_t from = std::max<std::int64_t>(left, 0);
    const std::int64_t to = std::min<std::int64_t>(left + m_shape.kernel_w, m_shape.in_width);
    std::uint64_t done = cycle;
    for (unsigned kh = 0; kh < m_shape.kernel_h && from < to; ++kh) {
        const std::int64_t y = top + kh;
        if (y < 0 || y >= m_shape.in_height)
            continue;
        const std::uint64_t position =
            (std::uint64_t{kh} * m_shape.kernel_w + static_cast<std::uint64_t>(from - left)) * m_shape.in_channels;
        done = std::max(done, fetch_pixels(static_cast<std::uint64_t>(y * m_shape.in_width + from),
                                           static_cast<std::uint64_t>(to - from), position, cycle, packet));
    }
    std::copy_n(m_words.data(), m_word_count,
                static_cast<std::uint16_t*>(packet.allocate_values(m_word_count, sizeof(std::uint16_t))));
    return done;
}

std::uint64_t fiber_fetch::fetch_pixels(std::uint64_t first_pixel, std::uint64_t count, std::uint64_t position,
                                        std::uint64_t cycle, compute::fiber_packet& packet)
{
    const std::size_t stride_words = m_input.mask_stride / 8;
    const std::uint64_t found =
        std::max(read(m_input_address + first_pixel * m_input.mask_stride, m_pixel_masks.data(),
                      count * m_input.mask_stride, cycle, counter::dram_read_a_mask, counter::sram_write_a_mask),
                 read(m_input_address + m_input.pointer_offset + 4 * first_pixel, m_pixel_pointers.data(), 4 * count,
                      cycle, counter::dram_read_a_pointers, counter::sram_write_a_pointers));
    std::uint64_t done = found;
    for (std::uint64_t i = 0; i < count && !m_fault.happened; ++i, position += m_shape.in_channels) {
        std::uint64_t* mask = m_pixel_masks.data() + i * stride_words;
        mask[(m_shape.in_channels - 1) / 64] &= low_bits((m_shape.in_channels - 1) % 64 + 1); // the rest is not ours
        functional::append_bits(packet.mask(), position, mask, m_shape.in_channels);
        const std::size_t words = popcount(mask, functional::words_of(m_shape.in_channels));
        const std::size_t bytes = functional::packed_bytes(words, m_shape.timesteps);
        const std::uint64_t address = m_input_address + m_input.values_offset + m_pixel_pointers[i];
        if (m_pixel_pointers[i] + bytes > m_input.total_bytes - m_input.values_offset) {
            fail(LOAS_STATUS_BAD_TENSOR, m_input_address + m_input.pointer_offset + 4 * (first_pixel + i));
            break;
        }
        done = std::max(done, read(address, m_packed.data(), bytes, found, counter::dram_read_a_words,
                                   counter::sram_write_a_words));
        functional::unpack_words(m_packed.data(), words, m_shape.timesteps, m_words.data() + m_word_count);
        m_word_count += words;
    }
    return done;
}

std::uint64_t fiber_fetch::fetch_column(std::uint32_t column, std::uint64_t cycle, compute::fiber_packet& packet)
{
    packet.reset(column, m_mask_words);
    std::uint32_t pointer = 0;
    const std::uint64_t pointer_address = m_weight_address + m_weights.pointer_offset + 4 * std::uint64_t{column};
    const std::uint64_t found = std::max(
        read(m_weight_address + column * m_weights.mask_stride, packet.mask(), m_weights.mask_stride, cycle,
             counter::dram_read_b_mask, counter::sram_write_b_mask),
        read(pointer_address, &pointer, 4, cycle, counter::dram_read_b_pointers, counter::sram_write_b_pointers));
    packet.mask()[(m_shape.k - 1) / 64] &= low_bits((m_shape.k - 1) % 64 + 1);
    const std::size_t weights = popcount(packet.mask(), m_mask_words);
    if (pointer + weights > m_weights.total_bytes - m_weights.values_offset) {
        fail(LOAS_STATUS_BAD_TENSOR, pointer_address);
        packet.reset(column, m_mask_words); // no mask without its values
        return found;
    }
    return read(m_weight_address + m_weights.values_offset + pointer, packet.allocate_values(weights, 1), weights,
                found, counter::dram_read_b_weights, counter::sram_write_b_weights);
}

std::uint64_t fiber_fetch::fetch_bias(std::uint64_t address, std::uint64_t cycle, std::vector<std::int32_t>& bias)
{
    bias.assign(m_shape.n, 0);
    if (address == 0)
        return cycle;
    return read(address, bias.data(), 4 * m_shape.n, cycle, counter::dram_read_bias, counter::sram_write_bias);
}

std::uint64_t fiber_fetch::read(std::uint64_t address, void* data, std::size_t bytes, std::uint64_t cycle,
                                counter dram_kind, counter sram_kind)
{
    if (bytes == 0 || m_fault.happened)
        return cycle;
    tlm_blocks::prepare(m_payload, tlm::TLM_READ_COMMAND, address, data, bytes);
    sc_core::sc_time delay = m_clock.delay_until(cycle);
    memory_out->b_transport(m_payload, delay);
    if (!m_payload.is_response_ok()) {
        fail(LOAS_STATUS_BUS_ERROR, address);
        return cycle;
    }
    m_counters[dram_kind] += bytes;
    m_counters[sram_kind] += 8 * bytes;
    return m_clock.cycle_at(delay);
}

void fiber_fetch::fail(loas_status status, std::uint64_t address)
{
    if (!m_fault.happened)
        m_fault = {true, status, address};
}

} // namespace loas::accelerators
