#include "platform/run/rerun.h"

#include "platform/config/rules.h"
#include "platform/process/child.h"
#include "platform/process/errors.h"
#include "platform/process/machine_limits.h"
#include "platform/process/progress.h"
#include "platform/text/say.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

namespace loas::run
{
namespace
{

using json = nlohmann::ordered_json;

/// One simulation of those that are to be done.
struct task {
    std::size_t scenario;
    std::shared_ptr<const draw::layer_statistics> layer; ///< nullptr: the whole scenario
    std::string of;                                      ///< stands behind an error
};

/// Tasks that draw the same layer, or a task alone.
using task_group = std::vector<task>;

struct answer {
    results::run_result result;
    host_times times;
};

/// of: stands behind an error, whose further lines are about what was before.
[[noreturn]] void rethrow(process::exit_code code, std::string what, const std::string& of)
{
    what.insert(std::min(what.find('\n'), what.size()), of);
    switch (code) {
    case process::exit_code::user_mistake:
        throw text::user_error(what);
    case process::exit_code::guest_failed:
        throw process::guest_error(what);
    case process::exit_code::stuck:
        throw process::stuck_error(what);
    default:
        throw std::runtime_error(what);
    }
}

[[noreturn]] void rethrow_with(const std::string& of)
{
    const process::failure failed = process::current_failure();
    rethrow(failed.code, failed.what, of);
}

std::string to_text(const answer& of)
{
    const host_times& t = of.times;
    json out;
    out["times"] = {t.load, t.build, t.prepare, t.simulate, t.account, t.first_cycle};
    out["result"] = results::to_json_tree(of.result);
    return out.dump();
}

/// of: stands behind an error.
answer answer_of(const process::child_outcome& outcome, const std::string& of)
{
    if (outcome.signal == SIGKILL)
        throw text::user_error("the simulation was killed from outside, as a computer short of memory does" + of);
    if (outcome.signal != 0)
        throw std::runtime_error(fmt::format("the simulation ended by signal {}{}", outcome.signal, of));
    if (outcome.code != process::exit_code::good)
        rethrow(outcome.code, outcome.answer, of);
    // Our own child wrote it: what is missing in it is our mistake, and stays a tree_error.
    const json tree = json::parse(outcome.answer);
    const json& t = tree.at("times");
    return {results::from_json_tree(tree.at("result")), {t[0], t[1], t[2], t[3], t[4], 0, t[5]}};
}

/// " (gamma-snn, layer V-L8)", or "".
std::string behind_an_error(const std::string& name, const std::string& layer)
{
    const std::string of_layer = layer.empty() ? "" : "layer " + layer;
    const std::string both = name + (name.empty() || of_layer.empty() ? "" : ", ") + of_layer;
    return both.empty() ? "" : " (" + both + ")";
}

/// What is drawn alike is the same: scenarios/networks' numbers and what they are scaled by, a seed, whether skew is
/// wanted, and whether inputs are spikes or bytes.
std::vector<task_group> groups_of(const std::vector<config::scenario>& scenarios, const std::vector<std::string>& names)
{
    std::vector<task_group> groups;
    std::map<std::tuple<std::string, std::string, std::int64_t, bool, unsigned, double, bool>, std::size_t> places;
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        const config::workload_params& workload = scenarios[i].workload;
        const std::string name = names.empty() ? "" : names[i];
        if (workload.kind != config::workload_kind::layers) {
            groups.push_back({{i, nullptr, behind_an_error(name, "")}});
            continue;
        }
        try {
            config::require_workload(scenarios[i]);
            for (draw::layer_statistics& layer : listed_layers(scenarios[i])) {
                const auto [place, fresh] = places.emplace(
                    std::tuple(config::list_of_layers(scenarios[i]).string(), layer.name, workload.seed, workload.skew, workload.timesteps,
                               workload.scale_weight_sparsity, config::takes_bytes(scenarios[i])),
                    groups.size());
                if (fresh)
                    groups.emplace_back();
                const std::string of = behind_an_error(name, layer.name);
                groups[place->second].push_back(
                    {i, std::make_shared<const draw::layer_statistics>(std::move(layer)), of});
            }
        } catch (const std::exception&) {
            rethrow_with(behind_an_error(name, ""));
        }
    }
    return groups;
}

/// Bytes that a simulation of a layer may take, by the largest that were seen: 30 for each element drawn, and what a
/// machine takes whatever it runs.
std::uint64_t bytes_of(const task& task)
{
    constexpr std::uint64_t of_machine = std::uint64_t{64} << 20, of_element = 30;
    if (task.layer == nullptr)
        return of_machine;
    const draw::layer_statistics& l = *task.layer;
    return of_machine +
           of_element * (std::uint64_t{l.in_height} * l.in_width * l.in_channels + l.inputs() * l.out_channels);
}

/// Runs tasks side by side: at most so many, and no more than there is memory for when they start, but always one. A
/// layer of which several tasks need the same draw is drawn here, in the place of one of them.
class pool_run
{
public:
    pool_run(const std::vector<config::scenario>& scenarios, const run_options& options, process::progress& bar)
        : m_scenarios(scenarios), m_jobs(options.jobs != 0 ? options.jobs : process::processors()), m_bar(bar)
    {
        m_tells.quiet = options.quiet;
        m_tells.outputs = options.outputs;
    }

