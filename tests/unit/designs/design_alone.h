// A design of dense weights by itself, with a memory that answers after a fixed number of cycles.
#pragma once

#include "abi/loas_abi.h"
#include "tests/unit/compute/recorder.h"

#include "models/designs/base/parameters.h"
#include "models/kernel/protocol_checker.h"

#include <functional>
#include <string>
#include <utility>

namespace loas::parts_test
{

constexpr std::uint64_t input = 0, weights = 0x100000, bias = 0x200000, output = 0x300000;

/// Of a design with parameters `own_parameters`.
template <class own_parameters> struct parameters_of {
    designs::accelerator_parameters all;
    own_parameters own;
};

/// A matrix, bitmaps and dense weights, which lie at the addresses above.
inline loas_descriptor layer_of(unsigned m, unsigned k, unsigned n, unsigned timesteps)
{
    loas_descriptor d{};
    d.timesteps = static_cast<std::uint8_t>(timesteps);
    d.in_height = static_cast<std::uint16_t>(m);
    d.in_channels = static_cast<std::uint16_t>(k);
    d.out_channels = static_cast<std::uint16_t>(n);
    d.in_width = 1;
    d.kernel_h = d.kernel_w = d.stride_h = d.stride_w = d.pool = 1;
    d.formats = LOAS_SPIKES_BITMAP | LOAS_WEIGHTS_DENSE << LOAS_FORMATS_WEIGHTS_SHIFT;
    d.input_address = input;
    d.weight_address = weights;
    d.bias_address = bias;
    d.output_address = output;
    return d;
}

inline std::uint64_t ceiling(std::uint64_t value, std::uint64_t of)
{
    return (value + of - 1) / of;
}

template <class design, class parameters> class design_alone : public sc_core::sc_module
{
public:
    SC_HAS_PROCESS(design_alone);
    kernel::event_wheel wheel;
    kernel::checked_links wires{true};
    design array;
    recorder memory{"memory"};

    design_alone(const parameters& of, std::function<void(design_alone&)> body)
        : sc_module(sc_core::sc_module_name("alone")), array("array", of.all, of.own, wheel),
          m_body(std::move(body))
    {
        for (kernel::memory_port* each : array.memory_ports())
            wires.connect("memory", each->socket, memory.in);
        SC_THREAD(run);
        SC_THREAD(disturb);
        sc_core::sc_start();
        EXPECT_TRUE(m_ran);
        EXPECT_EQ(wires.violations(), std::vector<std::string>());
        EXPECT_EQ(wires.open(), std::vector<std::string>());
    }

    /// A soft reset after so many cycles.
    void abort_in(std::uint64_t cycles) { m_abort.notify(one_ghz.to_time(cycles)); }
    void abort_no_more() { m_abort.cancel(); }

    std::uint64_t requested(observe::operand kind) const
    {
        std::uint64_t bytes = 0;
        for (const recorder::access& each : memory.seen)
            bytes += each.kind == kind ? each.data.size() : 0;
        return bytes;
    }

private:
    void run()
    {
        m_body(*this);
        m_ran = true;
    }
    void disturb()
    {
        for (;;) {
            sc_core::wait(m_abort);
            array.abort();
        }
    }

    std::function<void(design_alone&)> m_body;
    sc_core::sc_event m_abort{"abort"};
    bool m_ran = false;
};

} // namespace loas::parts_test
