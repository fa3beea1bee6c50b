// The checks that every target makes before it acts, in one order: command, address range without wrap, byte enables,
// streaming width, size and alignment, rights.
#pragma once

#include <cstdint>
#include <tlm>

namespace loas::kernel
{

struct access_rules {
    std::uint64_t size_bytes;      ///< accesses lie within [0, size_bytes)
    std::uint32_t exact_bytes = 0; ///< 0: any length; else only this length, aligned to it
};

/// TLM_OK_RESPONSE if the access may go on, else the response to give. A length of 0 is a burst error.
tlm::tlm_response_status check_access(const tlm::tlm_generic_payload& access, const access_rules& rules);

/// Fills a payload that its owner uses again and again: everything a transaction needs, response still open.
inline void prepare(tlm::tlm_generic_payload& access, tlm::tlm_command command, std::uint64_t address, void* data,
                    std::size_t bytes)
{
    access.set_command(command);
    access.set_address(address);
    access.set_data_ptr(static_cast<unsigned char*>(data));
    access.set_data_length(static_cast<unsigned>(bytes));
    access.set_streaming_width(static_cast<unsigned>(bytes));
    access.set_byte_enable_ptr(nullptr);
    access.set_dmi_allowed(false);
    access.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

} // namespace loas::kernel
