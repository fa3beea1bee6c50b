// What stands behind a part that is tried by itself and remembers what comes out of it: neurons, a compressor, a
// memory. No process runs: the test makes the calls.
#pragma once

#include "models/compute/fiber.h"
#include "models/compute/ports.h"
#include "models/kernel/clock.h"
#include "models/kernel/memory_port.h"

#include <gtest/gtest.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <vector>

namespace loas::parts_test
{

/// Cycle = ns.
inline const kernel::clock one_ghz(1000);

/// A fiber of the numbers that are not 0.
template <class T> compute::fiber<T> pack(std::uint32_t id, const std::vector<T>& dense, std::size_t mask_words)
{
    compute::fiber<T> fiber;
    fiber.reset(id, mask_words);
    std::vector<T> values;
    for (std::size_t k = 0; k < dense.size(); ++k)
        if (dense[k] != 0) {
            fiber.mask()[k / 64] |= std::uint64_t{1} << k % 64;
            values.push_back(dense[k]);
        }
    EXPECT_EQ(fiber.rank_mask(), values.size());
    std::copy(values.begin(), values.end(), fiber.values());
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
    std::function<std::uint8_t(std::uint64_t address)> fill; ///< what is read; none: what the reader's buffer had
    std::map<std::uint64_t, std::uint64_t> refreshes; ///< address -> cycles of the latency in which a DRAM refreshed
    std::map<observe::operand, std::uint64_t> refreshes_of_kind;

    explicit recorder(const sc_core::sc_module_name& name) : sc_module(name)
    {
        in.register_b_transport(this, &recorder::b_transport);
        in.register_nb_transport_fw(this, &recorder::nb_transport_fw);
    }

private:
    void b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay)
    {
        if (fill && payload.is_read())
            for (unsigned i = 0; i < payload.get_data_length(); ++i)
                payload.get_data_ptr()[i] = fill(payload.get_address() + i);
        seen.push_back({payload.get_address(),
                        {payload.get_data_ptr(), payload.get_data_ptr() + payload.get_data_length()},
                        one_ghz.cycle_at(delay),
                        kernel::traffic::kind_of(payload)});
        if (auto* about = payload.get_extension<kernel::traffic>()) {
            seen.back().broadcast = about->broadcast;
            const std::uint64_t cycles = std::max(refreshes[payload.get_address()], refreshes_of_kind[about->kind]);
            if (cycles > 0) // like a target that knows nothing of refreshes, else
                about->refresh_ps = cycles * one_ghz.period_ps();
        }
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

/// Takes currents, as P-LIFs do.
struct currents_recorder : compute::currents_receiver {
    struct received {
        compute::result_block block;
        std::vector<std::int32_t> currents;
        std::uint64_t cycle;
    };
    std::vector<received> seen;

    void take_currents(const compute::result_block& block, compute::span<const std::int32_t> currents,
                       std::uint64_t cycle) override
    {
        seen.push_back({block, {currents.begin(), currents.end()}, cycle});
    }
};

/// Takes sums, as neurons do that begin to take them `latency` cycles late.
struct sums_recorder : compute::sums_receiver {
    struct received {
        compute::sums_block block;
        std::vector<std::int32_t> sums;
        std::uint64_t cycle;
    };
    std::vector<received> seen;
    std::uint64_t latency = 0;

    std::uint64_t take_sums(const compute::sums_block& block, compute::span<const std::int32_t> sums,
                            std::uint64_t cycle) override
    {
        seen.push_back({block, {sums.begin(), sums.end()}, cycle});
        return cycle + latency;
    }
};

/// Takes results, as the compressor does.
struct results_recorder : compute::results_receiver {
    struct received {
        compute::result_block block;
        std::vector<std::uint16_t> words;
        std::vector<std::int32_t> currents;
        std::uint64_t cycle;
    };
    std::vector<received> seen;

    void take_words(const compute::result_block& block, compute::span<const std::uint16_t> words,
                    std::uint64_t cycle) override
    {
        seen.push_back({block, {words.begin(), words.end()}, {}, cycle});
    }
    void take_currents(const compute::result_block& block, compute::span<const std::int32_t> currents,
                       std::uint64_t cycle) override
    {
        seen.push_back({block, {}, {currents.begin(), currents.end()}, cycle});
    }
};

inline void expect_block(const compute::result_block& block, std::size_t first_row, std::size_t rows,
                         std::uint64_t first_column, std::size_t columns)
{
    EXPECT_EQ(block.first_row, first_row);
    EXPECT_EQ(block.rows, rows);
    EXPECT_EQ(block.first_column, first_column);
    EXPECT_EQ(block.columns, columns);
}

/// A mistake of the model's own.
#define EXPECT_REFUSED(call) EXPECT_THROW(call, sc_core::sc_report)

} // namespace loas::parts_test
