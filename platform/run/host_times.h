// Where the host's time goes, in wall clock: for whoever makes the platform faster. Never part of a result.
#pragma once

#include <chrono>
#include <string>

namespace loas::run
{

/// Seconds.
struct host_times {
    double load = 0;     ///< reading or drawing networks and tensors
    double build = 0;    ///< the machine
    double prepare = 0;  ///< layers without a network: the driver makes the tensors' formats and copies them to memory
    double simulate = 0; ///< from the program's start on the CPU to its end, without what else is named here
    double account = 0;  ///< the layers' statistics and their check against the golden model
    double report = 0;   ///< table and files
    double first_cycle = 0; ///< from where reading begins to the start of the simulation

    void add(const host_times& other);
};

/// One line, with the peak of memory of this process, or of the largest of its children that have ended.
std::string to_text(const host_times& times);

/// Adds the time of its life to a sum.
class stopwatch
{
public:
    explicit stopwatch(double& sum) : m_sum(sum) {}
    ~stopwatch() { m_sum += seconds_since(m_start); }
    stopwatch(const stopwatch&) = delete;
    stopwatch& operator=(const stopwatch&) = delete;

    static double seconds_since(std::chrono::steady_clock::time_point start)
    {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }

private:
    double& m_sum;
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

} // namespace loas::run
