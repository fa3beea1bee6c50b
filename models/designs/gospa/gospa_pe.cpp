#include "models/designs/gospa/gospa_pe.h"

#include "models/compute/serial_lif.h"
#include "models/kernel/access_check.h"

#include <algorithm>
#include <cstring>

namespace loas::designs
{

using observe::counter;

gospa_pe::gospa_pe(const sc_core::sc_module_name& name, std::size_t rows, std::size_t inputs,
                   const kernel::clock& clock)
    : sc_module(name), m_clock(clock), m_weights(inputs), m_sums(rows)
{
    work_in.register_b_transport(this, &gospa_pe::b_transport);
}

void gospa_pe::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    const auto operation = static_cast<pe_operation>(access.get_address() >> 56);
    const std::uint64_t rest = access.get_address() & ((std::uint64_t{1} << 56) - 1);
    std::uint8_t* data = access.get_data_ptr();
    const std::size_t bytes = access.get_data_length();
    const bool read = access.is_read();
    access.set_response_status(tlm::TLM_OK_RESPONSE);
    if (operation == pe_operation::weights && !read && bytes <= m_weights.size()) {
        std::memcpy(m_weights.data(), data, bytes);
    } else if (operation == pe_operation::sums && bytes <= m_sums.size() * sizeof m_sums[0]) {
        if (read)
            std::memcpy(data, m_sums.data(), bytes);
        else
            std::memcpy(m_sums.data(), data, bytes);
    } else if (operation == pe_operation::spikes && !read && bytes >= sizeof(matched_spike)) {
        take(reinterpret_cast<const matched_spike*>(data), bytes / sizeof(matched_spike) - 1, delay);
    } else if (operation == pe_operation::neurons && !read) {
        kernel::prepare(m_payload, tlm::TLM_WRITE_COMMAND,
                        compute::address_of_sums(static_cast<unsigned>(rest >> 32), 0, rest & 0xFFFFFFFF, true), data,
                        bytes);
        sums_out->b_transport(m_payload, delay);
    } else {
        access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    }
}

void gospa_pe::take(const matched_spike* spikes, std::size_t count, sc_core::sc_time& delay)
{
    std::uint64_t free = 0; // cycle of the stream in which all before are added
    for (std::size_t i = 0; i < count; ++i) {
        free = std::max<std::uint64_t>(free, spikes[i].cycle) + 1;
        std::int32_t& sum = m_sums[spikes[i].row];
        sum = static_cast<std::int32_t>( // 32-bit adders wrap
            static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(m_weights[spikes[i].weight]));
    }
    free = std::max<std::uint64_t>(free, spikes[count].cycle); // more could come while the stream runs
    m_counters[counter::matches] += count;
    m_counters[counter::busy_cycles] += count;
    m_counters[counter::stall_stream] += free - count;
    m_counters[counter::sram_read_b_weights] += 8 * count;
    delay = m_clock.delay_until(m_clock.cycle_at(delay) + free);
}

} // namespace loas::designs
