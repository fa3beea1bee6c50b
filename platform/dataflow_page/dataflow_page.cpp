#include "platform/dataflow_page/dataflow_page.h"

#include "platform/report/page.h"
#include "platform/results/result.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace loas::dataflow_page
{
namespace
{

using text::user_error;

void refuse_what_does_nothing(const question& asked)
{
    if (asked.searches && !asked.page.empty())
        throw user_error("--search and --page are two questions: the page shows what was asked for, the search what is best");
    if (!asked.searches && (!asked.save.empty() || !asked.asked.least.empty() || !asked.asked.most_area_mm2.empty()))
        throw user_error("--save, --least and --area are of --search");
    if (asked.as_csv && (asked.as_json || asked.searches || !asked.page.empty()))
        throw user_error("--csv is of the counts, without --json, --search and --page");
    if (asked.asked.explored.border && (asked.as_csv || asked.searches))
        throw user_error("--border is in tables, --json and --page, not with --csv and --search");
    if (!asked.page.empty() && asked.as_json)
        throw user_error("--json and --page: the page has all that --json prints");
}

reply search_answer(const question& asked, const config::scenario& scenario)
{
    const mapping_search::found found = mapping_search::search(scenario, asked.asked);
    reply to{asked.as_json ? to_json(found) : to_text(found), ""};
    if (asked.save.empty())
        return to;
    const mapping_search::candidate* chosen = found.runnable();
    if (chosen == nullptr) {
        to.problem = fmt::format("--save {}: not written", asked.save.string());
        for (const std::string& each : found.not_built)
            to.problem += "; " + each;
        if (found.most_area_mm2 > 0)
            to.problem += "; no simulated design that can be built is within --area";
        return to;
    }
    results::write_file(asked.save, mapping_search::scenario_of(scenario, *chosen));
    if (!asked.as_json)
        to.text += fmt::format("Written: {}\nA run can reorder designs, this shows it simulated: loas-vp compare {}\n", asked.save.string(), asked.save.string());
    return to;
}

} // namespace

std::string to_page(const explorer::exploration& explored)
{
    return report::to_page(explored.scenario, {{"dataflow", nlohmann::ordered_json::parse(to_json(explored))}});
}

reply answer(question asked)
{
    refuse_what_does_nothing(asked);
    const config::scenario scenario = explorer::scenario_of(asked.file, asked.inputs, asked.overrides);
    if (asked.searches)
        return search_answer(asked, scenario);
    explorer::request& points = asked.asked.explored;
    if (!asked.page.empty() && points.capacities.empty())
        points.capacities = usual_capacities;
    const explorer::exploration explored = explorer::explore(scenario, points);
    if (asked.page.empty())
        return {asked.as_json ? to_json(explored) : asked.as_csv ? to_csv(explored) : to_text(explored), ""};
    results::write_file(asked.page, to_page(explored));
    return {"Written: " + asked.page.string() + '\n', ""};
}

} // namespace loas::dataflow_page
