#include "app/commands.h"

#include "app/diff.h"
#include "app/errors.h"
#include "app/explain.h"
#include "app/scoreboard.h"
#include "app/simulate.h"
#include "app/sweep_command.h"
#include "config/scenario.h"
#include "config/user_error.h"
#include "config/words.h"
#include "report/result.h"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace loas::app
{
namespace
{

namespace po = boost::program_options;
using config::user_error;

struct command {
    std::string name;
    std::string usage;
    std::string summary;
    std::string examples;
    po::options_description options;
    const char* positional; ///< what stands without a name: "file" (needed), "results" and the like (several), or ""
    std::function<exit_code(const po::variables_map&)> run;
};

void print(const std::string& text)
{
    // A closed pipe or a full disk must not look like success.
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw user_error("cannot write to standard output");
}

config::scenario scenario_of(const po::variables_map& given)
{
    std::vector<std::string> overrides;
    if (given.count("set") != 0)
        overrides = given["set"].as<std::vector<std::string>>();
    if (given.count("timing") != 0)
        overrides.push_back("timing=" + given["timing"].as<std::string>());
    if (given.count("check-protocol") != 0)
        overrides.emplace_back("run.check_protocol=true");
    return config::load_scenario(given["file"].as<std::string>(), overrides);
}

/// results/NAME, where the name must not lead anywhere else.
std::filesystem::path default_folder(const config::scenario& scenario)
{
    if (scenario.name.empty() || scenario.name == "." || scenario.name == ".." ||
        scenario.name.find('/') != std::string::npos)
        throw user_error(
            fmt::format("name = '{}' cannot be the name of a folder under results/: change it, or give --out",
                        config::printable(scenario.name)));
    return std::filesystem::path("results") / scenario.name;
}

/// The folder, or the nearest one above it that exists, must be a folder that we may write to.
void require_writable(const std::filesystem::path& directory)
{
    if (directory.empty())
        throw user_error("--out: which folder?");
    std::error_code ignored;
    std::filesystem::path existing = std::filesystem::absolute(directory);
    while (!std::filesystem::exists(existing, ignored) && existing.has_relative_path())
        existing = existing.parent_path();
    if (!std::filesystem::is_directory(existing, ignored))
        throw user_error(fmt::format("--out {}: {} is not a folder", directory.string(), existing.string()));
    if (::access(existing.c_str(), W_OK) != 0)
        throw user_error(fmt::format("--out {}: cannot write to {}", directory.string(), existing.string()));
}

void tell(const host_times& times)
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print(
        stderr,
        "host ms: load {:.1f}, build {:.1f}, simulate {:.1f}, account {:.1f}, report {:.1f}, to first cycle {:.1f}; "
        "peak KiB: {}\n",
        1e3 * times.load, 1e3 * times.build, 1e3 * times.simulate, 1e3 * times.account, 1e3 * times.report,
        1e3 * times.first_cycle, usage.ru_maxrss);
}

exit_code run(const po::variables_map& given)
{
    const config::scenario scenario = scenario_of(given);
    const bool json = given.count("json") != 0;
    const std::filesystem::path directory =
        given.count("out") != 0 ? std::filesystem::path(given["out"].as<std::string>()) : default_folder(scenario);
    require_writable(directory); // said before a long run, not after it

    host_times times;
    const report::run_result result = simulate(scenario, json || given.count("quiet") != 0, times);
    const auto report_start = std::chrono::steady_clock::now();
    const std::string text = report::to_json(result);
    std::error_code failure;
    std::filesystem::create_directories(directory, failure);
    if (failure)
        throw user_error(fmt::format("--out {}: cannot create the folder: {}", directory.string(), failure.message()));
    const std::filesystem::path file = directory / report::result_file;
    report::write_file(file, text);
    report::write_file(directory / report::scenario_file, config::dump(scenario));
    print(json ? text : report::to_table(result) + "Written: " + file.string() + '\n');
    times.report = stopwatch::seconds_since(report_start);
    if (given.count("host-times") != 0)
        tell(times);
    return result.golden() == "different" ? exit_code::different : exit_code::good;
}

exit_code explain_result(const po::variables_map& given)
{
    const explanation explained = explain(given["file"].as<std::string>());
    print(given.count("json") != 0 ? to_json(explained) : to_text(explained));
    return exit_code::good;
}

exit_code compare(const po::variables_map& given)
{
    const std::vector<std::string> files =
        given.count("results") != 0 ? given["results"].as<std::vector<std::string>>() : std::vector<std::string>();
    if (files.size() != 2)
        throw user_error("diff: which two results? Usage: loas-vp diff BEFORE AFTER");
    const double tolerance = given["tolerance"].as<double>();
    if (!(tolerance >= 0))
        throw user_error("--tolerance: a percentage of 0 or more is needed");
    const result_diff difference = diff(files[0], files[1], tolerance);
    print(given.count("json") != 0 ? to_json(difference) : to_text(difference));
    return difference.figures.empty() && difference.configuration.empty() ? exit_code::good : exit_code::different;
}

exit_code published(const po::variables_map& given)
{
    scoreboard_request request;
    if (given.count("networks") != 0)
        request.networks = given["networks"].as<std::vector<std::string>>();
    request.seeds = given["seeds"].as<unsigned>();
    if (request.seeds == 0 || request.seeds > 1000)
        throw user_error("--seeds: allowed are 1..1000");
    request.scenarios = given["scenarios"].as<std::string>();
    const bool to_file = given.count("out") != 0;
    if (to_file) { // said before a long run, not after it
        const std::filesystem::path file = std::filesystem::absolute(given["out"].as<std::string>());
        require_writable(file.parent_path());
        std::error_code failure;
        std::filesystem::create_directories(file.parent_path(), failure);
        if (failure || std::filesystem::is_directory(file, failure))
            throw user_error(fmt::format("--out {}: not a file that could be written", file.string()));
    }
    const scoreboard board = make_scoreboard(request);
    if (to_file)
        report::write_file(given["out"].as<std::string>(), to_markdown(board));
    print(given.count("json") != 0 ? to_json(board) : to_text(board));
    return board.golden_equal ? exit_code::good : exit_code::different;
}

exit_code sweep(const po::variables_map& given)
{
    sweep_request request;
    request.file = given["file"].as<std::string>();
    if (given.count("out") != 0) {
        request.out = given["out"].as<std::string>();
        require_writable(request.out);
    }
    const int jobs = given["jobs"].as<int>();
    if (jobs < 0 || jobs > 10'000)
        throw user_error("--jobs: allowed are 1..10000, and 0 for as many as there are processors");
    request.jobs = static_cast<unsigned>(jobs);
    request.timeout_s = given["timeout"].as<double>();
    if (!(request.timeout_s >= 0 && request.timeout_s <= 1e7))
        throw user_error("--timeout: a number of seconds is needed");
    if (given.count("shard") != 0)
        read_shard(given["shard"].as<std::string>(), request);
    if (given.count("json-keys") != 0)
        request.keys = split_keys(given["json-keys"].as<std::string>());
    request.resume = given.count("resume") != 0;
    request.json = given.count("json") != 0;
    request.quiet = given.count("quiet") != 0;
    const sweep_outcome outcome = sweep_points(request);
    print(outcome.text);
    return outcome.code;
}

exit_code merge(const po::variables_map& given)
{
    if (given.count("folders") == 0 || given.count("out") == 0)
        throw user_error("merge: which folders, and where to? Usage: loas-vp merge DIR... --out DIR");
    std::vector<std::filesystem::path> folders;
    for (const std::string& each : given["folders"].as<std::vector<std::string>>())
        folders.emplace_back(each);
    const std::filesystem::path out = given["out"].as<std::string>();
    require_writable(out);
    const sweep_outcome outcome = merge_sweeps(folders, out, given.count("json") != 0);
    print(outcome.text);
    return outcome.code;
}

exit_code dump(const po::variables_map& given)
{
    print(config::dump(scenario_of(given)));
    return exit_code::good;
}

exit_code options(const po::variables_map& given)
{
    print(config::options_table(given.count("json") != 0));
    return exit_code::good;
}

std::vector<command> make_commands()
{
    std::vector<command> commands;
    const auto set_option = [](po::options_description& options) {
        options.add_options()("set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
                              "override a parameter; may be given several times");
    };
    commands.push_back({"run", "run FILE [options]", "simulate a scenario; writes results.json and scenario.toml",
                        "  loas-vp run scenarios/quickstart/digits.toml\n"
                        "  loas-vp run scenarios/quickstart/digits.toml --set tppe.count=32 --out /tmp/tiles32\n",
                        po::options_description("Options"), "file", run});
    set_option(commands.back().options);
    commands.back().options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                                          "folder for the results (default: results/NAME of the scenario)")(
        "json", "print results.json instead of the table")("quiet", "no progress, no driver messages")(
        "timing", po::value<std::string>()->value_name("at|lt"),
        "at: memory with contention (default); lt: without, faster, same outputs")(
        "check-protocol", "check every TLM transaction and DRAM command; a breach ends with exit code 5")(
        "host-times", "say on standard error where the host's time and memory went");
    commands.push_back({"explain", "explain RESULT [options]",
                        "say what bounds each layer of a finished run, by reruns with one unit ideal",
                        "  loas-vp run scenarios/quickstart/digits.toml --out results/digits\n"
                        "  loas-vp explain results/digits\n",
                        po::options_description("Options"), "file", explain_result});
    commands.back().options.add_options()("json", "as JSON");
    commands.push_back({"diff", "diff BEFORE AFTER [options]",
                        "what changed between two results; exit code 1 if anything did",
                        "  loas-vp diff results/digits results/tiles32\n"
                        "  loas-vp diff before/results.json after/results.json --tolerance 0.5\n",
                        po::options_description("Options"), "results", compare});
    commands.back().options.add_options()("tolerance", po::value<double>()->default_value(0)->value_name("PERCENT"),
                                          "figures that differ by no more are the same")("json", "as JSON");
    commands.push_back({"published", "published [NETWORK...] [options]",
                        "the published evaluation beside the accounting and the modelled hardware",
                        "  loas-vp published\n"
                        "  loas-vp published alexnet --seeds 8 --json\n"
                        "  loas-vp published --out scenarios/published/RESULTS.md\n",
                        po::options_description("Options"), "networks", published});
    commands.back().options.add_options()("seeds", po::value<unsigned>()->default_value(4)->value_name("N"),
                                          "workloads drawn for the accounting")(
        "out", po::value<std::string>()->value_name("FILE"), "also write the page with all tables, as Markdown")(
        "json", "as JSON")("scenarios", po::value<std::string>()->default_value(LOAS_SCENARIO_DIR)->value_name("DIR"),
                           "the project's folder of scenarios");
    commands.push_back({"sweep", "sweep FILE [options]",
                        "simulate every point of a sweep file; writes points.jsonl, a line a point",
                        "  loas-vp sweep scenarios/what-if/tiles_and_cache.toml\n"
                        "  loas-vp sweep scenarios/what-if/tiles_and_cache.toml -j 4 --out /tmp/tiles --resume\n"
                        "  loas-vp sweep scenarios/what-if/tiles_and_cache.toml --shard 2/5 --out /tmp/part2\n",
                        po::options_description("Options"), "file", sweep});
    commands.back().options.add_options()("jobs,j", po::value<int>()->default_value(0)->value_name("N"),
                                          "points at a time (0: as many as there are processors)")(
        "out", po::value<std::string>()->value_name("DIR"), "folder for the points (default: results/NAME of the file)")(
        "resume", "go on with the folder's sweep; points that are there are not computed again")(
        "timeout", po::value<double>()->default_value(0)->value_name("S"), "seconds a point may take (0: no limit)")(
        "shard", po::value<std::string>()->value_name("I/N"), "only every N-th point, from the I-th on; see merge")(
        "json-keys", po::value<std::string>()->value_name("KEY,..."),
        "further figures to keep of each point, named as loas-vp diff shows them")(
        "quiet", "no progress")("json", "print where the points are and how many, as JSON");
    commands.push_back({"merge", "merge DIR... --out DIR", "join the shards of a sweep",
                        "  loas-vp merge /tmp/part1 /tmp/part2 --out /tmp/whole\n", po::options_description("Options"),
                        "folders", merge});
    commands.back().options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                                          "folder for all points")("json", "as JSON");
    commands.push_back({"dump", "dump FILE [options]", "print the effective configuration as a scenario file",
                        "  loas-vp dump scenarios/quickstart/digits.toml --set fidelity=published > mine.toml\n",
                        po::options_description("Options"), "file", dump});
    set_option(commands.back().options);
    commands.push_back({"options", "options [--json]", "list every parameter: type, unit, default, range, source",
                        "  loas-vp options\n", po::options_description("Options"), "", options});
    commands.back().options.add_options()("json", "as JSON");
    for (command& each : commands)
        each.options.add_options()("help", "this text");
    return commands;
}

