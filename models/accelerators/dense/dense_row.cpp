#include "dense/dense_row.h"

#include "compute/serial_lif.h"
#include "functional/bits.h"
#include "tlm/access_check.h"

#include <algorithm>
#include <cstring>

namespace loas::accelerators
{

using functional::words_of;
using observe::counter;

std::size_t weight_block::mask_words() const
{
    return (1 + m_columns) * words_of(m_inputs);
}

void weight_block::reset(std::size_t columns, std::size_t inputs)
{
    m_columns = columns;
    m_inputs = inputs;
    m_words.resize(mask_words() + words_of(8 * columns * inputs));
}

void weight_block::complete()
{
    std::fill_n(m_words.begin(), mask_words(), 0);
    std::uint64_t* any = m_words.data();
    std::uint64_t* mask = any;
    const std::int8_t* weight = weights();
    for (std::size_t column = 0; column < m_columns; ++column) {
        mask += words_of(m_inputs);
        for (std::size_t k = 0; k < m_inputs; ++k)
            mask[k / 64] |= std::uint64_t{*weight++ != 0} << k % 64;
        for (std::size_t word = 0; word < words_of(m_inputs); ++word)
            any[word] |= mask[word];
    }
}

weight_block::view weight_block::parse(const unsigned char* data, std::size_t columns, std::size_t words)
{
    const auto* any = reinterpret_cast<const std::uint64_t*>(data);
    return {any, any + words, reinterpret_cast<const std::int8_t*>(any + (1 + columns) * words)};
}

dense_row::dense_row(const sc_core::sc_module_name& name, std::uint64_t row, std::size_t columns,
                     const tlm_blocks::clock& clock)
    : sc_module(name), m_row(row), m_clock(clock), m_sums(columns)
{
    broadcast_in.register_b_transport(this, &dense_row::b_transport);
}

void dense_row::begin_layer(std::uint64_t inputs)
{
    m_inputs = inputs;
    m_counters = {};
}

void dense_row::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (!access.is_write()) {
        access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    access.set_response_status(tlm::TLM_OK_RESPONSE);
    const std::uint64_t address = access.get_address();
    if (address == address_of_row) {
        m_spikes.resize(access.get_data_length() / 8);
        std::memcpy(m_spikes.data(), access.get_data_ptr(), access.get_data_length());
        return;
    }
    const auto timestep = static_cast<unsigned>(address >> 48 & 0xFF);
    const std::size_t columns = address >> 24 & 0xFFFFFF;
    const std::size_t words = words_of(m_inputs);
    add(&m_spikes[timestep * words], weight_block::parse(access.get_data_ptr(), columns, words), columns);

    const std::uint64_t done = m_clock.cycle_at(delay) + m_inputs;
    delay = m_clock.delay_until(done);
    tlm_blocks::prepare(m_payload, tlm::TLM_WRITE_COMMAND,
                        compute::address_of_sums(timestep, m_row, address & 0xFFFFFF, false), m_sums.data(),
                        columns * sizeof m_sums[0]);
    sums_out->b_transport(m_payload, delay);
    m_counters[counter::stall_packing] += m_clock.cycle_at(delay) - done;
}

void dense_row::add(const std::uint64_t* spikes, const weight_block::view& block, std::size_t columns)
{
    std::fill(m_sums.begin(), m_sums.end(), 0);
    std::uint64_t busy = 0, matches = 0;
    const std::size_t words = words_of(m_inputs);
    for (std::size_t word = 0; word < words; ++word) {
        const std::uint64_t added = spikes[word] & block.any[word];
        if (added == 0)
            continue;
        busy += functional::popcount(added);
        for (std::size_t column = 0; column < columns; ++column) {
            const std::int8_t* weights = block.weights + column * m_inputs + word * 64;
            std::uint64_t bits = added & block.masks[column * words + word];
            matches += functional::popcount(bits);
            for (; bits != 0; bits &= bits - 1)
                m_sums[column] += weights[functional::lowest_bit(bits)];
        }
    }
    m_counters[counter::matches] += matches;
    m_counters[counter::busy_cycles] += busy;
    m_counters[counter::stall_zero_operand] += m_inputs - busy;
    m_counters[counter::sram_read_a_mask] += m_inputs;
}

} // namespace loas::accelerators
