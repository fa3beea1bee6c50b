// Where the data of a memory model lie: a socket to the storage (RAM, by way of the bus), used through a direct pointer
// where the storage grants one. Function only; the timing is the memory model's.
#pragma once

#include "models/memory/copy_bytes.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

namespace loas::memory
{

class storage_port
{
public:
    tlm_utils::simple_initiator_socket<storage_port> socket;

    explicit storage_port(const char* name) : socket(name)
    {
        socket.register_invalidate_direct_mem_ptr(this, &storage_port::invalidate);
    }

    /// Does the access and sets its response. Odd accesses go to the storage as they are, which says what is wrong.
    void move(tlm::tlm_generic_payload& access)
    {
        if (!through_pointer(access)) {
            sc_core::sc_time ignored;
            socket->b_transport(access, ignored);
            if (access.is_dmi_allowed())
                m_granted = socket->get_direct_mem_ptr(access, m_dmi) && m_dmi.is_read_write_allowed();
        }
        access.set_dmi_allowed(false); // a pointer would bypass the timing
    }

private:
    bool through_pointer(tlm::tlm_generic_payload& access)
    {
        const std::uint64_t address = access.get_address();
        const std::uint64_t bytes = access.get_data_length();
        if (!m_granted || address < m_dmi.get_start_address() || address > m_dmi.get_end_address() || bytes == 0 ||
            bytes - 1 > m_dmi.get_end_address() - address || access.get_byte_enable_ptr() != nullptr ||
            access.get_streaming_width() < bytes || access.get_data_ptr() == nullptr)
            return false;
        unsigned char* here = m_dmi.get_dmi_ptr() + (address - m_dmi.get_start_address());
        if (access.is_read())
            copy_bytes(access.get_data_ptr(), here, bytes);
        else if (access.is_write())
            copy_bytes(here, access.get_data_ptr(), bytes);
        else
            return false;
        access.set_response_status(tlm::TLM_OK_RESPONSE);
        return true;
    }

    void invalidate(sc_dt::uint64, sc_dt::uint64) { m_granted = false; }

    tlm::tlm_dmi m_dmi;
    bool m_granted = false;
};

} // namespace loas::memory
