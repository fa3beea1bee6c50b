#include "platform/process/program.h"

#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace loas::process
{
namespace
{

[[noreturn]] void refuse(const std::string& program, int reason)
{
    throw text::user_error(fmt::format("{}: cannot be started: {}", program, std::strerror(reason)));
}

/// Both to their ends, whatever comes first.
void read_both(const int (&pipes)[2], std::string (&texts)[2])
{
    pollfd open[2] = {{pipes[0], POLLIN, 0}, {pipes[1], POLLIN, 0}};
    while (open[0].fd >= 0 || open[1].fd >= 0) {
        if (::poll(open, 2, -1) < 0 && errno != EINTR)
            return;
        for (int i = 0; i < 2; ++i) {
            char block[4096];
            const ::ssize_t part = open[i].revents != 0 ? ::read(open[i].fd, block, sizeof block) : -1;
            if (part > 0)
                texts[i].append(block, static_cast<std::size_t>(part));
            else if (part == 0)
                open[i].fd = -1; // poll() passes over it
            open[i].revents = 0;
        }
    }
}

} // namespace

program_outcome run_program(const std::vector<std::string>& arguments)
{
    std::vector<char*> words;
    for (const std::string& each : arguments)
        words.push_back(const_cast<char*>(each.c_str())); // posix_spawn does not write to them
    words.push_back(nullptr);
    int out[2], err[2];
    if (::pipe2(out, O_CLOEXEC) != 0)
        refuse(arguments[0], errno);
    if (::pipe2(err, O_CLOEXEC) != 0) {
        const int reason = errno;
        ::close(out[0]);
        ::close(out[1]);
        refuse(arguments[0], reason);
    }
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, err[1], STDERR_FILENO);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t process = -1;
    const int failed = ::posix_spawnp(&process, words[0], &files, &attributes, words.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
    ::close(out[1]);
    ::close(err[1]);
    std::string texts[2];
    if (failed == 0)
        read_both({out[0], err[0]}, texts);
    ::close(out[0]);
    ::close(err[0]);
    if (failed != 0)
        refuse(arguments[0], failed);
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), std::move(texts[0]),
            std::move(texts[1])};
}

} // namespace loas::process
