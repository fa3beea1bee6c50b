#include "platform/run/rerun.h"

#include "platform/process/child_process.h"
#include "platform/process/errors.h"
#include "platform/process/progress.h"
#include "platform/results/result.h"
#include "platform/run/simulate.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <thread>

namespace loas::run
{
namespace
{

/// Children that were started; when one fails, the others are not left behind.
struct children_under_way {
    std::vector<process::child_process> all;
    std::size_t finished = 0;

    ~children_under_way()
    {
        for (std::size_t i = finished; i < all.size(); ++i) {
            process::stop_child(all[i]);
            process::end_of(all[i]);
        }
    }
};

/// of: stands behind an error.
results::run_result finish(const process::child_process& which, const std::string& of)
{
    std::string text;
    while (process::read_some(which, text)) {
    }
    const process::child_outcome outcome = process::end_of(which);
    if (outcome.signal == SIGKILL)
        throw text::user_error("the simulation was killed from outside, as a computer short of memory does" + of);
    if (outcome.signal != 0)
        throw std::runtime_error(fmt::format("the simulation ended by signal {}{}", outcome.signal, of));
    switch (outcome.code) {
    case process::exit_code::good:
        // Our own child wrote it: what is missing in it is our mistake, and stays a tree_error.
        return results::from_json_tree(nlohmann::ordered_json::parse(text));
    case process::exit_code::user_mistake:
        throw text::user_error(text + of);
    case process::exit_code::guest_failed:
        throw process::guest_error(text + of);
    case process::exit_code::stuck:
        throw process::stuck_error(text + of);
    default:
        throw std::runtime_error(text + of);
    }
}

} // namespace

std::vector<results::run_result> rerun(const std::vector<config::scenario>& scenarios, const std::string& label,
                                       const std::vector<std::string>& names)
{
    process::progress bar(label, scenarios.size(), !label.empty());
    const std::size_t at_a_time = std::max(1U, std::thread::hardware_concurrency());
    children_under_way children;
    std::vector<results::run_result> results;
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        while (children.all.size() < std::min(i + at_a_time, scenarios.size()))
            children.all.push_back(process::start_child(
                [&scenario = scenarios[children.all.size()]] { return results::to_json(simulate(scenario, true)); }));
        bar.update(i);
        ++children.finished; // by what follows, whatever its outcome
        results.push_back(finish(children.all[i], names.empty() ? "" : " (" + names[i] + ")"));
    }
    return results;
}

} // namespace loas::run
