#include "platform/process/child.h"

#include "platform/process/host_limit.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace loas::process
{
namespace
{

constexpr std::size_t most_errors_bytes = 1 << 20; // kept of what a child says; the end of it

// ---------------------------------------------------------------- in the child

void send(int pipe, const std::string& text)
{
    for (std::size_t sent = 0; sent < text.size();) {
        const ::ssize_t part = ::write(pipe, text.data() + sent, text.size() - sent);
        if (part < 0 && errno != EINTR)
            ::_exit(static_cast<int>(exit_code::our_bug));
        sent += part > 0 ? static_cast<std::size_t>(part) : 0;
    }
}

[[noreturn]] void do_work(const std::function<std::string()>& work, int pipe)
{
    exit_code code = exit_code::good;
    std::string text;
    answer_into(pipe);
    try {
        text = work();
    } catch (const std::exception&) {
        const failure failed = current_failure();
        code = failed.code;
        text = failed.what;
    }
    send(pipe, text);
    ::_exit(static_cast<int>(code)); // the parent's objects are not this process's to destroy
}

void redirect(int from, const char* file, int mode)
{
    if (const int there = ::open(file, mode); there >= 0) {
        ::dup2(there, from);
        ::close(there);
    }
}

void limit(decltype(RLIMIT_CPU) resource, rlim_t value)
{
    rlimit now{};
    ::getrlimit(resource, &now);
    now.rlim_cur = std::min(value, now.rlim_max);
    ::setrlimit(resource, &now);
}

void apply(const child_limits& limits)
{
    // The parent's handlers would report a crash that is no news, and a core file helps nobody.
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU})
        ::signal(signal, SIG_DFL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, limits.processor_seconds);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // their shadow memory is larger than any limit
    std::uint64_t pages = 0;
    if (std::ifstream("/proc/self/statm") >> pages)
        limit(RLIMIT_AS, pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + limits.memory_bytes);
#endif
    redirect(STDERR_FILENO, "/dev/null", O_WRONLY);
}

void prepare(const child_setup& setup, int errors)
{
    if (setup.ignore_stop) {
        ::signal(SIGINT, SIG_IGN);
        ::signal(SIGTERM, SIG_IGN);
    }
    if (!setup.keep_output)
        redirect(STDOUT_FILENO, "/dev/null", O_WRONLY);
    if (setup.keep_errors)
        ::dup2(errors, STDERR_FILENO);
    if (setup.limits)
        apply(*setup.limits);
}

// ---------------------------------------------------------------- in the parent

struct pipe_ends {
    int read = -1, write = -1;

    /// False: there is none left; errno says why.
    bool open()
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            return false;
        read = ends[0];
        write = ends[1];
        return true;
    }
    static void close(int& end)
    {
        if (end >= 0)
            ::close(std::exchange(end, -1));
    }
    ~pipe_ends()
    {
        close(read);
        close(write);
    }
};

} // namespace

void child::start(const std::function<void(int)>& body, const child_setup& setup)
{
    const auto fail = [&setup](const char* missing) {
        throw std::runtime_error(fmt::format("no {} {}: {}", missing, setup.what, std::strerror(errno)));
    };
    pipe_ends answer, errors;
    if (!answer.open() || (setup.keep_errors && !errors.open()))
        fail("pipe to");
    std::fflush(nullptr); // else the child would print it again
    m_process = ::fork();
    if (m_process < 0)
        fail("process for");
    if (m_process == 0) {
        ::close(answer.read);
        prepare(setup, errors.write);
        body(answer.write);
        ::_exit(static_cast<int>(exit_code::our_bug));
    }
    m_answer = std::exchange(answer.read, -1);
    m_errors = std::exchange(errors.read, -1);
}

child::child(const std::function<std::string()>& work, const child_setup& setup)
{
    const pid_t parent = ::getpid();
    const auto body = [&](int pipe) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // it ends with us, whatever ends us
        if (::getppid() != parent)
            ::_exit(static_cast<int>(exit_code::our_bug)); // we have ended before that
        do_work(work, pipe);
    };
    start(body, setup);
}

