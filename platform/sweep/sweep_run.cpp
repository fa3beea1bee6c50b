#include "platform/sweep/sweep_run.h"

#include "platform/process/child_process.h"
#include "platform/process/progress.h"
#include "platform/process/stop_signals.h"
#include "platform/run/simulate.h"
#include "platform/sweep/sweep_point.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace loas::sweep
{
namespace
{

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds grace(5); // for points under way when we are to stop

struct point_under_way {
    std::size_t index;
    process::child_process child;
    int errors; ///< what it writes to standard error
    std::string answer;
    clock::time_point started;
    bool timed_out = false;
};

/// SIGINT and SIGTERM go to all processes of a terminal or a cluster's job; they are for us, who decide how long a
/// point may go on.
void prepare_child(int errors)
{
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    // What a point has to say stands in its line; a thousand points would say it a thousand times.
    if (const int nowhere = ::open("/dev/null", O_WRONLY); nowhere >= 0) {
        ::dup2(nowhere, STDOUT_FILENO);
        ::close(nowhere);
    }
    ::dup2(errors, STDERR_FILENO);
}

/// What a child that crashed wrote to standard error: the end of what the pipe took.
std::string last_words(int errors)
{
    static constexpr std::size_t most = 1000;
    std::string text;
    char block[4096];
    for (::ssize_t part = 0; (part = ::read(errors, block, sizeof block)) > 0;)
        text.append(block, static_cast<std::size_t>(part));
    return text.size() > most ? "..." + text.substr(text.size() - most) : text;
}

class pool_run
{
public:
    pool_run(points& points, store& store, const sweep_pool& pool) : m_points(points), m_store(store), m_pool(pool) {}
    ~pool_run()
    {
        for (const point_under_way& each : m_under_way) {
            process::stop_child(each.child);
            process::end_of(each.child);
            ::close(each.errors);
        }
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
    void finish(const point_under_way& ended);

    points& m_points;
    store& m_store;
    const sweep_pool& m_pool;
    std::vector<point_under_way> m_under_way;
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
    int errors[2]; // full, it takes no more, and the point goes on
    if (::pipe2(errors, O_CLOEXEC | O_NONBLOCK) != 0)
        throw text::user_error(fmt::format("no pipe to a further simulation: {}", std::strerror(errno)));
    const auto work = [&] {
        prepare_child(errors[1]);
        m_store.let_go();
        return point_line(m_points, index, run::simulate(m_points.scenario(index), true));
    };
    try {
        m_under_way.push_back({index, process::start_child(work), errors[0], {}, clock::now()});
        ::close(errors[1]);
    } catch (const std::runtime_error& none) { // a limit of this computer, no mistake of ours
        ::close(errors[0]);
        ::close(errors[1]);
        throw text::user_error(fmt::format("{}; fewer points at a time need fewer (--jobs)", none.what()));
    }
}

/// Until something came or the time is over; what has ended is written.
void pool_run::wait_for_answers(clock::time_point until)
{
    std::vector<pollfd> pipes;
    for (const point_under_way& each : m_under_way) {
        pipes.push_back({each.child.pipe, POLLIN, 0});
        if (m_pool.timeout_s > 0 && !each.timed_out)
            until = std::min(until, each.started + std::chrono::duration_cast<clock::duration>(
                                                       std::chrono::duration<double>(m_pool.timeout_s)));
    }
    const auto left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count() + 1;
    const int ready = ::poll(pipes.data(), pipes.size(), static_cast<int>(std::clamp<long long>(left_ms, 0, 60'000)));
    for (std::size_t i = ready > 0 ? pipes.size() : 0; i-- > 0;) {
        if (pipes[i].revents == 0 || process::read_some(m_under_way[i].child, m_under_way[i].answer))
            continue;
        // Taken off first: what throws below must not meet a process again that has ended.
        const point_under_way ended = std::move(m_under_way[i]);
        m_under_way.erase(m_under_way.begin() + static_cast<std::ptrdiff_t>(i));
        finish(ended);
    }
    if (m_pool.timeout_s > 0)
        for (point_under_way& each : m_under_way)
            if (!each.timed_out &&
                std::chrono::duration<double>(clock::now() - each.started).count() >= m_pool.timeout_s) {
                each.timed_out = true;
                process::stop_child(each.child);
            }
}

void pool_run::finish(const point_under_way& ended)
{
    static constexpr std::size_t crashes_told = 3;
    const process::child_outcome outcome = process::end_of(ended.child);
    const std::string words = last_words(ended.errors);
    ::close(ended.errors);
    const bool crashed = outcome.signal != 0 || outcome.code == process::exit_code::our_bug;
    if (crashed && !ended.timed_out && !words.empty() && m_crashes.size() < crashes_told)
        m_crashes.push_back(fmt::format("Point {} crashed; it said: {}", ended.index, words));
    const auto failed = [&](const char* status, const std::string& reason) {
        return failed_line(m_points, ended.index, status, reason);
    };
    std::string line;
    if (ended.timed_out)
        line = failed("timed out", fmt::format("no result within {} s (--timeout)", m_pool.timeout_s));
    else if (outcome.signal != 0)
        line = failed("crashed", fmt::format("ended by signal {}", outcome.signal));
    else if (outcome.code == process::exit_code::good)
        line = ended.answer;
    else if (outcome.code == process::exit_code::user_mistake)
        line = failed("user mistake", ended.answer);
    else if (outcome.code == process::exit_code::guest_failed)
        line = failed("guest failed", ended.answer);
    else if (outcome.code == process::exit_code::stuck)
        line = failed("stuck", ended.answer);
    else
        line = failed("crashed", ended.answer.empty() ? "ended without a word" : ended.answer);
    m_store.append(ended.index, line);
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
    for (std::size_t next = 0; !process::stop_signals::wanted() && (next < todo.size() || !m_under_way.empty());) {
        while (!process::stop_signals::wanted() && next < todo.size() && m_under_way.size() < m_pool.jobs)
            start(todo[next++]);
        if (!m_under_way.empty())
            wait_for_answers(clock::now() + std::chrono::seconds(1)); // the signal may come just before the poll
        tell();
    }
    if (!process::stop_signals::wanted())
        return true;
    for (const auto until = clock::now() + grace; !m_under_way.empty() && clock::now() < until;)
        wait_for_answers(until);
    return false;
}

} // namespace

bool run_points(points& points, const std::vector<std::size_t>& todo, store& store, const sweep_pool& pool)
{
    return pool_run(points, store, pool).run(todo);
}

} // namespace loas::sweep
