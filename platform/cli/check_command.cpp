#include "platform/cli/check_command.h"

#include "platform/network_file/checked_network.h"

namespace loas::cli
{
namespace
{

process::exit_code check(const po::variables_map& given)
{
    const auto given_or = [&](const char* name) { return given.count(name) != 0 ? given[name].as<std::string>() : ""; };
    const auto [lowered, run] =
        network_file::checked(given_or("file"), given_or("inputs"), given_or("labels"), overrides_of(given));
    print(given.count("json") != 0 ? to_json(lowered, run) : to_text(lowered, run));
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
            {set_row(), text("inputs", "FILE", "of a .nir file: what it is to run on, for silence and timesteps"),
             text("labels", "FILE", "of a .nir file: their classes"), flag("json", "as JSON")},
            {"check mine.nir --inputs images.npy --set workload.reset=hard", "check scenarios/quickstart/digits.toml --json"}};
}

} // namespace loas::cli
