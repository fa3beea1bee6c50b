#include "platform/run/rerun.h"

#include "platform/process/child.h"
#include "platform/process/errors.h"
#include "platform/process/progress.h"
#include "platform/results/result.h"
#include "platform/run/simulate.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <thread>

namespace loas::run
{
namespace
{

/// of: stands behind an error.
results::run_result result_of(const process::child_outcome& outcome, const std::string& of)
{
    if (outcome.signal == SIGKILL)
        throw text::user_error("the simulation was killed from outside, as a computer short of memory does" + of);
    if (outcome.signal != 0)
        throw std::runtime_error(fmt::format("the simulation ended by signal {}{}", outcome.signal, of));
    switch (outcome.code) {
    case process::exit_code::good:
        // Our own child wrote it: what is missing in it is our mistake, and stays a tree_error.
        return results::from_json(outcome.answer);
    case process::exit_code::user_mistake:
        throw text::user_error(outcome.answer + of);
    case process::exit_code::guest_failed:
        throw process::guest_error(outcome.answer + of);
    case process::exit_code::stuck:
        throw process::stuck_error(outcome.answer + of);
    default:
        throw std::runtime_error(outcome.answer + of);
    }
}

} // namespace

std::vector<results::run_result> rerun(const std::vector<config::scenario>& scenarios, const std::string& label,
                                       const std::vector<std::string>& names)
{
    process::progress bar(label, scenarios.size(), !label.empty());
    const std::size_t at_a_time = std::max(1U, std::thread::hardware_concurrency());
    process::child_pool children;
    std::vector<std::optional<process::child_outcome>> ended(scenarios.size());
    std::vector<results::run_result> results;
    for (std::size_t next = 0; results.size() < scenarios.size();) {
        for (; next < scenarios.size() && children.size() < at_a_time; ++next)
            children.start(next, [&scenario = scenarios[next]] { return results::to_json(simulate(scenario, true)); });
        for (process::child_pool::ended& each : children.wait())
            ended[each.id] = std::move(each.outcome);
        // In their order: what is told of several that failed is what the first of them said.
        for (std::size_t i = results.size(); i < ended.size() && ended[i]; ++i) {
            results.push_back(result_of(*ended[i], names.empty() ? "" : " (" + names[i] + ")"));
            ended[i]->answer.clear();
        }
        bar.update(results.size());
    }
    return results;
}

} // namespace loas::run
