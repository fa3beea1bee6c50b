// Ends this process when it has taken too long, whatever it is doing: by a timer's signal, since what does not come
// back cannot be asked.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace loas::process
{

class host_limit
{
public:
    /// One at a time.
    /// @param seconds of this process's life from now on; 0: no limit
    /// @param name how the user calls the limit
    /// @param explain what is going on, in words; called in the signal's handler, so it may fail
    host_limit(double seconds, std::string name, std::function<std::string()> explain);
    ~host_limit();
    host_limit(const host_limit&) = delete;
    host_limit& operator=(const host_limit&) = delete;

    /// Also when a count does not change for so many seconds, while `counts` is true. Both must outlive this.
    void watch(const volatile std::uint64_t& count, const volatile bool& counts, double seconds);
};

/// In a child process of ours: where its parent waits for its answer.
void answer_into(int pipe);

/// Ends this process at once, from a signal's handler too: the message goes to standard error, with what is known; of a
/// child of ours to its parent, as what it has thrown would. Folders that an interrupt would remove go here, too.
[[noreturn]] void end_at_once(int code, const std::string& message);

/// The same, and what the limit's `explain` knows, if that comes back soon: what has failed may have the memory's lock.
[[noreturn]] void end_and_explain(int code, const char* message);

} // namespace loas::process