std::string general_help(const std::vector<command>& commands)
{
    std::string text = "loas-vp: a virtual platform of the LoAS accelerator for dual-sparse spiking networks\n\n"
                       "Usage: loas-vp COMMAND [options]\n\nCommands:\n";
    for (const command& each : commands)
        text += fmt::format("  {:<10}{}\n", each.name, each.summary);
    text += "  --help    this text; loas-vp COMMAND --help explains a command\n"
            "  --version\n\n"
            "Exit codes: 0 good, 1 result differs from the golden model, 2 mistake in the input,\n"
            "3 the simulated program failed, 4 deadlock or time-out, 5 error in loas-vp itself\n";
    return text;
}

std::string command_help(const command& which)
{
    std::string options = fmt::format("Usage: loas-vp {}\n{}.\n\n", which.usage, which.summary);
    std::ostringstream listed;
    listed << which.options;
    return options + listed.str() + "\nExamples:\n" + which.examples;
}

exit_code run_command(const command& which, const std::vector<std::string>& arguments)
{
    po::options_description all;
    all.add(which.options);
    po::positional_options_description positional;
    const std::string words = which.positional;
    if (words == "file") {
        all.add_options()("file", po::value<std::string>());
        positional.add("file", 1);
    } else if (!words.empty()) {
        all.add_options()(which.positional, po::value<std::vector<std::string>>());
        positional.add(which.positional, -1);
    }
    po::variables_map given;
    try {
        po::store(po::command_line_parser(arguments).options(all).positional(positional).run(), given);
        po::notify(given);
    } catch (const po::unknown_option& unknown) {
        std::vector<std::string> names;
        for (const auto& option : which.options.options())
            names.push_back(option->long_name());
        const std::vector<std::string_view> valid(names.begin(), names.end());
        const std::string name = unknown.get_option_name().substr(unknown.get_option_name().find_first_not_of('-'));
        const std::string_view nearest = config::nearest_word(name, valid);
        throw user_error(fmt::format("unknown option --{}{}", name,
                                     nearest.empty() ? "" : fmt::format("; did you mean --{}?", nearest)));
    } catch (const po::error& problem) {
        throw user_error(fmt::format("{} (see loas-vp {} --help)", problem.what(), which.name));
    }
    if (given.count("help") != 0) {
        print(command_help(which));
        return exit_code::good;
    }
    if (words == "file" && given.count("file") == 0)
        throw user_error(fmt::format("{}: which file? Usage: loas-vp {}", which.name, which.usage));
    return which.run(given);
}

