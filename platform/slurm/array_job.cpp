#include "platform/slurm/array_job.h"

#include "platform/process/child.h"
#include "platform/process/progress.h"
#include "platform/process/stop_signals.h"
#include "platform/results/result.h"
#include "platform/kept_sweep/kept_sweep.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <poll.h>
#include <system_error>

namespace loas::slurm
{
namespace
{

namespace fs = std::filesystem;
using sweep::identity;
using sweep::point_lines;
using sweep::points_file;
using sweep::read_identity;
using sweep::store;
using sweep::sweep_file;
using text::user_error;

constexpr const char* part_front = "part-";

std::string trimmed(const std::string& text)
{
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// For sh.
std::string quoted(const std::string& text)
{
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + '\'';
}

/// "1,3-7"
std::string array_text(const std::vector<std::size_t>& sorted)
{
    std::string text;
    for (std::size_t i = 0; i < sorted.size();) {
        const std::size_t first = i;
        while (++i < sorted.size() && sorted[i] == sorted[i - 1] + 1) {
        }
        text += (text.empty() ? "" : ",") + std::to_string(sorted[first]);
        if (i > first + 1)
            text += '-' + std::to_string(sorted[i - 1]);
    }
    return text;
}

struct queue_state {
    bool over = true;   ///< no task of the job waits or runs
    std::string states; ///< "3 running, 37 pending (Resources)"
};

/// Throws text::user_error if Slurm does not answer.
queue_state look_at(const std::string& job)
{
    const process::child_outcome told =
        process::child({"squeue", "--noheader", "--array", "--jobs=" + job, "--format=%T %r"}).finish();
    queue_state state;
    if (told.status() != 0) {
        if (told.errors.find("Invalid job id") != std::string::npos) // Slurm forgets a job some minutes after its end
            return state;
        throw user_error("squeue: " + trimmed(told.errors));
    }
    std::map<std::string, unsigned> counts;
    std::size_t start = 0;
    for (std::size_t end = 0; (end = told.answer.find('\n', start)) != std::string::npos; start = end + 1) {
        std::string line = told.answer.substr(start, end - start);
        const std::size_t space = std::min(line.find(' '), line.size());
        std::transform(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(space), line.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        const std::string reason = line.substr(space);
        ++counts[line.substr(0, space) + (reason.empty() || reason == " None" ? "" : " (" + reason.substr(1) + ')')];
    }
    for (const auto& [words, count] : counts)
        state.states += fmt::format("{}{} {}", state.states.empty() ? "" : ", ", count, words);
    state.over = counts.empty();
    return state;
}

class array_job
{
public:
    array_job(store& store, const identity& identity, const slurm::plan& plan)
        : m_store(store), m_identity(identity), m_plan(plan), m_folder(fs::absolute(plan.folder) / "slurm")
    {
    }
    outcome run();

private:
    std::vector<fs::path> parts() const;
    std::string recorded_job() const;
    bool all_there() const;
    void collect();
    std::vector<std::size_t> prepare_parts(std::size_t tasks) const;
    std::string submit();
    bool wait_for(const std::string& job);
    std::size_t count_lines();
    std::string words_of_tasks() const;
    outcome all_done() const;

    store& m_store;
    const identity& m_identity;
    const plan& m_plan;
    fs::path m_folder;
    std::map<fs::path, std::pair<std::uint64_t, std::size_t>> m_counted; ///< bytes and lines of a file of points
};

std::vector<fs::path> array_job::parts() const
{
    std::vector<fs::path> found;
    std::error_code none;
    for (const fs::directory_entry& each : fs::directory_iterator(m_folder, none))
        if (each.path().filename().string().compare(0, std::string(part_front).size(), part_front) == 0)
            found.push_back(each.path());
    std::sort(found.begin(), found.end());
    return found;
}

std::string array_job::recorded_job() const
{
    std::string job;
    std::ifstream(m_folder / "job") >> job;
    return job;
}

bool array_job::all_there() const
{
    const std::vector<bool>& there = m_store.finished();
    return std::find(there.begin(), there.end(), false) == there.end();
}

void array_job::collect()
{
    for (const fs::path& part : parts()) {
        if (read_identity(part).fingerprint != m_identity.fingerprint)
            throw user_error(fmt::format("{} holds another sweep than {}", part.string(), m_plan.folder.string()));
        const point_lines lines(part, m_identity.points);
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (!m_store.finished()[lines.index(i)])
                m_store.append(lines.index(i), lines.line(i));
    }
}

/// The folders of the shards, with the points that are there already. They are made here and not by the tasks: a
/// network file system would not show new ones at once. Returns the shards that lack points.
std::vector<std::size_t> array_job::prepare_parts(std::size_t tasks) const
{
    std::error_code ignored;
    fs::remove_all(m_folder, ignored);
    point_lines known(m_plan.folder, m_identity.points);
    known.sort();
    std::vector<std::vector<std::uint32_t>> places(tasks);
    for (std::size_t i = 0; i < known.size(); ++i)
        places[known.index(i) % tasks].push_back(static_cast<std::uint32_t>(i));
    std::vector<std::size_t> shards;
    for (std::size_t i = 0; i < tasks; ++i) {
        if (places[i].size() < (m_identity.points - i + tasks - 1) / tasks)
            shards.push_back(i + 1);
        store part(m_folder / (part_front + std::to_string(i + 1)), m_identity, false);
        for (const std::uint32_t place : places[i])
            part.append(known.index(place), known.line(place));
    }
    return shards;
}

/// Returns the job's number.
std::string array_job::submit()
{
    const std::size_t tasks = std::min(m_plan.tasks, m_identity.points);
    const std::vector<std::size_t> shards = prepare_parts(tasks);
    const fs::path script = m_folder / "job.sh";
    std::string log;
    for (const char c : m_folder.string())
        log += c == '%' ? "%%" : std::string(1, c);
    std::vector<std::string> call = {"sbatch", "--parsable", "--job-name=" + m_plan.name,
                                     fmt::format("--cpus-per-task={}", m_plan.jobs),
                                     "--output=" + log + "/task-%a.log"};
    call.insert(call.end(), m_plan.sbatch.begin(), m_plan.sbatch.end());
    call.push_back("--array=" + array_text(shards));
    call.push_back(script.string());
    std::string shown;
    for (const std::string& each : call)
        shown += ' ' + quoted(each);
    const std::string program = fs::read_symlink("/proc/self/exe").string();
    const std::string sweep = (fs::absolute(m_plan.folder) / sweep_file).string();
    results::write_file(script,
                        fmt::format("#!/bin/sh\n# Submitted by{}\n"
                                    "exec {} sweep {} --shard \"$SLURM_ARRAY_TASK_ID\"/{} "
                                    "--out {}\"$SLURM_ARRAY_TASK_ID\" --resume --quiet --jobs {} --timeout {}\n",
                                    shown, quoted(program), quoted(sweep), tasks,
                                    quoted((m_folder / part_front).string()), m_plan.jobs, m_plan.timeout_s));
    const process::child_outcome told = process::child(call).finish();
    const std::string job = told.answer.substr(0, told.answer.find_first_of(";\n")); // ;CLUSTER may follow
    if (told.status() != 0 || job.empty() || job.find_first_not_of("0123456789") != std::string::npos)
        throw user_error(trimmed(told.errors).empty() ? fmt::format("sbatch: ended with exit code {}", told.status())
                                                      : trimmed(told.errors));
    results::write_file(m_folder / "job", job + '\n');
    if (!m_plan.quiet)
        std::fprintf(stderr, "Job %s of Slurm: %zu tasks.\n%s", job.c_str(), shards.size(), told.errors.c_str());
    return job;
}

/// Lines of the files of points; what is added is read once.
std::size_t array_job::count_lines()
{
    std::size_t lines = 0;
    for (const fs::path& part : parts()) {
        auto& [bytes, counted] = m_counted[part];
        std::ifstream stream(part / points_file, std::ios::binary);
        stream.seekg(static_cast<std::streamoff>(bytes));
        char block[65536];
        while (stream.read(block, sizeof block), stream.gcount() > 0) {
            counted += static_cast<std::size_t>(std::count(block, block + stream.gcount(), '\n'));
            bytes += static_cast<std::uint64_t>(stream.gcount());
        }
        lines += counted;
    }
    return lines;
}

/// False: we are to stop.
bool array_job::wait_for(const std::string& job)
{
    using clock = std::chrono::steady_clock;
    constexpr std::chrono::seconds longest(30); // the cluster's controller has others to serve
    process::progress bar("sweep", m_identity.points, !m_plan.quiet);
    std::string states, complaint;
    auto pause = std::chrono::milliseconds(500);
    for (auto next = clock::now(); !process::stop_signals::wanted();) {
        if (clock::now() >= next) {
            try {
                const queue_state state = look_at(job);
                if (state.over)
                    return true;
                states = state.states;
            } catch (const user_error& silent) { // it may come back; who does not want to wait can interrupt us
                states = "Slurm does not answer";
                if (!m_plan.quiet && complaint.empty())
                    std::fprintf(stderr, "%s\n", silent.what());
                complaint = silent.what();
            }
            next = clock::now() + pause;
            pause = std::min<std::chrono::milliseconds>(pause * 6 / 5, longest);
        }
        if (bar.shown())
            bar.update(count_lines(), fmt::format("  job {}: {}", job, states));
        ::poll(nullptr, 0, 500); // a signal ends it
    }
    return false;
}

/// What became of the first task that did not come to its end.
std::string array_job::words_of_tasks() const
{
    std::vector<fs::path> logs;
    std::error_code none;
    for (const fs::directory_entry& each : fs::directory_iterator(m_folder, none))
        if (each.path().extension() == ".log")
            logs.push_back(each.path());
    if (logs.empty())
        return fmt::format("No task wrote to {}: do the nodes see that folder?\n", m_folder.string());
    std::sort(logs.begin(), logs.end());
    for (const fs::path& each : logs) {
        std::string line, last; // message, whose further lines are indented
        for (std::ifstream stream(each); std::getline(stream, line);)
            if (const std::string words = trimmed(line); !words.empty())
                last = line.front() == ' ' ? last + ' ' + words : words;
        if (!last.empty() && last.compare(0, 8, "Written:") != 0)
            return fmt::format("{} ends with: {}\n", each.string(), text::printable(last, 300));
    }
    return "";
}

/// All points are in the store: the job's files are of no use any more.
outcome array_job::all_done() const
{
    std::error_code ignored;
    fs::remove_all(m_folder, ignored);
    return {true, ""};
}

outcome array_job::run()
{
    const process::stop_signals signals;
    std::string job = recorded_job();
    if (job.empty() || look_at(job).over) {
        collect();
        if (all_there())
            return all_done();
        job = submit();
    } else if (!m_plan.quiet) {
        std::fprintf(stderr, "Job %s of Slurm is under way; nothing is submitted.\n", job.c_str());
    }
    const bool whole = wait_for(job);
    collect();
    if (all_there())
        return all_done();
    if (whole)
        return {true, words_of_tasks() + "The same command with --resume submits them again.\n"};
    return {false,
            fmt::format("Interrupted; job {} goes on. The same command with --resume collects it, scancel {} ends "
                        "it.\n",
                        job, job)};
}

} // namespace

outcome run_array_job(store& store, const identity& identity, const slurm::plan& plan)
{
    const bool fresh = std::find(store.finished().begin(), store.finished().end(), true) == store.finished().end();
    const fs::path job = plan.folder / "slurm" / "job";
    try {
        return array_job(store, identity, plan).run();
    } catch (const user_error&) {
        std::error_code ignored;
        if (fresh && !fs::exists(job, ignored)) { // nothing was submitted: the same command again begins anew
            fs::remove_all(plan.folder / "slurm", ignored);
            for (const char* each : {points_file, sweep_file})
                fs::remove(plan.folder / each, ignored);
            kept_sweep::remove_kept(plan.folder);
            fs::remove(plan.folder, ignored); // if it is empty
        }
        throw;
    }
}

} // namespace loas::slurm
