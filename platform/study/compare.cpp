#include "platform/study/compare.h"

#include "platform/config/convert.h"
#include "platform/config/options.h"
#include "platform/config/rules.h"
#include "platform/designs/design.h"
#include "platform/idle/without_effect.h"
#include "platform/network_file/network_scenario.h"
#include "platform/run/rerun.h"
#include "platform/study/equal_area.h"
#include "platform/text/say.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::study
{
namespace
{

using text::user_error;

/// What --for says of a design, "KEY=VALUE" each.
std::vector<std::string> own_of(const comparison_request& request, const std::string& accelerator)
{
    std::vector<std::string> own;
    for (const std::string& each : request.own) {
        const std::size_t colon = each.find(':');
        const std::vector<std::string> whose = text::words_of_list(each.substr(0, colon));
        if (std::find(whose.begin(), whose.end(), accelerator) != whose.end())
            own.push_back(config::override_by("--for " + each, each.substr(colon + 1)));
    }
    return own;
}

void require_words(const std::vector<std::string>& words, const char* option)
{
    config::scenario defaults;
    for (const config::option& row : config::options_of(defaults))
        for (const std::string& each : words)
            if (row.key == "accelerator" && !row.problem(each).empty())
                throw user_error(fmt::format("{}: {}", option, row.problem(each)));
}

void require_request(const comparison_request& request)
{
    const auto names_accelerator = [](const std::string& each) { return each.rfind("accelerator=", 0) == 0; };
    if (std::any_of(request.overrides.begin(), request.overrides.end(), names_accelerator))
        throw user_error("--set accelerator: it is --accelerators that says which ones are compared");
    for (const std::string& each : request.own) {
        const std::size_t colon = each.find(':');
        if (colon == std::string::npos || each.find('=', colon) == std::string::npos)
            throw user_error(fmt::format("--for {}: DESIGN,...:KEY=VALUE is needed", text::printable(each)));
        const std::vector<std::string> whose = text::words_of_list(each.substr(0, colon));
        require_words(whose, "--for");
        for (const std::string& one : whose)
            if (request.accelerators != std::vector<std::string>{"all"} &&
                std::find(request.accelerators.begin(), request.accelerators.end(), one) == request.accelerators.end())
                throw user_error(fmt::format("--for {}: {} is not compared", text::printable(each), one));
        if (names_accelerator(each.substr(colon + 1)))
            throw user_error("--for: it is --accelerators that says which ones are compared");
    }
}

std::vector<std::string> wanted(const comparison_request& request)
{
    std::vector<std::string> words = request.accelerators;
    if (words == std::vector<std::string>{"all"}) {
        words.clear();
        for (const designs::design* each : designs::all())
            words.emplace_back(each->word);
    }
    require_words(words, "--accelerators");
    for (auto each = words.begin(); each != words.end(); ++each)
        if (std::find(words.begin(), each, *each) != each)
            throw user_error(fmt::format("--accelerators: {} is there twice", *each));
    if (words.empty())
        throw user_error("--accelerators: which ones?");
    return words;
}

/// Why this design, and no other for that reason, cannot be built so; "": it can, or the mistake is one of all.
std::string refusal_of(const std::filesystem::path& file, const std::vector<std::string>& overrides)
{
    std::string refusal;
    for (const config::broken_rule& rule : config::broken_rules(config::load_unchecked({file}, overrides))) {
        if (!rule.of_design)
            return {};
        refusal = rule.text;
    }
    return refusal;
}

bool is_own(const config::given_parameter& given)
{
    return given.place.rfind("--for ", 0) == 0;
}

/// What all were given and has no effect in any, and what one was given and has none in it.
void tell_without_effect(const compared_designs& compared)
{
    std::vector<config::scenario> all = compared.scenarios;
    auto& given = all.front().given;
    given.erase(std::remove_if(given.begin(), given.end(), is_own), given.end());
    idle::tell_without_effect(all);
    for (const config::scenario& each : compared.scenarios)
        for (const config::given_parameter& own : each.given)
            if (const std::string reason = is_own(own) ? idle::without_effect(each, own.key) : ""; !reason.empty())
                text::say(fmt::format("{}: {} has no effect: {}", own.place, own.key, reason));
}

} // namespace

bool comparison::golden_equal() const
{
    return std::none_of(results.begin(), results.end(),
                        [](const results::run_result& result) { return result.golden_failed(); });
}

compared_designs designs_to_compare(const comparison_request& request)
{
    require_request(request);
    compared_designs compared;
    compared.equal_area = request.equal_area;
    for (const std::string& each : wanted(request)) {
        std::vector<std::string> with = request.overrides;
        for (const std::string& own : own_of(request, each))
            with.push_back(own);
        with.push_back("accelerator=" + each);
        if (request.equal_area && !compared.scenarios.empty()) {
            const config::scenario asked = config::load_unchecked({request.scenario}, with);
            for (const config::given_parameter& given : asked.given)
                if (is_own(given) && given.key == "tppe.count")
                    text::say(fmt::format("{}: tppe.count has no effect: --equal-area says how many tiles {} has", given.place, each));
            with.push_back(fmt::format("tppe.count={}", tiles_for_area(asked, area_mm2(compared.scenarios.front()))));
        }
        if (const std::string refusal = refusal_of(request.scenario, with); !refusal.empty()) {
            compared.left_out.push_back({each, refusal});
            continue;
        }
        compared.accelerators.push_back(each);
        compared.scenarios.push_back(config::load_scenario(request.scenario, with));
        config::require_workload(compared.scenarios.back());
        config::require_inputs(compared.scenarios.back());
    }
    const std::string mistake = compared.scenarios.empty() ? compared.left_out.back().reason : "";
    for (const compared_designs::refusal& each : compared.left_out)
        if (mistake.empty() || &each != &compared.left_out.back()) // that one is the error
            text::say(fmt::format("{} is left out: {}", each.accelerator, each.reason));
    if (!mistake.empty())
        throw user_error(mistake);
    tell_without_effect(compared);
    return compared;
}

comparison compare(const compared_designs& designs, unsigned jobs, bool quiet)
{
    comparison compared{designs, {}};
    // The same for all designs, so it is told once and not by each run.
    const std::vector<std::string> guesses = network_file::told(designs.scenarios.front()).guesses;
    compared.results = run::rerun(designs.scenarios, jobs, quiet ? "" : "compare", designs.accelerators);
    for (results::run_result& each : compared.results)
        each.guesses = guesses;
    return compared;
}

comparison compare(const comparison_request& request)
{
    return compare(designs_to_compare(request), request.jobs, request.quiet);
}

} // namespace loas::study
