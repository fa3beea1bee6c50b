#include "models/designs/sparten/sparten_pe.h"

#include "models/functional/bits.h"
#include "models/kernel/access_check.h"

#include <algorithm>
#include <cstring>

namespace loas::designs
{

using observe::counter;

sparten_pe::sparten_pe(const sc_core::sc_module_name& name, const sparten_pe_parameters& parameters,
                       const kernel::clock& clock)
    : sc_module(name), m_parameters(parameters), m_clock(clock), m_chunk_words(parameters.chunk_bits / 64),
      m_weights(parameters.chunk_bits), m_sums(functional::chunks_of(parameters.rows, rows_of_word) * rows_of_word)
{
    chunks_in.register_b_transport(this, &sparten_pe::b_transport);
}

void sparten_pe::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (!access.is_write()) {
        access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    access.set_response_status(tlm::TLM_OK_RESPONSE);
    const unsigned char* data = access.get_data_ptr();
    switch (static_cast<operation>(access.get_address() >> 56)) {
    case operation::column:
        load(data);
        return;
    case operation::first_join:
        std::fill(m_sums.begin(), m_sums.end(), 0);
        [[fallthrough]];
    case operation::join:
        join(reinterpret_cast<const std::uint32_t*>(data), access.get_address() & 0xFFFFFFFF, delay);
        return;
    case operation::drain: {
        drain order{};
        std::memcpy(&order, data, sizeof order);
        kernel::prepare(m_payload, tlm::TLM_WRITE_COMMAND, order.to, m_sums.data(), order.rows * sizeof m_sums[0]);
        sums_out->b_transport(m_payload, delay);
        return;
    }
    }
    access.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

void sparten_pe::load(const unsigned char* data)
{
    const auto* weight = reinterpret_cast<const std::int8_t*>(data + m_chunk_words * 8);
    chunk_weight* to = m_weights.data();
    for (std::size_t word = 0; word < m_chunk_words; ++word) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, data + word * 8, sizeof bits);
        for (; bits != 0; bits &= bits - 1)
            *to++ = {static_cast<std::uint32_t>(word * 64 + functional::lowest_bit(bits)), *weight++};
    }
    m_weight_count = static_cast<std::size_t>(to - m_weights.data());
    m_counters[counter::sram_read_b_mask] += m_parameters.chunk_bits;
}

void sparten_pe::join(const std::uint32_t* spikes, std::size_t count, sc_core::sc_time& delay)
{
    std::uint64_t matches = 0, empty = count;
    for (std::size_t row = 0; row < count; row += rows_of_word, spikes += m_parameters.chunk_bits) {
        std::uint32_t matched = 0;
        matches += join_rows(m_weights.data(), m_weight_count, spikes, &m_sums[row], matched);
        empty -= functional::popcount(matched);
    }
    const std::uint64_t prefix = m_parameters.fast_latency - 1;
    const std::uint64_t for_nothing = empty * m_parameters.empty_join_cycles;
    m_counters[counter::joins] += count;
    m_counters[counter::empty_joins] += empty;
    m_counters[counter::matches] += matches;
    m_counters[counter::busy_cycles] += matches;
    m_counters[counter::stall_empty_join] += for_nothing;
    m_counters[counter::stall_prefix] += prefix;
    m_counters[counter::sram_read_b_weights] += 8 * matches;
    delay = m_clock.delay_until(m_clock.cycle_at(delay) + prefix + for_nothing + matches);
}

} // namespace loas::designs
