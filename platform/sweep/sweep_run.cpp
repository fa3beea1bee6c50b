#include "platform/sweep/sweep_run.h"

#include "platform/process/child.h"
#include "platform/process/progress.h"
#include "platform/process/stop_signals.h"
#include "platform/run/rerun.h"
#include "platform/sweep/sweep_point.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace loas::sweep
{
namespace
{

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds grace(5); // for points under way when we are to stop

/// The end of what a child that crashed wrote to standard error.
std::string last_words(const std::string& errors)
{
    static constexpr std::size_t most = 1000;
    return errors.size() > most ? "..." + errors.substr(errors.size() - most) : errors;
}

class pool_run
{
public:
    pool_run(points& points, store& store, const sweep_pool& pool)
        : m_points(points), m_store(store), m_pool(pool), m_under_way(pool.timeout_s)
    {
    }
    ~pool_run()
    {
        // Not in the points, whose bytes are the same in every run: it may hold addresses and numbers of processes.
        for (const std::string& each : m_crashes)
            std::fprintf(stderr, "%s\n", each.c_str());
    }
    pool_run(const pool_run&) = delete;
    pool_run& operator=(const pool_run&) = delete;

    bool run(const std::vector<std::size_t>& todo);

private:
    void start(std::size_t index);
    void wait_for_answers(clock::time_point until);
    void finish(std::size_t index, const process::child_outcome& outcome);

    points& m_points;
    store& m_store;
    const sweep_pool& m_pool;
    process::child_pool m_under_way;
    std::size_t m_done = 0;
    std::vector<std::string> m_crashes; ///< what the first few said
};

void pool_run::start(std::size_t index)
{
    if (const std::string reason = m_points.refusal(index); !reason.empty()) {
        m_store.append(index, failed_line(m_points, index, "refused", reason));
        ++m_done;
        return;
    }
    const auto work = [&] {
        m_store.let_go();
        run::host_times unseen;
        run::run_options options;
        options.quiet = true;
        options.console = stderr;
        options.jobs = 1;
        return point_line(m_points, index, run::run(m_points.scenario(index), options, unseen));
    };
    process::child_setup setup;
    // SIGINT and SIGTERM go to all processes of a terminal or a cluster's job; they are for us, who decide how long a
    // point may go on. What a point has to say stands in its line; a thousand points would say it a thousand times.
    setup.ignore_stop = setup.keep_errors = true;
    try {
        m_under_way.start(index, work, setup);
    } catch (const std::runtime_error& none) { // a limit of this computer, no mistake of ours
        throw text::user_error(fmt::format("{}; fewer points at a time need fewer (--jobs)", none.what()));
    }
}

/// Until something came or the time is over; what has ended is written.
void pool_run::wait_for_answers(clock::time_point until)
{
    for (const process::child_pool::ended& each : m_under_way.wait(until))
        finish(each.id, each.outcome);
}

void pool_run::finish(std::size_t index, const process::child_outcome& outcome)
{
    static constexpr std::size_t crashes_told = 3;
    const std::string words = last_words(outcome.errors);
    const bool crashed = outcome.signal != 0 || outcome.code == process::exit_code::our_bug;
    if (crashed && !outcome.timed_out && !words.empty() && m_crashes.size() < crashes_told)
        m_crashes.push_back(fmt::format("Point {} crashed; it said: {}", index, words));
    const auto failed = [&](const char* status, const std::string& reason) {
        return failed_line(m_points, index, status, reason);
    };
    std::string line;
    if (outcome.timed_out)
        line = failed("timed out", fmt::format("no result within {} s (--timeout)", m_pool.timeout_s));
    else if (outcome.signal != 0)
        line = failed("crashed", fmt::format("ended by signal {}", outcome.signal));
    else if (outcome.code == process::exit_code::good)
        line = outcome.answer;
    else if (outcome.code == process::exit_code::user_mistake)
        line = failed("user mistake", outcome.answer);
    else if (outcome.code == process::exit_code::guest_failed)
        line = failed("guest failed", outcome.answer);
    else if (outcome.code == process::exit_code::stuck)
        line = failed("stuck", outcome.answer.substr(0, outcome.answer.find('\n'))); // without the last events
    else
        line = failed("crashed", outcome.answer.empty() ? "ended without a word" : outcome.answer);
    m_store.append(index, line);
    ++m_done;
}

bool pool_run::run(const std::vector<std::size_t>& todo)
{
    const process::stop_signals signals;
    process::progress bar("sweep", todo.size(), !m_pool.quiet);
    const auto began = clock::now();
    const auto tell = [&] {
        const double seconds = std::chrono::duration<double>(clock::now() - began).count();
        const double rate = seconds > 0 ? static_cast<double>(m_done) / seconds : 0;
        const double left_s = rate > 0 ? static_cast<double>(todo.size() - m_done) / rate : 0;
        if (bar.shown() && m_done > 0)
            bar.update(m_done, fmt::format("  {:.1f} points/s, {:.0f} min {:02.0f} s left", rate,
                                           std::floor(left_s / 60), std::fmod(left_s, 60)));
    };
    for (std::size_t next = 0; !process::stop_signals::wanted() && (next < todo.size() || m_under_way.size() > 0);) {
        while (!process::stop_signals::wanted() && next < todo.size() && m_under_way.size() < m_pool.jobs)
            start(todo[next++]);
        if (m_under_way.size() > 0)
            wait_for_answers(clock::now() + std::chrono::seconds(1)); // the signal may come just before the poll
        tell();
    }
    if (!process::stop_signals::wanted())
        return true;
    for (const auto until = clock::now() + grace; m_under_way.size() > 0 && clock::now() < until;)
        wait_for_answers(until);
    return false;
}

} // namespace

bool run_points(points& points, const std::vector<std::size_t>& todo, store& store, const sweep_pool& pool)
{
    return pool_run(points, store, pool).run(todo);
}

} // namespace loas::sweep
