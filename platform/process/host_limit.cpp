#include "platform/process/host_limit.h"

#include "platform/process/errors.h"
#include "platform/process/stop_signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace loas::process
{
namespace
{

constexpr double grace_s = 2; ///< for the explanation

// A handler sees nothing but what is global.
struct {
    double begin = 0, limit = 0;
    std::string name;
    std::function<std::string()> explain;
    const volatile std::uint64_t* count = nullptr;
    const volatile bool* counts = nullptr;
    std::uint64_t last_count = 0;
    double changed = 0, longest_still = 0;
    volatile std::sig_atomic_t ending = 0;
    double ending_since = 0;
    int ending_code = 0;
} watched;

double now_s()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

int answer_pipe = -1; // of a child of ours

/// To the parent, or to standard error.
void say(const char* text)
{
    const int to = answer_pipe >= 0 ? answer_pipe : STDERR_FILENO;
    for (std::size_t left = std::strlen(text); left > 0;) {
        const ::ssize_t part = ::write(to, text, left);
        if (part < 0 && errno != EINTR)
            return; // nobody is left who could be told
        text += part > 0 ? part : 0;
        left -= part > 0 ? static_cast<std::size_t>(part) : 0;
    }
}

/// What was made for a result goes, as it does with an interrupt; a child has made nothing.
[[noreturn]] void leave(int code)
{
    if (answer_pipe < 0)
        remove_empty_folders();
    _exit(code);
}

void say_who()
{
    if (answer_pipe < 0)
        say("loas-vp: ");
}

/// In a second, or when the limit is over, if that is sooner. More often it would wake a program of the user's that
/// sleeps.
void set_timer()
{
    const double left = watched.limit > 0 && watched.ending == 0 ? watched.begin + watched.limit - now_s() : 1;
    const auto microseconds = static_cast<suseconds_t>(1e6 * std::clamp(left, 0.001, 1.0));
    itimerval timer{};
    timer.it_value.tv_sec = microseconds / 1'000'000;
    timer.it_value.tv_usec = microseconds % 1'000'000;
    setitimer(ITIMER_REAL, &timer, nullptr);
}

[[noreturn]] void give_up(const char* what, double seconds)
{
    watched.ending = 1;
    watched.ending_since = now_s();
    watched.ending_code = static_cast<int>(exit_code::stuck);
    set_timer(); // what follows may not come back
    const std::string text = fmt::format("{}: {} {:g} s of this computer's time.", watched.name, what, seconds);
    std::fflush(stdout);
    end_at_once(watched.ending_code, text + (watched.explain ? " " + watched.explain() : ""));
}

void look(int)
{
    const double now = now_s();
    if (watched.ending != 0) { // the explanation does not come back
        if (now - watched.ending_since < grace_s)
            return set_timer();
        say_who();
        say("a limit of this computer's time is over\n");
        leave(watched.ending_code);
    }
    if (watched.limit != 0 && now - watched.begin >= watched.limit)
        give_up("the simulation has not ended within", watched.limit);
    if (watched.count == nullptr)
        return set_timer();
    if (!*watched.counts || *watched.count != watched.last_count) {
        watched.last_count = *watched.count;
        watched.changed = now;
    } else if (now - watched.changed >= watched.longest_still) {
        give_up("the program computes without an access, a wait or an end for", watched.longest_still);
    }
    set_timer();
}

void start_timer()
{
    struct sigaction action {
    };
    action.sa_handler = look;
    action.sa_flags = SA_RESTART | SA_NODEFER | SA_ONSTACK;
    sigaction(SIGALRM, &action, nullptr);
    set_timer();
}

} // namespace

void answer_into(int pipe)
{
    answer_pipe = pipe;
}

void end_at_once(int code, const std::string& message)
{
    say_who();
    say(message.c_str());
    say(answer_pipe < 0 ? "\n" : "");
    leave(code);
}

void end_and_explain(int code, const char* message)
{
    watched.ending = 1;
    watched.ending_since = now_s();
    watched.ending_code = code;
    start_timer();
    say_who();
    say(message);
    say("\n");
    std::fflush(stdout);
    if (watched.explain)
        say(watched.explain().c_str());
    leave(code);
}

host_limit::host_limit(double seconds, std::string name, std::function<std::string()> explain)
{
    watched.begin = now_s();
    watched.limit = seconds;
    watched.name = std::move(name);
    watched.explain = std::move(explain);
    if (seconds > 0)
        start_timer();
}

host_limit::~host_limit()
{
    const itimerval none{};
    setitimer(ITIMER_REAL, &none, nullptr);
    watched = {};
}

void host_limit::watch(const volatile std::uint64_t& count, const volatile bool& counts, double seconds)
{
    watched.count = &count;
    watched.counts = &counts;
    watched.longest_still = seconds;
    watched.changed = now_s();
    start_timer();
}

} // namespace loas::process
