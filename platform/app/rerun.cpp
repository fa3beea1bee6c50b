#include "app/rerun.h"

#include "app/child_process.h"
#include "app/errors.h"
#include "app/progress.h"
#include "app/simulate.h"
#include "config/user_error.h"
#include "report/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <thread>

namespace loas::app
{
namespace
{

/// Children that were started; when one fails, the others are not left behind.
struct children_under_way {
    std::vector<child_process> all;
    std::size_t finished = 0;

    ~children_under_way()
    {
        for (std::size_t i = finished; i < all.size(); ++i) {
            stop_child(all[i]);
            end_of(all[i]);
        }
    }
};

/// of: stands behind an error.
nlohmann::ordered_json finish(const child_process& which, const std::string& of)
{
    std::string text;
    while (read_some(which, text)) {
    }
    const child_outcome outcome = end_of(which);
    if (outcome.signal == SIGKILL)
        throw config::user_error("the simulation was killed from outside, as a computer short of memory does" + of);
    if (outcome.signal != 0)
        throw std::runtime_error(fmt::format("the simulation ended by signal {}{}", outcome.signal, of));
    switch (outcome.code) {
    case exit_code::good:
        return nlohmann::ordered_json::parse(text);
    case exit_code::user_mistake:
        throw config::user_error(text + of);
    case exit_code::guest_failed:
        throw guest_error(text + of);
    case exit_code::stuck:
        throw stuck_error(text + of);
    default:
        throw std::runtime_error(text + of);
    }
}

} // namespace

std::vector<nlohmann::ordered_json> rerun(const std::vector<config::scenario>& scenarios, const std::string& label,
                                          const std::vector<std::string>& names)
{
    progress bar(label, scenarios.size(), !label.empty());
    const std::size_t at_a_time = std::max(1U, std::thread::hardware_concurrency());
    children_under_way children;
    std::vector<nlohmann::ordered_json> results;
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        while (children.all.size() < std::min(i + at_a_time, scenarios.size()))
            children.all.push_back(start_child(
                [&scenario = scenarios[children.all.size()]] { return report::to_json(simulate(scenario, true)); }));
        bar.update(i);
        ++children.finished; // by what follows, whatever its outcome
        results.push_back(finish(children.all[i], names.empty() ? "" : " (" + names[i] + ")"));
    }
    return results;
}

} // namespace loas::app
