// A network file in the place of a scenario: what the scenario would have said is taken from the file, or assumed.
#pragma once

#include "platform/config/scenario.h"
#include "platform/inputs/input_set.h"
#include "platform/lowering/mapper.h"
#include "platform/network_file/load_network.h"

#include <optional>
#include <string>
#include <vector>

namespace loas::network_file
{

/// Is the file a network (.nir)?
bool is_network(const std::string& file);

/// A network with what else is known of it: by its inputs, if it has some that its Input takes.
struct found_network {
    lowering::lowered_network lowered; ///< with the time step that it shows unless it is among the overrides
    std::optional<inputs::input_set> inputs;
};
/// workload: of the overrides. keep_as_read: see map_options; where there are inputs. Throws text::user_error.
found_network found_alone(const std::string& file, config::workload_params workload,
                          const std::vector<std::string>& overrides, bool keep_as_read = false);

/// What a network file, its inputs and labels (empty: none) say of a scenario, with what else the user says.
std::vector<std::string> overrides_with(const std::string& file, const std::string& inputs, const std::string& labels,
                                        std::vector<std::string> overrides);

/// The scenario of a network that can be mapped, with its inputs; adds what was assumed of these.
config::scenario completed(const found_network& found, std::vector<std::string> overrides,
                           std::vector<std::string>& assumed);

/// A scenario for `run`, after what of its network is guessed or a default was said on standard error.
struct told_scenario {
    config::scenario scenario;
    std::vector<std::string> guesses;       ///< of that what may make it another network, for the result
    std::optional<loaded_network> loaded; ///< nothing: it runs none
};

/// A network file with its inputs and labels (empty: none): the time step as the file shows it, the input scale by the
/// largest input where inputs are no counts, the defaults for all else. Throws text::user_error.
told_scenario scenario_of(const std::string& file, const std::string& inputs, const std::string& labels,
                          std::vector<std::string> overrides);

/// The float network runs beside on as many inputs as cost little, unless the scenario says on how many. Unchanged where
/// it runs no network. Throws text::user_error.
told_scenario told(config::scenario scenario);

/// Of a scenario that does not say workload.float_images, to as many as a run of it has beside; if its network can be read.
void settle_float_images(config::scenario& scenario);

} // namespace loas::network_file