exit_code choose_command(const std::vector<std::string>& arguments)
{
    const std::vector<command> commands = make_commands();
    if (arguments.empty())
        throw user_error("no command given\n\n" + general_help(commands));
    const std::string& word = arguments[0];
    if (word == "--help" || word == "-h" || word == "help") {
        print(general_help(commands));
        return exit_code::good;
    }
    if (word == "--version") {
        print("loas-vp " LOAS_VP_VERSION "\n");
        return exit_code::good;
    }
    std::vector<std::string_view> names;
    for (const command& each : commands) {
        if (each.name == word)
            return run_command(each, {arguments.begin() + 1, arguments.end()});
        names.push_back(each.name);
    }
    const std::string_view nearest = config::nearest_word(word, names);
    throw user_error(fmt::format("unknown command '{}'; {}", config::printable(word),
                                 nearest.empty() ? "the commands are " + config::join(names, ", ")
                                                 : fmt::format("did you mean '{}'?", nearest)));
}

} // namespace

int run_command_line(const std::vector<std::string>& arguments)
{
    try {
        return static_cast<int>(choose_command(arguments));
    } catch (const std::exception&) {
        const failure failed = current_failure();
        if (failed.code == exit_code::our_bug)
            std::fprintf(stderr, "This is a mistake in loas-vp, not in your input; please report it.\n");
        std::fprintf(stderr, "loas-vp: %s\n", failed.what.c_str());
        return static_cast<int>(failed.code);
    }
}

} // namespace loas::app
