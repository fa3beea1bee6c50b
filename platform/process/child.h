// The one launcher of processes: work of ours in a process of its own (the SystemC kernel does not restart, HDF5 may
// crash), and programs of others. A child is stopped and reaped with its object.
#pragma once

#include "platform/process/errors.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace loas::process
{

/// What a child may use before it is stopped.
struct child_limits {
    unsigned processor_seconds = 5;
    std::uint64_t memory_bytes = std::uint64_t{1} << 29; ///< more than this process has now; no limit under sanitizers
};

struct child_setup {
    const char* what = "a further simulation"; ///< for messages
    bool keep_output = false;                  ///< standard output; else it goes nowhere
    bool keep_errors = false;           ///< standard error is in child_outcome::errors; else it goes where ours does
    bool ignore_stop = false;           ///< SIGINT and SIGTERM are for the parent, who decides
    std::optional<child_limits> limits; ///< for code that is not trusted; it says nothing on standard error
};

struct child_outcome {
    /// Good: the answer is what the work returned; else: what() of what it threw. Of a program it is its own.
    exit_code code = exit_code::our_bug;
    int signal = 0;     ///< that ended it; 0: none
    std::string answer; ///< of a program: its standard output
    std::string errors; ///< standard error, if it was kept: the end of it
    bool timed_out = false;

    /// As a shell tells it: 128 + signal if that ended it.
    int status() const { return signal != 0 ? 128 + signal : static_cast<int>(code); }
};

class child
{
public:
    /// Starts work, which ends with this process; to be called before anything of SystemC is made. Throws
    /// std::runtime_error if there is no process.
    explicit child(const std::function<std::string()>& work, const child_setup& setup = {});

    /// Starts a program, looked for in PATH; a Ctrl-C of the terminal does not reach it, and it does not end with us.
    /// Throws text::user_error if there is no such program.
    explicit child(const std::vector<std::string>& arguments);

    ~child();
    child(child&& other) noexcept;
    child& operator=(child&& other) noexcept;
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    /// Ends it at once; finish() still tells how.
    void stop();

    /// Reads to its end, waits for it and lets go of it.
    child_outcome finish();

private:
    friend class child_pool;

    void start(const std::function<void(int answer)>& body, const child_setup& setup);
    bool read_some(int& pipe, std::string& text);
    void close();

    pid_t m_process = -1;
    int m_answer = -1, m_errors = -1; ///< pipes; -1: at their end, or none
    child_outcome m_outcome;
};

/// Children at the same time. Those that are left are stopped with it.
class child_pool
{
public:
    using clock = std::chrono::steady_clock;

    struct ended {
        std::size_t id;
        child_outcome outcome;
    };

    /// @param timeout_s of a child; 0: none
    explicit child_pool(double timeout_s = 0) : m_timeout_s(timeout_s) {}

    void start(std::size_t id, const std::function<std::string()>& work, const child_setup& setup = {});
    std::size_t size() const { return m_children.size(); }

    /// Waits until some end, a signal comes, or the time is over. Returns those that ended.
    std::vector<ended> wait(clock::time_point until = clock::now() + std::chrono::hours(1));

private:
    struct entry {
        std::size_t id;
        child process;
        clock::time_point started;
    };

    void stop_late();

    double m_timeout_s;
    std::vector<entry> m_children;
};

} // namespace loas::process
