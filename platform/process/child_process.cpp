#include "platform/process/child_process.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace loas::process
{
namespace
{

void send(int pipe, const std::string& text)
{
    for (std::size_t sent = 0; sent < text.size();) {
        const ::ssize_t part = ::write(pipe, text.data() + sent, text.size() - sent);
        if (part < 0 && errno != EINTR)
            ::_exit(static_cast<int>(exit_code::our_bug));
        sent += part > 0 ? static_cast<std::size_t>(part) : 0;
    }
}

[[noreturn]] void run_child(const std::function<std::string()>& work, int pipe, pid_t parent)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // it ends with us, whatever ends us
    if (::getppid() != parent)
        ::_exit(static_cast<int>(exit_code::our_bug)); // we have ended before that
    exit_code code = exit_code::good;
    std::string text;
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

} // namespace

child_process start_child(const std::function<std::string()>& work)
{
    int ends[2];
    if (::pipe(ends) != 0)
        throw std::runtime_error(std::string("no pipe to a further simulation: ") + std::strerror(errno));
    std::fflush(nullptr); // else the child would print it again
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) {
        const int reason = errno;
        ::close(ends[0]);
        ::close(ends[1]);
        throw std::runtime_error(std::string("no process for a further simulation: ") + std::strerror(reason));
    }
    if (process == 0) {
        ::close(ends[0]);
        run_child(work, ends[1], parent);
    }
    ::close(ends[1]);
    return {process, ends[0]};
}

bool read_some(const child_process& child, std::string& answer)
{
    char block[65536];
    const ::ssize_t part = ::read(child.pipe, block, sizeof block);
    if (part > 0)
        answer.append(block, static_cast<std::size_t>(part));
    return part > 0 || (part < 0 && errno == EINTR);
}

void stop_child(const child_process& child)
{
    if (child.process > 0) // 0 and below are groups of processes, -1 is all of them
        ::kill(child.process, SIGKILL);
}

child_outcome end_of(const child_process& child)
{
    ::close(child.pipe);
    int status = 0;
    while (::waitpid(child.process, &status, 0) < 0 && errno == EINTR) {
    }
    child_outcome outcome;
    if (WIFSIGNALED(status))
        outcome.signal = WTERMSIG(status);
    else
        outcome.code = static_cast<exit_code>(WEXITSTATUS(status));
    return outcome;
}

} // namespace loas::process
