// A clock is an object with a period: no signals, no events. Latencies are cycles in parameters, turned into time here.
#pragma once

#include <cstdint>
#include <systemc>

namespace loas::tlm_blocks
{

class clock
{
public:
    /// The period is rounded to the simulator's resolution, 1 ps: 800 MHz is exactly 1250 ps.
    explicit clock(double megahertz) : m_period_ps(static_cast<std::uint64_t>(1e6 / megahertz + 0.5)) {}

    std::uint64_t period_ps() const { return m_period_ps; }

    /// The first edge at or after a time.
    std::uint64_t align_up(std::uint64_t time_ps) const
    {
        return (time_ps + m_period_ps - 1) / m_period_ps * m_period_ps;
    }

    sc_core::sc_time to_time(std::uint64_t cycles) const { return sc_core::sc_time::from_value(cycles * m_period_ps); }

    /// Number of the cycle in which `time` lies; a time between two edges belongs to the later one, where a
    /// synchronous machine would see it.
    std::uint64_t to_cycles(const sc_core::sc_time& time) const
    {
        return (time.value() + m_period_ps - 1) / m_period_ps;
    }

    /// Cycle of "now" plus an annotated delay.
    std::uint64_t cycle_at(const sc_core::sc_time& delay) const { return to_cycles(sc_core::sc_time_stamp() + delay); }

    /// Delay from now to the start of an absolute cycle; zero if that is past.
    sc_core::sc_time delay_until(std::uint64_t cycle) const
    {
        const sc_core::sc_time at = to_time(cycle);
        return at > sc_core::sc_time_stamp() ? at - sc_core::sc_time_stamp() : sc_core::SC_ZERO_TIME;
    }

private:
    std::uint64_t m_period_ps;
};

} // namespace loas::tlm_blocks
