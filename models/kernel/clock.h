// A clock is an object with a period: no signals, no events. Latencies are cycles in parameters, turned into time here.
#pragma once

#include <cstdint>
#include <systemc>

namespace loas::kernel
{

/// The kernel's time now. The same as sc_time_stamp(), which is a call into the library.
inline std::uint64_t kernel_ps()
{
    return sc_core::sc_get_curr_simcontext()->time_stamp().value();
}

class clock
{
public:
    /// The period is rounded to the simulator's resolution, 1 ps: 800 MHz is exactly 1250 ps.
    explicit clock(double megahertz) : clock(static_cast<std::uint64_t>(1e6 / megahertz + 0.5), picoseconds{}) {}

    static clock of_period_ps(std::uint64_t period_ps) { return clock(period_ps, picoseconds{}); }

    std::uint64_t period_ps() const { return m_period_ps; }

    /// Whole cycles in a time, by a multiplication: it happens several times for each result of a tile, and a division
    /// takes as long as much else there. The product is at most one too small, since the reciprocal is less than one
    /// too small.
    std::uint64_t cycles_in(std::uint64_t time_ps) const
    {
        const auto product = static_cast<unsigned __int128>(time_ps) * m_reciprocal;
        const auto periods = static_cast<std::uint64_t>(product >> 64);
        return periods + (time_ps - periods * m_period_ps >= m_period_ps);
    }

    /// The first edge at or after a time: its number from time 0, ...
    std::uint64_t cycle_of(std::uint64_t time_ps) const { return cycles_in(time_ps + m_period_ps - 1); }
    /// ... and its time.
    std::uint64_t align_up(std::uint64_t time_ps) const { return cycle_of(time_ps) * m_period_ps; }

    sc_core::sc_time to_time(std::uint64_t cycles) const { return sc_core::sc_time::from_value(cycles * m_period_ps); }

    /// Number of the cycle in which `time` lies; a time between two edges belongs to the later one, where a
    /// synchronous machine would see it.
    std::uint64_t to_cycles(const sc_core::sc_time& time) const { return cycle_of(time.value()); }

    /// Cycle of "now" plus an annotated delay.
    std::uint64_t cycle_at(const sc_core::sc_time& delay) const { return cycle_of(kernel_ps() + delay.value()); }

    /// Delay from now to the start of an absolute cycle; zero if that is past.
    sc_core::sc_time delay_until(std::uint64_t cycle) const
    {
        const std::uint64_t at_ps = cycle * m_period_ps, now_ps = kernel_ps();
        return at_ps > now_ps ? sc_core::sc_time::from_value(at_ps - now_ps) : sc_core::SC_ZERO_TIME;
    }

private:
    struct picoseconds {
    };
    clock(std::uint64_t period_ps, picoseconds) : m_period_ps(period_ps), m_reciprocal(~std::uint64_t{0} / m_period_ps)
    {
    }

    std::uint64_t m_period_ps;
    std::uint64_t m_reciprocal; ///< 2^64 / period
};

} // namespace loas::kernel
