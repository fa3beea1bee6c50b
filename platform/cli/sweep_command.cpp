#include "platform/cli/sweep_command.h"

#include "platform/cli/command.h"
#include "platform/findings/best_by.h"
#include "platform/findings/question.h"
#include "platform/findings/sweep_summary.h"
#include "platform/findings/sweep_table.h"
#include "platform/kept_sweep/kept_sweep.h"
#include "platform/output/output_place.h"
#include "platform/process/machine_limits.h"
#include "platform/results/result.h"
#include "platform/slurm/array_job.h"
#include "platform/sweep/definition.h"
#include "platform/sweep/points.h"
#include "platform/sweep/store.h"
#include "platform/sweep/sweep_point.h"
#include "platform/sweep/sweep_run.h"
#include "platform/text/say.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace loas::cli
{
namespace
{

namespace fs = std::filesystem;
using text::user_error;
using json = nlohmann::ordered_json;

constexpr const char* sweep_schema = "loas-vp.sweep/1";

/// results/NAME, where the name must not lead anywhere else.
fs::path default_folder(const fs::path& file)
{
    const std::string name = file.stem().string();
    if (name.empty() || name == "." || name == "..")
        throw user_error(fmt::format("'{}' cannot be the name of a folder under results/: give --out", name));
    return fs::path("results") / name;
}

/// What the folder now holds. @param lines sorted @param wanted points that should be there @param by axes of --by
/// written: the file is told as the command's work.
sweep_outcome outcome_of(const fs::path& folder, const sweep::point_lines& lines, std::size_t points,
                         const std::vector<std::size_t>& wanted, sweep_text text, findings::ranking ranking,
                         const std::vector<std::string>& by, bool written = true)
{
    findings::best_by cells(ranking, by);
    findings::sweep_summary summary(std::move(ranking));
    std::vector<bool> there(points);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        summary.add(lines.line(i));
        if (const sweep::point_record point = by.empty() ? sweep::point_record() : sweep::read_point(lines.line(i)); point.ok())
            cells.add(point);
        there[lines.index(i)] = true;
    }
    summary.finish();
    cells.finish();
    const std::vector<std::string> mistakes = summary.mistakes();
    for (const std::vector<std::string>& list : {mistakes, summary.best().remarks()})
        for (const std::string& each : list)
            text::say(each);
    std::vector<std::size_t> missing;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(missing), [&](std::size_t i) { return !there[i]; });
    sweep_outcome outcome;
    outcome.mistakes = mistakes.size();
    const bool whole = missing.empty() && summary.good() == summary.finished() && mistakes.empty();
    outcome.code = whole ? process::exit_code::good : process::exit_code::different;
    const fs::path file = folder / sweep::points_file;
    if (text == sweep_text::json) {
        json out;
        out["schema"] = sweep_schema;
        out["points_file"] = file.string();
        out["points"] = points;
        out["finished"] = summary.finished();
        out["missing"] = missing.size();
        out["statuses"] = summary.statuses();
        out["outside_constraints"] = summary.best().outside();
        out["best"] = summary.best().to_json();
        if (!by.empty())
            out["best_by"] = cells.to_json();
        outcome.text = out.dump(2) + '\n';
        return outcome;
    }
    outcome.text = (text == sweep_text::table ? findings::points_table(lines)
                    : by.empty()              ? summary.best().table()
                                              : cells.table()) +
                   summary.counts(points);
    if (!missing.empty())
        outcome.text += fmt::format("Missing: {} points: {}\n", missing.size(), findings::ranges_of(missing));
    if (written)
        outcome.text += "Written: " + file.string() + '\n';
    return outcome;
}

sweep_text sweep_text_of(const po::variables_map& given)
{
    for (const char* other : {"json", "by"})
        if (given.count(other) != 0 && given.count("table") != 0)
            throw user_error(fmt::format("--{} and --table: only one of them can be", other));
    return given.count("json") != 0    ? sweep_text::json
           : given.count("table") != 0 ? sweep_text::table
                                       : sweep_text::best;
}

