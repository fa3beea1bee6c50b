#include "platform/cli/check_command.h"

#include "platform/lowering/mapping_report.h"
#include "platform/network_file/network_scenario.h"
#include "platform/results/kept_scenario.h"

namespace loas::cli
{
namespace
{

process::exit_code check(const po::variables_map& given)
{
    const std::string file = results::scenario_path(given["file"].as<std::string>()).string();
    const lowering::lowered_network lowered = network_file::lowered_of(file, overrides_of(given));
    print(given.count("json") != 0 ? to_json(lowered) : to_text(lowered));
    return lowered.model ? process::exit_code::good : process::exit_code::user_mistake;
}

} // namespace

command check_row()
{
    return {"check",
            "FILE",
            "say of each node of a network (.nir, or a scenario's) where it runs, or why it cannot",
            "file",
            check,
            {set_row(), flag("json", "as JSON")},
            {"check mine.nir --set workload.reset=hard", "check scenarios/quickstart/digits.toml --json"}};
}

} // namespace loas::cli
