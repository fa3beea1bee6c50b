#include "platform/cli/study_command.h"

#include "platform/designs/design.h"
#include "platform/results/kept_scenario.h"
#include "platform/study/compare.h"
#include "platform/study/compare_folder.h"
#include "platform/study/cost_table.h"
#include "platform/study/diff.h"
#include "platform/study/explain.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

namespace loas::cli
{
namespace
{

using text::user_error;

process::exit_code explain_result(const po::variables_map& given)
{
    const study::explanation explained = study::explain(given["file"].as<std::string>(), jobs_of(given));
    print(given.count("json") != 0 ? to_json(explained) : to_text(explained));
    return process::exit_code::good;
}

process::exit_code cost(const po::variables_map& given)
{
    const study::cost_table table = study::make_cost_table(given["file"].as<std::string>(), overrides_of(given));
    print(given.count("json") != 0 ? to_json(table) : to_text(table));
    return process::exit_code::good;
}

process::exit_code diff_results(const po::variables_map& given)
{
    const std::vector<std::string> files =
        given.count("results") != 0 ? given["results"].as<std::vector<std::string>>() : std::vector<std::string>();
    if (files.size() != 2)
        throw user_error("diff: which two results? Usage: loas-vp diff BEFORE AFTER");
    const double tolerance = given["tolerance"].as<double>();
    if (!(tolerance >= 0))
        throw user_error("--tolerance: a percentage of 0 or more is needed");
    const study::result_diff difference = study::diff(files[0], files[1], tolerance);
    print(given.count("json") != 0 ? to_json(difference) : to_text(difference, given.count("all") != 0));
    return difference.figures.empty() && difference.configuration.empty() ? process::exit_code::good
                                                                          : process::exit_code::different;
}

process::exit_code compare_accelerators(const po::variables_map& given)
{
    study::comparison_request request;
    request.scenario = results::scenario_path(given["file"].as<std::string>());
    request.overrides = overrides_of(given);
    request.accelerators = text::words_of_list(given["accelerators"].as<std::string>());
    if (given.count("for") != 0)
        request.own = given["for"].as<std::vector<std::string>>();
    request.equal_area = given.count("equal-area") != 0;
    const study::compared_designs designs = study::designs_to_compare(request);
    std::optional<study::compare_folder> folder;
    if (given.count("out") != 0)
        folder.emplace(given["out"].as<std::string>(), designs, given.count("force") != 0);
    const study::comparison compared =
        study::compare(designs, jobs_of(given), given.count("json") != 0 || given.count("quiet") != 0);
    if (folder)
        folder->write(compared);
    print(given.count("json") != 0 ? to_json(compared) : to_text(compared));
    return compared.golden_equal() ? process::exit_code::good : process::exit_code::different;
}

} // namespace

command cost_row()
{
    return {"cost",
            "FILE",
            "print area and power by part, of a scenario when all of it works, and as a result used it",
            "file",
            cost,
            {set_row(), flag("json", "as JSON")},
            {"cost scenarios/quickstart/digits.toml --set tppe.max_timesteps=16",
             "run scenarios/quickstart/digits.toml --out results/digits", "cost results/digits"}};
}

command explain_row()
{
    return {"explain",
            "RESULT",
            "say what bounds each layer of a finished run, by reruns with one unit ideal",
            "file",
            explain_result,
            {jobs_row("reruns"), flag("json", "as JSON")},
            {"run scenarios/quickstart/digits.toml --out results/digits", "explain results/digits"}};
}

command diff_row()
{
    return {"diff",
            "BEFORE AFTER",
            "what changed between two results; exit code 1 if anything did",
            "results",
            diff_results,
            {with_default("tolerance", "PERCENT", 0.0, "figures that differ by no more are the same"),
             flag("all", "every figure, not only cycles, energy, power, area, accuracy and layers"),
             flag("json", "as JSON")},
            {"diff results/digits results/tiles32", "diff before/results.json after/results.json --tolerance 0.5"}};
}

command compare_row()
{
    return {"compare",
            "FILE",
            "simulate a scenario on several accelerators, side by side",
            "file",
            compare_accelerators,
            {set_row(),
             with_default("accelerators", "NAME,...", text::join(designs::published_words(), ","),
                          "which ones; the first is what the speeds are relative to; all: every design"),
             texts("for", "NAME,...:KEY=VALUE", "a parameter of these accelerators alone; may be given more than once"),
             flag("equal-area", "as many tiles of each as are as large as the first one's"),
             text("out", "DIR", "write each result into a folder of its own there, for report, explain and diff"),
             flag("force", "replace a result of other settings there"),
             timing_row(), check_protocol_row(), host_timeout_row(), jobs_row("simulations"),
             flag("quiet", "no progress"), flag("json", "as JSON, with each whole result")},
            {"compare scenarios/quickstart/digits.toml",
             "compare scenarios/layers/v_l8.toml --accelerators all --equal-area --out results/all",
             "report results/all -o all.html",
             fmt::format("compare scenarios/layers/v_l8.toml --accelerators {},{} --json", designs::published_words().front(),
                         designs::published_words().back())}};
}

} // namespace loas::cli