void read_slurm(const po::variables_map& given, sweep_request& into)
{
    into.slurm = given.count("slurm") != 0;
    for (const char* each : {"tasks", "partition", "time", "sbatch"})
        if (!into.slurm && given.count(each) != 0)
            throw user_error(fmt::format("--{} is for --slurm", each));
    if (into.slurm && given.count("shard") != 0)
        throw user_error("--shard: --slurm makes the shards itself");
    if (given.count("tasks") != 0) {
        const int tasks = given["tasks"].as<int>();
        if (tasks < 1 || tasks > 100'000)
            throw user_error("--tasks: allowed are 1..100000");
        into.slurm_tasks = static_cast<std::size_t>(tasks);
    }
    for (const char* each : {"partition", "time"})
        if (given.count(each) != 0)
            into.sbatch.push_back(fmt::format("--{}={}", each, given[each].as<std::string>()));
    if (given.count("sbatch") != 0)
        for (const std::string& each : given["sbatch"].as<std::vector<std::string>>())
            into.sbatch.push_back(each);
}

} // namespace

void read_shard(const std::string& text, sweep_request& into)
{
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, into.shard);
    const bool slash = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
    const auto second = std::from_chars(slash ? first.ptr + 1 : end, end, into.shards);
    if (!slash || second.ec != std::errc() || second.ptr != end || into.shard < 1 || into.shard > into.shards)
        throw user_error(fmt::format("--shard {}: expected i/n with 1 <= i <= n, as 2/5", text::printable(text)));
}

sweep_outcome sweep_points(const sweep_request& request)
{
    sweep::points points(sweep::read_definition(request.file, sweep::result_keys(), request.keys));
    for (const std::string& each : points.without_effect())
        text::say(each);
    std::vector<std::string_view> axes;
    for (const sweep::dimension& each : points.sweep().dimensions)
        for (const sweep::column& column : each.columns)
            axes.push_back(column.key);
    const std::vector<std::string> by =
        request.by ? findings::axes_of(*request.by, axes) : std::vector<std::string>();
    const fs::path folder = request.out.empty() ? default_folder(request.file) : request.out;
    const kept_sweep::copies kept(points.sweep());
    const sweep::identity identity{kept.toml(), points.size(),
                                   points.fingerprint("loas-vp " LOAS_VP_VERSION)};
    const bool quiet = request.quiet || request.text == sweep_text::json;
    sweep::store store(folder, identity, request.resume, request.force);
    kept.write(folder);
    // Every n-th: neighbours take about as long, so the shards do, too.
    std::vector<std::size_t> mine, todo;
    for (std::size_t i = request.shard - 1; i < points.size(); i += request.shards) {
        mine.push_back(i);
        if (!store.finished()[i])
            todo.push_back(i);
    }
    bool whole = false;
    std::string remark;
    if (request.slurm) {
        const std::string name = "loas-vp-" + request.file.stem().string();
        const unsigned jobs = std::max(1U, request.jobs);
        slurm::outcome ended = slurm::run_array_job(
            store, identity, {folder, name, request.slurm_tasks, jobs, request.timeout_s, quiet, request.sbatch});
        whole = ended.whole;
        remark = std::move(ended.remark);
    } else {
        const unsigned jobs = request.jobs != 0 ? request.jobs : process::processors();
        whole = sweep::run_points(points, todo, store, {jobs, request.timeout_s, quiet});
        remark = whole ? "" : "Interrupted; --resume goes on.\n";
    }
    const sweep::point_lines lines = store.sort();
    sweep_outcome outcome =
        outcome_of(folder, lines, points.size(), mine, request.text, findings::read_ranking(folder), by);
    if (!whole)
        outcome.code = process::exit_code::interrupted;
    outcome.text += request.text == sweep_text::json ? "" : remark;
    return outcome;
}

