#include "platform/process/host_limit.h"

#include "platform/process/errors.h"

#include <csignal>
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

constexpr std::int64_t grace_s = 2; ///< for the explanation

// A handler sees nothing but what is global.
struct {
    std::int64_t begin = 0, limit = 0;
    const char* key = "";
    std::function<std::string()> explain;
    const volatile std::uint64_t* count = nullptr;
    const volatile bool* counts = nullptr;
    std::uint64_t last_count = 0;
    std::int64_t changed = 0, longest_still = 0;
    volatile std::sig_atomic_t ending = 0;
    std::int64_t ending_since = 0;
    int ending_code = 0;
} watched;

std::int64_t now_s()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

void say(const char* text)
{
    if (write(STDERR_FILENO, text, std::strlen(text)) < 0) {
        // nobody is left who could be told
    }
}

[[noreturn]] void give_up(const char* what, std::int64_t seconds)
{
    char text[200];
    std::snprintf(text, sizeof text, what, watched.key, static_cast<long long>(seconds));
    watched.ending = 1;
    watched.ending_since = now_s();
    watched.ending_code = static_cast<int>(exit_code::stuck);
    std::fflush(stdout);
    end_at_once(watched.ending_code, text + (watched.explain ? " " + watched.explain() : ""));
}

void look(int)
{
    const std::int64_t now = now_s();
    if (watched.ending != 0) { // the explanation does not come back
        if (now - watched.ending_since < grace_s)
            return;
        say("loas-vp: a limit of this computer's time is over\n");
        _exit(watched.ending_code);
    }
    if (watched.limit != 0 && now - watched.begin >= watched.limit)
        give_up("%s: the simulation has not ended within %lld s of this computer's time.", watched.limit);
    if (watched.count == nullptr)
        return;
    if (!*watched.counts || *watched.count != watched.last_count) {
        watched.last_count = *watched.count;
        watched.changed = now;
    } else if (now - watched.changed >= watched.longest_still) {
        give_up("%s: the program computes without an access, a wait or an end for %lld s of this computer's time.",
                watched.longest_still);
    }
}

void set_timer(long seconds)
{
    itimerval timer{};
    timer.it_value.tv_sec = timer.it_interval.tv_sec = seconds;
    setitimer(ITIMER_REAL, &timer, nullptr);
}

void start_timer()
{
    struct sigaction action {
    };
    action.sa_handler = look;
    action.sa_flags = SA_RESTART | SA_NODEFER | SA_ONSTACK;
    sigaction(SIGALRM, &action, nullptr);
    set_timer(1);
}

} // namespace

void end_at_once(int code, const std::string& message)
{
    say("loas-vp: ");
    say(message.c_str());
    say("\n");
    _exit(code);
}

void end_and_explain(int code, const char* message)
{
    watched.ending = 1;
    watched.ending_since = now_s();
    watched.ending_code = code;
    start_timer();
    say("loas-vp: ");
    say(message);
    say("\n");
    std::fflush(stdout);
    if (watched.explain)
        say(watched.explain().c_str());
    _exit(code);
}

host_limit::host_limit(std::int64_t seconds, const char* key, std::function<std::string()> explain)
{
    watched.begin = now_s();
    watched.limit = seconds;
    watched.key = key;
    watched.explain = std::move(explain);
    if (seconds > 0)
        start_timer();
}

host_limit::~host_limit()
{
    set_timer(0);
    watched = {};
}

void host_limit::watch(const volatile std::uint64_t& count, const volatile bool& counts, std::int64_t seconds)
{
    watched.count = &count;
    watched.counts = &counts;
    watched.longest_still = seconds;
    watched.changed = now_s();
    start_timer();
}

} // namespace loas::process
