// What keeps a program that runs in our process apart from us: signals for what it breaks, checks of what its callbacks
// are given, ends for what it must not do. One program a process.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <pthread.h>
#include <string>
#include <sys/types.h>

namespace loas::program
{

/// What a signal's handler sees of the program.
struct native_state {
    volatile bool running = false; ///< its own code, not a callback
    volatile std::uint64_t callbacks = 0;
    const void* called_from = nullptr;           ///< for the last callback
    std::uint64_t time_ps = 0, at_this_time = 0; ///< simulated, and calls at it
    const void* context = nullptr;               ///< that its HAL has
    bool ours_thrown = false;                    ///< an exception left a callback
    bool ending = false;                         ///< a fault is being told
    pthread_t thread = 0;                        ///< in which loas_main runs
    pid_t process = 0;
    std::string file;
};
extern native_state seen_of_it;

/// "main+0x12", or the address and the file in which it is.
std::string place_of(const void* address);
/// "; last call of a callback in ..."
std::string last_callback();

/// Handlers of faults, on a stack of their own, while the program runs.
class fault_handlers
{
public:
    fault_handlers();
    ~fault_handlers();
    fault_handlers(const fault_handlers&) = delete;
    fault_handlers& operator=(const fault_handlers&) = delete;

private:
    static constexpr int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    static constexpr std::size_t stack_bytes = 1U << 17;

    std::unique_ptr<char[]> m_stack{new char[stack_bytes]};
    stack_t m_old_stack{};
    struct sigaction m_old[sizeof signals / sizeof *signals]{};
};

/// Of a callback or a handler: too many without simulated time end the process.
void count_call();

/// Ends the process: it is the program's mistake.
[[noreturn]] void end_misused(const std::string& what);

/// For on_exit(): what `exit` in a program's code comes to.
void left_by_exit(int code, void* unused);

/// While a callback runs, it is not the program that does.
class in_callback
{
public:
    /// context: as the program gave it; `reads` and `writes`: its memory.
    in_callback(const void* from, const void* context, const void* reads = nullptr, std::size_t reads_bytes = 0,
                void* writes = nullptr, std::size_t writes_bytes = 0);
    ~in_callback();
    in_callback(const in_callback&) = delete;
    in_callback& operator=(const in_callback&) = delete;
};

} // namespace loas::program