child::child(const std::vector<std::string>& arguments)
{
    std::vector<char*> words;
    for (const std::string& each : arguments)
        words.push_back(const_cast<char*>(each.c_str())); // nobody writes to them
    words.push_back(nullptr);
    pipe_ends refusal; // closed by what is started; else it says why nothing is
    int reason = refusal.open() ? 0 : errno;
    const auto body = [&](int pipe) {
        ::setpgid(0, 0);
        redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
        ::dup2(pipe, STDOUT_FILENO);
        ::execvp(words[0], words.data());
        const int why = errno;
        send(refusal.write, std::string(reinterpret_cast<const char*>(&why), sizeof why));
    };
    child_setup setup;
    setup.keep_output = setup.keep_errors = true;
    if (reason == 0) {
        setup.what = "another program";
        start(body, setup);
        pipe_ends::close(refusal.write);
        while (::read(refusal.read, &reason, sizeof reason) < 0 && errno == EINTR) {
        }
    }
    if (reason != 0) {
        close();
        throw text::user_error(fmt::format("{}: cannot be started: {}", arguments[0], std::strerror(reason)));
    }
}

child::child(child&& other) noexcept
{
    *this = std::move(other);
}

child& child::operator=(child&& other) noexcept
{
    std::swap(m_process, other.m_process);
    std::swap(m_answer, other.m_answer);
    std::swap(m_errors, other.m_errors);
    std::swap(m_outcome, other.m_outcome);
    return *this;
}

child::~child()
{
    stop();
    close();
}

void child::stop()
{
    if (m_process > 0) // 0 and below are groups of processes, -1 is all of them
        ::kill(m_process, SIGKILL);
}

/// False, and the pipe closed: that was the end. Waits if nothing has come yet.
bool child::read_some(int& pipe, std::string& text)
{
    char block[65536];
    const ::ssize_t part = ::read(pipe, block, sizeof block);
    if (part > 0)
        text.append(block, static_cast<std::size_t>(part));
    const bool more = part > 0 || (part < 0 && errno == EINTR);
    if (!more)
        pipe_ends::close(pipe);
    if (&text == &m_outcome.errors && text.size() > 2 * most_errors_bytes)
        text.erase(0, text.size() - most_errors_bytes);
    return more;
}

child_outcome child::finish()
{
    pollfd open[2] = {{m_answer, POLLIN, 0}, {m_errors, POLLIN, 0}};
    while (open[0].fd >= 0 || open[1].fd >= 0) { // poll() passes over what is negative
        if (::poll(open, 2, -1) < 0)
            continue; // a signal
        if (open[0].revents != 0)
            read_some(m_answer, m_outcome.answer);
        if (open[1].revents != 0)
            read_some(m_errors, m_outcome.errors);
        open[0].fd = m_answer;
        open[1].fd = m_errors;
    }
    close();
    return std::move(m_outcome);
}

void child::close()
{
    pipe_ends::close(m_answer);
    pipe_ends::close(m_errors);
    if (m_process <= 0)
        return;
    int status = 0;
    while (::waitpid(m_process, &status, 0) < 0 && errno == EINTR) {
    }
    m_process = -1;
    if (WIFSIGNALED(status))
        m_outcome.signal = WTERMSIG(status);
    else
        m_outcome.code = static_cast<exit_code>(WEXITSTATUS(status));
}

void child_pool::start(std::size_t id, const std::function<std::string()>& work, const child_setup& setup)
{
    m_children.push_back({id, child(work, setup), clock::now()});
}

std::vector<child_pool::ended> child_pool::wait(clock::time_point until)
{
    std::vector<pollfd> pipes;
    for (const entry& each : m_children) {
        pipes.push_back({each.process.m_answer, POLLIN, 0});
        pipes.push_back({each.process.m_errors, POLLIN, 0});
        if (m_timeout_s > 0 && !each.process.m_outcome.timed_out)
            until = std::min(until, each.started + std::chrono::duration_cast<clock::duration>(
                                                       std::chrono::duration<double>(m_timeout_s)));
    }
    const auto left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count() + 1;
    const int ready = ::poll(pipes.data(), pipes.size(), static_cast<int>(std::clamp<long long>(left_ms, 0, 60'000)));
    std::vector<ended> all;
    for (std::size_t i = ready > 0 ? m_children.size() : 0; i-- > 0;) {
        child& process = m_children[i].process;
        if (pipes[2 * i + 1].revents != 0)
            process.read_some(process.m_errors, process.m_outcome.errors);
        if (pipes[2 * i].revents == 0 || process.read_some(process.m_answer, process.m_outcome.answer))
            continue;
        all.push_back({m_children[i].id, process.finish()});
        m_children.erase(m_children.begin() + static_cast<std::ptrdiff_t>(i));
    }
    stop_late();
    return all;
}

void child_pool::stop_late()
{
    for (entry& each : m_children)
        if (m_timeout_s > 0 && !each.process.m_outcome.timed_out &&
            std::chrono::duration<double>(clock::now() - each.started).count() >= m_timeout_s) {
            each.process.m_outcome.timed_out = true;
            each.process.stop();
        }
}

} // namespace loas::process
