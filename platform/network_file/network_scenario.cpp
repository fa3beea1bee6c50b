#include "platform/network_file/network_scenario.h"

#include "platform/float_network/beside_float.h"
#include "platform/formats/nir.h"
#include "platform/formats/npz.h"
#include "platform/lowering/images.h"
#include "platform/network_file/load_network.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace loas::network_file
{
namespace
{

bool says(const std::vector<std::string>& overrides, const std::string& key)
{
    return std::any_of(overrides.begin(), overrides.end(), [&](const std::string& override) {
        const std::string each = config::setting_of(override);
        return each.rfind(key, 0) == 0 && each.find_first_of("= ", key.size()) == key.size();
    });
}

} // namespace

bool is_network(const std::string& file)
{
    return std::filesystem::path(file).extension() == ".nir";
}

lowering::lowered_network lowered_alone(const std::string& file, const std::vector<std::string>& overrides)
{
    lowering::map_options options = map_options_of(config::default_scenario(overrides).workload);
    if (!says(overrides, "workload.time_step"))
        options.time_step.reset();
    return lowering::lower_network(formats::read_nir(file), options);
}

lowering::lowered_network lowered_of(const std::string& file, const std::vector<std::string>& overrides)
{
    if (is_network(file))
        return lowered_alone(file, overrides);
    const config::workload_params workload = config::load_scenario(file, overrides).workload;
    if (workload.kind != config::workload_kind::network || workload.network.empty())
        throw text::user_error(text::printable(file) + ": names no network (workload.network) to check");
    return lowering::lower_network(formats::read_nir(workload.network.string()), map_options_of(workload));
}

config::scenario scenario_of(const std::string& file, const std::string& inputs, const std::string& labels,
                             std::vector<std::string> overrides)
{
    if (inputs.empty() && !says(overrides, "workload.images"))
        throw text::user_error(fmt::format("run {}: on which inputs? --inputs FILE", text::printable(file)));
    const lowering::lowered_network lowered = lowered_alone(file, overrides);
    lowering::require_model(lowered);
    std::vector<std::string> assumed = lowered.nodes.assumed;
    if (!says(overrides, "name"))
        overrides.insert(overrides.begin(), "name=" + std::filesystem::path(file).stem().string());
    overrides.push_back("workload.network=" + file);
    if (!inputs.empty()) {
        overrides.push_back(config::override_by("--inputs " + inputs, "workload.images=" + inputs));
        if (!says(overrides, "workload.input_scale")) {
            const double scale = lowering::natural_scale(formats::read_npy_or_npz(inputs));
            assumed.push_back(fmt::format("one count of an input stands for {:.9g} (workload.input_scale)", scale));
            overrides.push_back("workload.input_scale=" + text::toml_number(scale));
        }
    }
    if (!labels.empty())
        overrides.push_back(config::override_by("--labels " + labels, "workload.labels=" + labels));
    if (!says(overrides, "workload.time_step"))
        overrides.push_back("workload.time_step=" + text::toml_number(lowered.speech.time_step));
    if (!says(overrides, "workload.float_images"))
        overrides.push_back(
            fmt::format("workload.float_images={}",
                        float_network::cheap_images(lowered, config::default_scenario(overrides).workload.timesteps)));
    const config::scenario scenario = config::default_scenario(overrides);
    if (!says(overrides, "workload.timesteps"))
        assumed.push_back(fmt::format("{} timesteps (workload.timesteps)", scenario.workload.timesteps));
    for (const std::string& each : assumed)
        fmt::print(stderr, "loas-vp: assumed: {}\n", each);
    return scenario;
}

} // namespace loas::network_file