    /// take: gets the answers in the order of the tasks.
    void run(const std::vector<task_group>& groups, const std::function<void(const task&, answer&&)>& take);

private:
    void start(const task& task, const draw::matched_layer* drawn);
    void wait_for_room(std::uint64_t bytes);
    void wait();

    struct started {
        const struct task* of;
        std::uint64_t bytes;
        std::optional<process::child_outcome> ended;
    };

    const std::vector<config::scenario>& m_scenarios;
    std::size_t m_jobs;
    told m_tells; ///< what of it is not of one simulation
    process::progress& m_bar;
    process::child_pool m_children;
    std::vector<started> m_tasks;
    std::size_t m_taken = 0;
    text::said_once m_said;
    std::function<void(const task&, answer&&)> m_take;
};

void pool_run::start(const task& task, const draw::matched_layer* drawn)
{
    const config::scenario& scenario = m_scenarios[task.scenario];
    const auto work = [&scenario, &task, drawn, &tells = m_tells] {
        answer made;
        made.result = simulate(scenario, {task.layer.get(), drawn, nullptr}, tells, made.times);
        return to_text(made);
    };
    process::child_setup setup;
    setup.keep_errors = true; // said in the order of the tasks, whatever ran beside whatever
    m_tasks.push_back({&task, bytes_of(task), {}});
    try {
        m_children.start(m_tasks.size() - 1, work, setup);
    } catch (const std::runtime_error& none) { // a limit of this computer, no mistake of ours
        throw text::user_error(fmt::format("{}; fewer simulations at a time need fewer (--jobs)", none.what()));
    }
}

/// At least one child has ended; what is complete up to there is handed over.
void pool_run::wait()
{
    for (process::child_pool::ended& each : m_children.wait())
        m_tasks[each.id].ended = std::move(each.outcome);
    for (; m_taken < m_tasks.size() && m_tasks[m_taken].ended; ++m_taken) {
        started& next = m_tasks[m_taken];
        std::fputs((m_scenarios.size() > 1 ? m_said.fresh(next.ended->errors, next.of->of) : next.ended->errors).c_str(), stderr);
        m_take(*next.of, answer_of(*next.ended, next.of->of));
        *next.ended = {};
    }
    m_bar.update(m_taken);
}

void pool_run::wait_for_room(std::uint64_t bytes)
{
    const auto fits = [&] {
        if (m_children.size() == 0)
            return true;
        std::uint64_t growing = bytes; // what the others take already is no longer available: counted twice, to be safe
        for (const started& each : m_tasks)
            growing += each.ended ? 0 : each.bytes;
        return m_children.size() < m_jobs && growing < process::available_bytes();
    };
    while (!fits())
        wait();
}

void pool_run::run(const std::vector<task_group>& groups, const std::function<void(const task&, answer&&)>& take)
{
    m_take = take;
    for (const task_group& group : groups) {
        std::optional<draw::matched_layer> drawn;
        for (const task& each : group) {
            wait_for_room(bytes_of(each));
            if (group.size() > 1 && !drawn)
                drawn = draw_listed(m_scenarios[each.scenario], *each.layer);
            start(each, drawn ? &*drawn : nullptr);
        }
    }
    while (m_taken < m_tasks.size())
        wait();
}

std::size_t count_of(const std::vector<task_group>& groups)
{
    std::size_t count = 0;
    for (const task_group& group : groups)
        count += group.size();
    return count;
}

} // namespace

results::run_result run(const config::scenario& scenario, const run_options& options, host_times& times)
{
    const std::vector<config::scenario> all = {scenario};
    const std::vector<task_group> groups = groups_of(all, {});
    if (groups.size() == 1)
        return simulate(scenario, {groups[0][0].layer.get(), nullptr, options.network}, options, times);
    if (options.bursts != nullptr || options.events != nullptr)
        throw text::user_error(
            fmt::format("{} is of one simulation, and each of the {} layers is one of its own: choose a layer by "
                        "workload.only",
                        options.bursts != nullptr ? "--trace: a trace" : "--log: a log", groups.size()));
    options.begins();
    process::progress bar(scenario.name, groups.size(), !options.quiet);
    std::optional<results::run_result> whole;
    pool_run(all, options, bar).run(groups, [&](const task&, answer&& layer) {
        times.add(layer.times);
        if (whole)
            whole->append(layer.result);
        else
            whole = std::move(layer.result);
    });
    return *std::move(whole);
}

std::vector<results::run_result> rerun(const std::vector<config::scenario>& scenarios, unsigned jobs,
                                       const std::string& label, const std::vector<std::string>& names)
{
    const std::vector<task_group> groups = groups_of(scenarios, names);
    process::progress bar(label, count_of(groups), !label.empty());
    std::vector<std::optional<results::run_result>> wholes(scenarios.size());
    run_options options;
    options.jobs = jobs;
    options.quiet = true;
    pool_run(scenarios, options, bar).run(groups, [&](const task& of, answer&& part) {
        std::optional<results::run_result>& whole = wholes[of.scenario];
        if (whole)
            whole->append(part.result);
        else
            whole = std::move(part.result);
    });
    std::vector<results::run_result> results;
    for (std::optional<results::run_result>& each : wholes)
        results.push_back(*std::move(each));
    return results;
}

} // namespace loas::run
