#include "app/rerun.h"

#include "app/errors.h"
#include "app/simulate.h"
#include "config/user_error.h"
#include "report/result.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace loas::app
{
namespace
{

struct child {
    pid_t process;
    int pipe;
};

/// Children that were started; when one fails, the others are not left behind.
struct children_under_way {
    std::vector<child> all;
    std::size_t finished = 0;

    ~children_under_way()
    {
        for (std::size_t i = finished; i < all.size(); ++i) {
            ::kill(all[i].process, SIGKILL);
            ::close(all[i].pipe);
            while (::waitpid(all[i].process, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }
};

void send(int pipe, const std::string& text)
{
    for (std::size_t sent = 0; sent < text.size();) {
        const ::ssize_t part = ::write(pipe, text.data() + sent, text.size() - sent);
        if (part < 0 && errno != EINTR)
            ::_exit(static_cast<int>(exit_code::our_bug));
        sent += part > 0 ? static_cast<std::size_t>(part) : 0;
    }
}

[[noreturn]] void run_child(const config::scenario& scenario, int pipe)
{
    exit_code code = exit_code::good;
    std::string text;
    try {
        text = report::to_json(simulate(scenario, true));
    } catch (const config::user_error& problem) {
        code = exit_code::user_mistake;
        text = problem.what();
    } catch (const guest_error& problem) {
        code = exit_code::guest_failed;
        text = problem.what();
    } catch (const stuck_error& problem) {
        code = exit_code::stuck;
        text = problem.what();
    } catch (const std::exception& problem) {
        code = exit_code::our_bug;
        text = problem.what();
    }
    send(pipe, text);
    ::_exit(static_cast<int>(code)); // the parent's objects are not this process's to destroy
}

child start(const config::scenario& scenario)
{
    int ends[2];
    if (::pipe(ends) != 0)
        throw std::runtime_error(std::string("no pipe to a further simulation: ") + std::strerror(errno));
    std::fflush(nullptr); // else the child would print it again
    const pid_t process = ::fork();
    if (process < 0)
        throw std::runtime_error(std::string("no process for a further simulation: ") + std::strerror(errno));
    if (process == 0) {
        ::close(ends[0]);
        run_child(scenario, ends[1]);
    }
    ::close(ends[1]);
    return {process, ends[0]};
}

nlohmann::ordered_json finish(const child& which)
{
    std::string text;
    char block[65536];
    for (::ssize_t part; (part = ::read(which.pipe, block, sizeof block)) != 0;) {
        if (part < 0 && errno != EINTR)
            break;
        text.append(block, part > 0 ? static_cast<std::size_t>(part) : 0);
    }
    ::close(which.pipe);
    int status = 0;
    while (::waitpid(which.process, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status))
        throw std::runtime_error("a further simulation ended by a signal");
    switch (static_cast<exit_code>(WEXITSTATUS(status))) {
    case exit_code::good:
        return nlohmann::ordered_json::parse(text);
    case exit_code::user_mistake:
        throw config::user_error(text);
    case exit_code::guest_failed:
        throw guest_error(text);
    case exit_code::stuck:
        throw stuck_error(text);
    default:
        throw std::runtime_error(text);
    }
}

} // namespace

std::vector<nlohmann::ordered_json> rerun(const std::vector<config::scenario>& scenarios)
{
    const std::size_t at_a_time = std::max(1U, std::thread::hardware_concurrency());
    children_under_way children;
    std::vector<nlohmann::ordered_json> results;
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        while (children.all.size() < std::min(i + at_a_time, scenarios.size()))
            children.all.push_back(start(scenarios[children.all.size()]));
        ++children.finished; // by what follows, whatever its outcome
        results.push_back(finish(children.all[i]));
    }
    return results;
}

} // namespace loas::app