sweep_outcome merge_sweeps(const std::vector<fs::path>& folders, const fs::path& out, sweep_text text)
{
    const sweep::identity identity = sweep::read_identity(folders.front());
    sweep::require_no_run(out, "");
    std::vector<fs::path> sources = folders;
    std::error_code ignored;
    if (fs::exists(out / sweep::points_file, ignored))
        sources.push_back(out); // nothing that is there gets lost
    std::vector<sweep::point_lines> lines;
    constexpr auto nowhere = static_cast<std::uint32_t>(-1);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> from(identity.points, {nowhere, 0}); // source, place in it
    for (const fs::path& source : sources) {
        if (sweep::read_identity(source).fingerprint != identity.fingerprint)
            throw user_error(
                fmt::format("merge: {} holds another sweep than {}", source.string(), folders.front().string()));
        lines.emplace_back(source, identity.points);
        for (std::size_t i = 0; i < lines.back().size(); ++i) {
            const std::size_t point = lines.back().index(i);
            if (from[point].first == nowhere)
                from[point] = {static_cast<std::uint32_t>(lines.size() - 1), static_cast<std::uint32_t>(i)};
            else if (lines[from[point].first].line(from[point].second) != lines.back().line(i))
                throw user_error(fmt::format("merge: point {} is not the same in {} and {}", point,
                                             sources[from[point].first].string(), source.string()));
        }
    }
    fs::create_directories(out, ignored);
    if (ignored)
        throw user_error(fmt::format("--out {}: cannot create the folder: {}", out.string(), ignored.message()));
    kept_sweep::copy_kept(folders.front(), out);
    results::write_file(out / sweep::sweep_file, to_text(identity));
    std::size_t next = 0;
    results::write_file(out / sweep::points_file, [&](std::string& text) {
        while (next < from.size() && from[next].first == nowhere)
            ++next;
        if (next == from.size())
            return false;
        text += lines[from[next].first].line(from[next].second) + '\n';
        ++next;
        return true;
    });
    std::vector<std::size_t> all(identity.points);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return outcome_of(out, sweep::point_lines(out, identity.points), identity.points, all, text,
                      findings::read_ranking(out), {});
}

namespace
{

process::exit_code sweep(const po::variables_map& given)
{
    sweep_request request;
    request.file = given["file"].as<std::string>();
    if (given.count("out") != 0) {
        request.out = given["out"].as<std::string>();
        output::require_writable(request.out);
    }
    request.jobs = jobs_of(given);
    request.timeout_s = given["timeout"].as<double>();
    if (!(request.timeout_s >= 0 && request.timeout_s <= 1e7))
        throw user_error("--timeout: a number of seconds is needed");
    if (given.count("shard") != 0)
        read_shard(given["shard"].as<std::string>(), request);
    if (given.count("json-keys") != 0)
        request.keys = text::words_of_list(given["json-keys"].as<std::string>());
    read_slurm(given, request);
    request.resume = given.count("resume") != 0;
    request.force = given.count("force") != 0;
    if (request.resume && request.force)
        throw user_error("--resume and --force: only one of them can be");
    request.text = sweep_text_of(given);
    if (given.count("by") != 0)
        request.by = given["by"].as<std::string>();
    request.quiet = given.count("quiet") != 0;
    const sweep_outcome outcome = sweep_points(request);
    print(outcome.text);
    return outcome.code;
}

process::exit_code best(const po::variables_map& given)
{
    if (given.count("file") == 0)
        throw user_error("best: of which sweep? Usage: loas-vp best DIR");
    const fs::path folder = given["file"].as<std::string>();
    const std::size_t points = sweep::read_identity(folder).points;
    sweep::point_lines lines(folder, points);
    lines.sort(); // a sweep under way adds them as they end
    if (given.count("least") != 0 && given.count("most") != 0)
        throw user_error("--least and --most: only one of them can be");
    findings::ranking wanted = findings::read_ranking(folder);
    const findings::question question(lines);
    if (given.count("where") != 0)
        for (const std::string& each : given["where"].as<std::vector<std::string>>())
            question.add_budget(wanted, each);
    for (const char* option : {"least", "most"})
        if (given.count(option) != 0)
            question.set_objective(wanted, option, given[option].as<std::string>());
    const sweep_text text = given.count("json") != 0 ? sweep_text::json : sweep_text::best;
    std::vector<std::string> by;
    if (given.count("by") != 0)
        by = question.axes_of(given["by"].as<std::string>());
    const sweep_outcome outcome = outcome_of(folder, lines, points, {}, text, std::move(wanted), by, false);
    print(outcome.text);
    return outcome.mistakes == 0 ? process::exit_code::good : process::exit_code::user_mistake;
}

process::exit_code merge(const po::variables_map& given)
{
    if (given.count("folders") == 0 || given.count("out") == 0)
        throw user_error("merge: which folders, and where to? Usage: loas-vp merge DIR... --out DIR");
    std::vector<std::filesystem::path> folders;
    for (const std::string& each : given["folders"].as<std::vector<std::string>>())
        folders.emplace_back(each);
    const std::filesystem::path out = given["out"].as<std::string>();
    output::require_writable(out);
    const sweep_outcome outcome = merge_sweeps(folders, out, sweep_text_of(given));
    print(outcome.text);
    return outcome.code;
}

} // namespace

