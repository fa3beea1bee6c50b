// A design of dense weights by itself, with a memory that answers after a fixed number of cycles.
#pragma once

#include "abi/loas_abi.h"
#include "tests/unit/compute/recorder.h"

#include "models/designs/base/parameters.h"
#include "models/kernel/protocol_checker.h"
#include "models/observe/layer_observer.h"

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

/// An access that memory refuses ends the layer, whatever it was for, with its address; the next layer is as if nothing
/// had happened. Answers how many accesses the layer has.
template <class alone> std::size_t expect_that_refusals_end(alone& a, const loas_descriptor& layer)
{
    using observe::counter;
    const observe::layer_outcome good = a.array.execute(layer);
    EXPECT_EQ(good.status, LOAS_STATUS_OK);
    const std::vector<recorder::access> all = std::move(a.memory.seen);
    for (const recorder::access& refused : all) {
        a.memory.broken = refused.address;
        const observe::layer_outcome bad = a.array.execute(layer);
        EXPECT_EQ(bad.status, LOAS_STATUS_BUS_ERROR);
        EXPECT_EQ(bad.error_address, refused.address);
        EXPECT_EQ(a.array.describe(), "");
        a.memory.broken = ~std::uint64_t{0};
    }
    const observe::layer_outcome again = a.array.execute(layer);
    EXPECT_EQ(again.status, LOAS_STATUS_OK);
    EXPECT_EQ(again.counters[counter::cycles], good.counters[counter::cycles]);
    return all.size();
}

/// Whenever a reset comes, the layer ends within so many cycles and nothing is on its way any more.
template <class alone> void expect_that_resets_end(alone& a, const loas_descriptor& layer, std::uint64_t within)
{
    using observe::counter;
    const std::uint64_t whole = a.array.execute(layer).counters[counter::cycles];
    for (std::uint64_t after = 1; after < whole; after += 61) {
        const sc_core::sc_time start = sc_core::sc_time_stamp();
        a.abort_in(after);
        a.array.execute(layer);
        const std::uint64_t took = one_ghz.to_cycles(sc_core::sc_time_stamp() - start);
        EXPECT_GE(took, after);
        EXPECT_LE(took, after + within) << after;
        EXPECT_EQ(a.array.describe(), "");
    }
    a.abort_no_more();
    EXPECT_EQ(a.array.execute(layer).counters[counter::cycles], whole);
}

} // namespace loas::parts_test
