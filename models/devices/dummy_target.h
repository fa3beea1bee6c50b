// Stands where a device will be some day: takes every access, answers zeros and tells of each.
#pragma once

#include <cstdint>
#include <functional>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

namespace loas::devices
{

class dummy_target : public sc_core::sc_module
{
public:
    struct access {
        bool write;
        std::uint64_t offset;
        unsigned bytes; ///< 1 to 8
        std::uint64_t value;
    };

    tlm_utils::simple_target_socket<dummy_target> bus_in{"bus_in"};

    /// told: of every access; may be empty.
    dummy_target(const sc_core::sc_module_name& name, std::uint64_t size_bytes, const sc_core::sc_time& latency,
                 std::function<void(const access&)> told);

private:
    tlm::tlm_response_status check(const tlm::tlm_generic_payload& payload) const;
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);

    std::uint64_t m_size_bytes;
    sc_core::sc_time m_latency;
    std::function<void(const access&)> m_told;
};

} // namespace loas::devices
