#include "platform/process/side_by_side.h"

#include "platform/process/machine_limits.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace loas::process
{

void side_by_side(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work)
{
    std::vector<std::exception_ptr> failures(count);
    std::atomic<std::size_t> next = 0;
    const auto take_turns = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            try {
                work(i);
            } catch (...) {
                failures[i] = std::current_exception();
            }
        }
    };
    const std::size_t at_a_time = std::min<std::size_t>(jobs != 0 ? jobs : processors(), count);
    std::vector<std::thread> others;
    try {
        while (others.size() + 1 < at_a_time)
            others.emplace_back(take_turns);
    } catch (const std::system_error&) { // no more threads to be had: it takes longer
    }
    take_turns();
    for (std::thread& each : others)
        each.join();
    for (const std::exception_ptr& each : failures)
        if (each)
            std::rethrow_exception(each);
}

} // namespace loas::process
