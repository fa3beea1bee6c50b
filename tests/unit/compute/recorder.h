// Both ends of a part that is tried by itself: an initiator for what goes into it, and a target that remembers what
// comes out. No process runs: the test makes the calls, at time 0 with a delay.
#pragma once

#include "models/compute/packets.h"
#include "models/kernel/access_check.h"
#include "models/kernel/clock.h"
#include "models/kernel/memory_port.h"

#include <gtest/gtest.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace loas::parts_test
{

/// Cycle = ns.
inline const kernel::clock one_ghz(1000);

/// A fiber of the numbers that are not 0.
template <class T> compute::fiber_packet pack(std::uint32_t id, const std::vector<T>& dense, std::size_t mask_words)
{
    compute::fiber_packet fiber;
    fiber.reset(id, mask_words);
    std::vector<T> values;
    for (std::size_t k = 0; k < dense.size(); ++k)
        if (dense[k] != 0) {
            fiber.mask()[k / 64] |= std::uint64_t{1} << k % 64;
            values.push_back(dense[k]);
        }
    EXPECT_EQ(fiber.rank_mask(), values.size());
    std::copy(values.begin(), values.end(), static_cast<T*>(fiber.allocate_values(sizeof(T))));
    return fiber;
}

/// Every access takes `latency` cycles, or is answered with an error at an address of `broken`.
class recorder : public sc_core::sc_module
{
public:
    struct access {
        std::uint64_t address;
        std::vector<std::uint8_t> data;
        std::uint64_t cycle; ///< in which it came
        observe::operand kind = observe::operand::count;
        bool broadcast = false;

        template <typename element> std::vector<element> as() const
        {
            std::vector<element> elements(data.size() / sizeof(element));
            std::memcpy(elements.data(), data.data(), data.size());
            return elements;
        }
    };

    tlm_utils::multi_passthrough_target_socket<recorder> in{"in"};
    std::vector<access> seen;
    std::uint64_t latency = 0;
    std::uint64_t broken = ~std::uint64_t{0};

    explicit recorder(const sc_core::sc_module_name& name) : sc_module(name)
    {
        in.register_b_transport(this, &recorder::b_transport);
        in.register_nb_transport_fw(this, &recorder::nb_transport_fw);
    }

private:
    void b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay)
    {
        seen.push_back({payload.get_address(),
                        {payload.get_data_ptr(), payload.get_data_ptr() + payload.get_data_length()},
                        one_ghz.cycle_at(delay),
                        kernel::traffic::kind_of(payload)});
        if (const auto* about = payload.get_extension<kernel::traffic>())
            seen.back().broadcast = about->broadcast;
        delay += one_ghz.to_time(latency);
        payload.set_response_status(payload.get_address() == broken ? tlm::TLM_GENERIC_ERROR_RESPONSE
                                                                    : tlm::TLM_OK_RESPONSE);
    }

    tlm::tlm_sync_enum nb_transport_fw(int source, tlm::tlm_generic_payload& payload, tlm::tlm_phase&,
                                       sc_core::sc_time& delay)
    {
        b_transport(source, payload, delay);
        return tlm::TLM_COMPLETED;
    }
};

/// Writes into a part.
class writer : public sc_core::sc_module
{
public:
    tlm_utils::simple_initiator_socket<writer> out{"out"};

    explicit writer(const sc_core::sc_module_name& name) : sc_module(name) {}

    /// In `cycle`. Returns the cycle that comes back.
    template <typename element>
    std::uint64_t write(std::uint64_t address, std::vector<element> data, std::uint64_t cycle = 0)
    {
        tlm::tlm_generic_payload payload;
        kernel::prepare(payload, tlm::TLM_WRITE_COMMAND, address, data.data(), data.size() * sizeof(element));
        sc_core::sc_time delay = one_ghz.to_time(cycle);
        out->b_transport(payload, delay);
        EXPECT_TRUE(payload.is_response_ok());
        return one_ghz.cycle_at(delay);
    }

    /// What the part answers to a read.
    tlm::tlm_response_status read()
    {
        std::uint64_t data = 0;
        tlm::tlm_generic_payload payload;
        kernel::prepare(payload, tlm::TLM_READ_COMMAND, 0, &data, sizeof data);
        sc_core::sc_time delay;
        out->b_transport(payload, delay);
        return payload.get_response_status();
    }
};

} // namespace loas::parts_test
