#include "platform/cli/command.h"

#include "platform/cli/check_command.h"
#include "platform/cli/dataflow_command.h"
#include "platform/cli/dram_command.h"
#include "platform/cli/map_command.h"
#include "platform/cli/program_command.h"
#include "platform/cli/study_command.h"
#include "platform/cli/sweep_command.h"
#include "platform/config/scenario.h"
#include "platform/draw/layer_network.h"
#include "platform/machine/board_text.h"
#include "platform/network_c/network_in_c.h"
#include "platform/network_file/network_scenario.h"
#include "platform/output/output_place.h"
#include "platform/output/result_folder.h"
#include "platform/process/errors.h"
#include "platform/program/program.h"
#include "platform/published/scoreboard.h"
#include "platform/report/report_command.h"
#include "platform/results/kept_scenario.h"
#include "platform/results/output_files.h"
#include "platform/results/result.h"
#include "platform/run/rerun.h"
#include "platform/idle/without_effect.h"
#include "platform/listing/options_table.h"
#include "platform/summary/summary.h"
#include "platform/text/say.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <filesystem>

namespace loas::cli
{
namespace
{

using text::user_error;

config::scenario scenario_of(const po::variables_map& given)
{
    return config::load_scenario(results::scenario_path(given["file"].as<std::string>()), overrides_of(given));
}

/// --program and what belongs to it are parameters like others. An RV64 program wants an RV64 CPU, unless it is told
/// otherwise.
std::vector<std::string> with_program(const po::variables_map& given)
{
    std::vector<std::string> overrides;
    if (given.count("program") != 0) {
        const std::string program = given["program"].as<std::string>(), typed = "--program " + program;
        if (program::is_rv64_program(program))
            overrides.push_back(config::override_by(typed, "cpu.kind=rv64"));
        overrides.push_back(config::override_by(typed, "workload.kind=program"));
        overrides.push_back(by_option(given, "program", "workload.program"));
    }
    for (std::string& each : overrides_of(given))
        overrides.push_back(std::move(each));
    for (const auto& [option, key] : {std::pair{"semihosting", "workload.files"}, {"calibrate", "workload.calibrate"}})
        if (given.count(option) != 0)
            overrides.push_back(by_option(given, option, key));
    if (given.count(behind_dashes) != 0)
        overrides.push_back("workload.arguments=" +
                            program::join_arguments(given[behind_dashes].as<std::vector<std::string>>()));
    return overrides;
}

/// Where --log writes; nullptr: nowhere.
std::FILE* log_of(const po::variables_map& given)
{
    if (given.count("log") == 0)
        return nullptr;
    const std::string name = given["log"].as<std::string>();
    if (name.empty())
        return stderr;
    std::FILE* file = std::fopen(output::output_file(name, "--log", false).c_str(), "w");
    if (file == nullptr)
        throw user_error(fmt::format("--log {}: cannot be written", text::printable(name)));
    return file;
}

/// A log of which the end is missing must not look like a whole one.
void finish_log(std::FILE* log)
{
    if (log != nullptr && log != stderr && (std::fflush(log) != 0 || std::ferror(log) != 0))
        throw user_error("--log: cannot write all of it: no more room on the disk, or for a file of this process (ulimit -f)");
}

/// A program that says that it failed has failed.
process::exit_code exit_code_of(const results::run_result& result)
{
    if (result.program.code != 0) {
        text::say(fmt::format("the program ended with exit code {}, by {}", result.program.code, result.program.ended_by));
        return process::exit_code::guest_failed;
    }
    return result.golden_failed() ? process::exit_code::different : process::exit_code::good;
}

/// With its network, if it runs one.
network_file::told_scenario told_scenario_of(const po::variables_map& given, run::host_times& times)
{
    const run::stopwatch load(times.load), to_first_cycle(times.first_cycle);
    const std::string file = given["file"].as<std::string>();
    return network_file::is_network(file)
               ? network_file::scenario_of(file, given_or_empty(given, "inputs"), given_or_empty(given, "labels"),
                                           with_program(given))
               : network_file::told(config::load_scenario(results::scenario_path(file), with_program(given)));
}

process::exit_code run(const po::variables_map& given)
{
    const auto given_or = [&](const char* name) { return given_or_empty(given, name); };
    run::host_times times;
    network_file::told_scenario told = told_scenario_of(given, times);
    const config::scenario& scenario = told.scenario;
    if (scenario.workload.kind != config::workload_kind::program)
        for (const char* each : {behind_dashes, "semihosting"})
            if (given.count(each) != 0)
                throw user_error(fmt::format("{} is for a program on the host CPU: --program FILE",
                                             each == behind_dashes ? "what stands behind --" : "--semihosting"));
    const bool json = given.count("json") != 0;
    config::require_inputs(scenario);
    const std::filesystem::path outputs = given_or("save-outputs");
    if (given.count("save-outputs") != 0)
        output::require_writable(outputs, "--save-outputs");
    const std::string neurobench = given_or("neurobench");
    if (!neurobench.empty()) {
        if (scenario.workload.kind != config::workload_kind::network || !scenario.run.golden)
            throw user_error("--neurobench: of networks only, and with run.golden, which knows all their spikes");
        output::output_file(neurobench, "--neurobench", false);
    }
    idle::tell_without_effect({scenario});
    const std::string out = given_or("out");
    if (given.count("out") != 0)
        output::require_writable(out);
    output::result_folder folder(out, scenario, given.count("force") != 0);

    const std::unique_ptr<trace::dram_trace_writer> trace = trace_of(given, scenario, folder.path());
    run::run_options options;
    options.jobs = jobs_of(given);
    options.quiet = json || given.count("quiet") != 0;
    options.bursts = trace.get();
    options.console = json ? stderr : stdout;
    options.outputs = outputs;
    options.begins = [&folder] { folder.begin(); };
    options.network = told.loaded ? &*told.loaded : nullptr;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> log(
        log_of(given), [](std::FILE* file) { return file != stderr ? std::fclose(file) : 0; });
    options.events = log.get();
    const results::earlier_outputs earlier(outputs);
    results::run_result result = run::run(scenario, options, times);
    earlier.tell();
    result.guesses = std::move(told.guesses);
    if (trace)
        trace->finish();
    finish_log(log.get());
    const auto report_start = std::chrono::steady_clock::now();
    const std::string text = results::to_json(result);
    folder.write(text);
    if (!neurobench.empty())
        results::write_file(neurobench, results::to_neurobench(result));
    const std::string place = (folder.path() / results::result_file).string();
    print(json ? text : fmt::format("{}Written: {}\n", summary::to_table(result), place));
    times.report = run::stopwatch::seconds_since(report_start);
    if (given.count("host-times") != 0)
        fmt::print(stderr, "{}", to_text(times));
    return exit_code_of(result);
}

process::exit_code run_published(const po::variables_map& given)
{
    published::scoreboard_request request;
    if (given.count("networks") != 0)
        request.networks = given["networks"].as<std::vector<std::string>>();
    request.seeds = given["seeds"].as<unsigned>();
    if (request.seeds == 0 || request.seeds > 1000)
        throw user_error("--seeds: allowed are 1..1000");
    request.scenarios = given["scenarios"].as<std::string>();
    request.jobs = jobs_of(given);
    const bool to_file = given.count("out") != 0;
    if (to_file)
        output::output_file(given["out"].as<std::string>());
    const published::scoreboard board = published::make_scoreboard(request);
    if (to_file)
        results::write_file(given["out"].as<std::string>(), to_markdown(board));
    print(given.count("json") != 0 ? to_json(board) : to_text(board));
    return board.golden_equal ? process::exit_code::good : process::exit_code::different;
}

process::exit_code write_report(const po::variables_map& given)
{
    if (given.count("results") == 0)
        throw user_error("report: of which results? Usage: loas-vp report RESULT... -o FILE");
    const auto typed = given["results"].as<std::vector<std::string>>();
    const std::vector<std::filesystem::path> results(typed.begin(), typed.end());
    const std::string page = report::make_report(results);
    const std::string name = given["out"].as<std::string>();
    const std::filesystem::path file = output::output_file(name);
    if (report::is_of(results, file))
        throw user_error(fmt::format("--out {}: that is one of the results", name));
    results::write_file(file, page);
    print("Written: " + name + '\n');
    return process::exit_code::good;
}

process::exit_code dump(const po::variables_map& given)
{
    config::scenario scenario = scenario_of(given);
    network_file::settle_float_images(scenario); // a dump says what runs
    print(config::dump(scenario));
    return process::exit_code::good;
}

process::exit_code options(const po::variables_map& given)
{
    print(given.count("layers") != 0 ? draw::layer_keys_table() : listing::options_table(given.count("json") != 0));
    return process::exit_code::good;
}

process::exit_code counters(const po::variables_map&)
{
    print(listing::counters_table());
    return process::exit_code::good;
}

process::exit_code registers(const po::variables_map&)
{
    print(machine::register_pages());
    return process::exit_code::good;
}

process::exit_code network_c(const po::variables_map& given)
{
    const config::scenario scenario = scenario_of(given);
    config::require_workload(scenario);
    config::require_inputs(scenario);
    print(network_c::network_in_c(scenario));
    return process::exit_code::good;
}

process::exit_code completion(const po::variables_map& given)
{
    if (given["file"].as<std::string>() != "bash")
        throw user_error("completion: for which shell? There is one for bash");
    print(bash_completion());
    return process::exit_code::good;
}

process::exit_code manual(const po::variables_map& /*given*/)
{
    print(manual_page());
    return process::exit_code::good;
}

// The commands of several rows.
command run_row()
{
    return {
        "run",
        "FILE",
        "simulate a scenario, a network, or a program of yours; writes results.json and scenario.toml",
        "file",
        run,
        {set_row(), text("out", "DIR", "folder for the results (default: results/NAME of the scenario, or NAME-2 ...)"),
         flag("force", "replace the result of another scenario in that folder"),
         text("inputs", "FILE", "of a .nir file: images, frames or events (.npy, FILE.npz:NAME, NIR's data file)"),
         text("labels", "FILE", "of a .nir file: their classes"),
         text("calibrate", "N", "of a network: scales of its weights by the first N inputs (workload.calibrate)"),
         flag("json", "print results.json instead of the table"), flag("quiet", "no progress, no driver messages"),
         timing_row(), check_protocol_row(), host_timeout_row(), jobs_row("layers of a list"),
         text("program", "FILE",
              "what runs on the host CPU: an RV64 ELF file, or a shared object with loas_main(); its arguments "
              "stand behind --"),
         text("semihosting", "DIR", "folder whose files an RV64 program may open"),
         boost::make_shared<po::option_description>(
             "log", po::value<std::string>()->implicit_value("", "")->value_name("FILE"),
             "write what happens as software sees it, a line an event: accesses, descriptors, interrupts; "
             "--log=FILE, without it to standard error"),
         text("save-outputs", "DIR",
              "folder for the outputs of the layers, LAYER.npy: spikes (T, C, H, W), as layer.spikes_file takes them; "
              "images in front; of a network class_scores.npy, (images, classes), too, and what 1 in them is in the "
              "network's units in units.json"),
         text("neurobench", "FILE", "write what NeuroBench counts of a network, and its latency and energy, as JSON"),
         text("trace", "dram=FILE", "write what the DRAM was asked for, and when it answered; see loas-vp dram"),
         flag("host-times", "say on standard error where the host's time and memory went")},
        {"run scenarios/quickstart/digits.toml",
         "run scenarios/quickstart/digits.toml --set tppe.count=32 --out /tmp/tiles32",
         "run mine.nir --inputs images.npy --labels labels.npy --set workload.timesteps=8",
         "run scenarios/quickstart/digits.toml --program fw.elf -- --images 3"}};
}

command published_row()
{
    return {"published",
            "[NETWORK...]",
            "the published evaluation beside the accounting and the modelled hardware",
            "networks",
            run_published,
            {with_default("seeds", "N", published::default_seeds, "workloads drawn for the accounting"),
             jobs_row("workloads and simulations"),
             text("out", "FILE", "also write the page with all tables, as Markdown"), flag("json", "as JSON"),
             with_default("scenarios", "DIR", std::string(LOAS_SCENARIO_DIR), "the project's folder of scenarios")},
            {"published", "published alexnet --seeds 8 --json", "published --out scenarios/published/RESULTS.md"}};
}

command report_row()
{
    return {"report",
            "RESULT...",
            "one HTML page with charts and tables: of a run, of several, or of a sweep",
            "results",
            write_report,
            {with_default("out,o", "FILE", std::string("report.html"), "where the page is written")},
            {"report results/digits -o digits.html", "report results/digits results/tiles32 -o comparison.html",
             "report results/tiles_and_cache -o sweep.html"}};
}

command dump_row()
{
    return {"dump",
            "FILE",
            "print the effective configuration as a scenario file", "file",
            dump, {set_row()}, {"dump scenarios/quickstart/digits.toml --set fidelity=published > mine.toml"}};
}

command options_row()
{
    return {"options", "", "list every parameter: type, unit, default, range, source", "", options,
            {flag("json", "as JSON"), flag("layers", "the keys of a list of layers instead")}, {"options"}};
}

command completion_row()
{
    return {"completion",
            "bash",
            "print a script that completes commands, options and parameters in bash",
            "file",
            completion,
            {},
            {"completion bash > ~/.local/share/bash-completion/completions/loas-vp",
             "completion bash > loas-vp.bash && source loas-vp.bash"}};
}

} // namespace

const std::vector<command>& all_commands()
{
    static const std::vector<command> commands = [] {
        std::vector<command> rows = {
            run_row(),
            check_row(),
            dram_row(),
            explain_row(),
            cost_row(),
            diff_row(),
            compare_row(),
            dataflow_row(),
            published_row(),
            sweep_row(),
            merge_row(),
            best_row(),
            report_row(),
            new_program_row(),
            {"network-c",
             "FILE",
             "print a scenario's trained network and images as C, for a program to have in itself",
             "file",
             network_c,
             {set_row()},
             {"network-c scenarios/quickstart/digits.toml > network.c"}},
            dump_row(),
            options_row(),
            {"counters", "", "list every counter of a result: unit and definition", "", counters, {}, {"counters"}},
            map_row(),
            {"registers", "", "list every register: rights, reset, bits", "", registers, {}, {"registers"}},
            completion_row(),
            {"man", "", "print the manual page", "", manual, {}, {"man > loas-vp.1 && man ./loas-vp.1"}},
        };
        for (command& each : rows)
            each.options.push_back(flag("help", "this text"));
        return rows;
    }();
    return commands;
}

} // namespace loas::cli
