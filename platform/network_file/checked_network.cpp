#include "platform/network_file/checked_network.h"

#include "platform/float_network/activity.h"
#include "platform/float_network/beside_float.h"
#include "platform/network_file/machine_fit.h"
#include "platform/network_file/network_scenario.h"
#include "platform/results/kept_scenario.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace loas::network_file
{
namespace
{

/// With the scenario that it would run in.
checked_network checked_in(const config::scenario& scenario, found_network found)
{
    lowering::lowered_network& lowered = found.lowered;
    lowering::expected_run run;
    run.timesteps = scenario.workload.timesteps;
    if (lowered.model) {
        const std::vector<std::string> reasons = why_not_on_machine(*lowered.model, scenario);
        for (const std::string& reason : reasons)
            lowered.nodes.refuse(lowered.nodes.source + ": " + reason);
        if (!reasons.empty())
            lowered.model.reset();
        else if (const std::string blocks = blocks_words(scenario); !blocks.empty())
            lowered.nodes.warnings.push_back({SIZE_MAX, blocks});
    }
    if (lowered.model && found.inputs) {
        found.inputs->require_fit(scenario.workload.input_scale, lowered.model->classes);
        const auto cheap =
            static_cast<std::size_t>(float_network::cheap_images(lowered.nodes, scenario.workload.timesteps));
        run.inputs = std::min(found.inputs->count(), cheap);
        run.activities = float_network::activities_of(lowered, *found.inputs, run.inputs, scenario.workload.timesteps,
                                                      config::block_timesteps(scenario), scenario.workload.input_scale);
    }
    return {std::move(lowered), std::move(run)};
}

checked_network check_scenario(const std::string& file, const std::vector<std::string>& overrides)
{
    const config::scenario scenario = config::load_scenario(results::scenario_path(file), overrides);
    if (scenario.workload.kind != config::workload_kind::network || scenario.workload.network.empty())
        throw text::user_error(text::printable(file) + ": names no network (workload.network) to check");
    // A scenario says all of this, if only by defaults.
    return checked_in(scenario, found_alone(scenario.workload.network.string(), scenario.workload,
                                            {"workload.time_step=", "workload.timesteps=", "workload.input_scale="}, true));
}

} // namespace

checked_network checked(const std::string& file, const std::string& inputs, const std::string& labels,
                        const std::vector<std::string>& overrides)
{
    if (!is_network(file)) {
        if (!inputs.empty() || !labels.empty())
            throw text::user_error("--inputs and --labels are of a .nir file; a scenario has its own: workload.images, "
                                   "workload.labels");
        return check_scenario(file, overrides);
    }
    const std::vector<std::string> all = overrides_with(file, inputs, labels, overrides);
    config::scenario scenario = config::default_scenario(all);
    config::require_inputs(scenario); // before a large network is read
    found_network found = found_alone(file, scenario.workload, all, true);
    if (found.inputs && found.lowered.model)
        scenario = completed(found, all, found.lowered.nodes.assumed);
    return checked_in(scenario, std::move(found));
}

} // namespace loas::network_file
