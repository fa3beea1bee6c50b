// One device, an initiator that accesses it, and a thread in which a test does so.
#pragma once

#include "models/kernel/access_check.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <utility>

namespace loas::test
{

inline sc_core::sc_time ns(double value)
{
    return {value, sc_core::SC_NS};
}

inline std::uint64_t now_ns()
{
    return sc_core::sc_time_stamp().value() / 1000;
}

template <typename device_type> class device_bench : public sc_core::sc_module
{
public:
    SC_HAS_PROCESS(device_bench);
    device_type& device;

    device_bench(const sc_core::sc_module_name& name, device_type& of, std::function<void(device_bench&)> body)
        : sc_module(name), device(of), m_body(std::move(body))
    {
        m_out.bind(device.bus_in);
        SC_THREAD(run);
    }

    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t offset, void* data, std::size_t bytes)
    {
        tlm::tlm_generic_payload payload;
        kernel::prepare(payload, command, offset, data, bytes);
        sc_core::sc_time delay;
        m_out->b_transport(payload, delay);
        return payload.get_response_status();
    }
    template <typename word = std::uint32_t> word read(std::uint64_t offset)
    {
        word value = 0;
        EXPECT_EQ(access(tlm::TLM_READ_COMMAND, offset, &value, sizeof value), tlm::TLM_OK_RESPONSE) << offset;
        return value;
    }
    template <typename word = std::uint32_t> void write(std::uint64_t offset, word value)
    {
        EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, offset, &value, sizeof value), tlm::TLM_OK_RESPONSE) << offset;
    }
    /// Without side effects.
    template <typename word = std::uint32_t> word look(std::uint64_t offset)
    {
        word value = 0;
        tlm::tlm_generic_payload payload;
        kernel::prepare(payload, tlm::TLM_READ_COMMAND, offset, &value, sizeof value);
        EXPECT_EQ(m_out->transport_dbg(payload), sizeof value);
        return value;
    }
    bool ran() const { return m_ran; }

private:
    void run()
    {
        m_body(*this);
        m_ran = true;
    }

    tlm_utils::simple_initiator_socket<device_bench> m_out{"out"};
    std::function<void(device_bench&)> m_body;
    bool m_ran = false;
};

/// Runs the body to its end, and what it has started.
template <typename device_type>
void run_bench(device_type& device, const std::function<void(device_bench<device_type>&)>& body)
{
    device_bench<device_type> bench("bench", device, body);
    sc_core::sc_start();
    EXPECT_TRUE(bench.ran());
}

} // namespace loas::test