option_row by_row()
{
    return text("by", "AXIS[,AXIS]", "the best for each value of an axis, or of two as a map, and how far the next is");
}

command sweep_row()
{
    return {"sweep",
            "FILE",
            "simulate every point of a sweep file; writes points.jsonl, a line a point",
            "file",
            sweep,
            {jobs_row("points"), text("out", "DIR", "folder for the points (default: results/NAME of the file)"),
             flag("resume", "go on with the folder's sweep; points that are there are not computed again"),
             flag("force", "replace the sweep or the result that is in that folder"),
             with_default("timeout", "S", 0.0, "seconds a point may take (0: no limit)"),
             text("shard", "I/N", "only every N-th point, from the I-th on; see merge"),
             text("json-keys", "KEY,...", "further figures to keep of each point, named as loas-vp diff shows them"),
             flag("slurm", "as an array job of Slurm; --jobs is then of a task (default 1)"),
             optional<int>("tasks", "N", "tasks of the array (default: 100, or the points if they are fewer)"),
             text("partition", "NAME", "of Slurm"), text("time", "LIMIT", "of a task, as sbatch understands it"),
             texts("sbatch", "ARGUMENT", "for sbatch, as --sbatch=--mem=2G; may be given several times"),
             flag("table", "print all points as Markdown: axes that vary, cycles, derived figures"),
             by_row(), flag("quiet", "no progress"), flag("json", "print where the points are and how many, as JSON")},
            {"sweep scenarios/what-if/tiles_and_cache.toml",
             "sweep scenarios/what-if/tiles_and_cache.toml -j 4 --out /tmp/tiles --resume",
             "sweep scenarios/what-if/tiles_and_cache.toml --shard 2/5 --out /tmp/part2",
             "sweep scenarios/what-if/tiles_and_cache.toml --slurm --time 10:00 --sbatch=--mem=2G"}};
}

command best_row()
{
    return {"best",
            "DIR",
            "the best points of a sweep, within budgets of area, energy or accuracy",
            "file",
            best,
            {texts("where", "COMPARISON", "what the points must keep, of axes and kept figures; may be given several times"),
             text("least", "EXPRESSION", "what the best have least of (default: as the sweep says, or totals.cycles)"),
             text("most", "EXPRESSION", "what they have most of"), by_row(), flag("json", "as JSON")},
            {"best results/tiles_and_cache --where 'area_mm2.total < 2.5'",
             "best results/tiles_and_cache --where 'totals.cycles < 1e6' --least totals.energy_pj.total"}};
}

command merge_row()
{
    return {"merge",
            "DIR...",
            "join the shards of a sweep",
            "folders",
            merge,
            {text("out", "DIR", "folder for all points"),
             flag("table", "print all points as Markdown: axes that vary, cycles, derived figures"),
             flag("json", "as JSON")},
            {"merge /tmp/part1 /tmp/part2 --out /tmp/whole"}};
}

} // namespace loas::cli
