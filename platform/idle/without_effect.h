// Parameters that change nothing in a run: whoever sets one should hear of it, and not read its value in a result as if
// it had been in force.
#pragma once

#include "platform/config/scenario.h"

#include <string>
#include <string_view>
#include <vector>

namespace loas::idle
{

/// Stands for the seed of whatever a scenario draws: `seeds` of a sweep file.
inline constexpr std::string_view seeds_of_sweep = "seeds";

/// Why the parameter changes no figure of a run of this scenario, in words; "" where it may.
std::string without_effect(const config::scenario& scenario, std::string_view key);

/// Parameters that the user set, while there is no scenario of those that run in which one of them does something.
class idle_parameters
{
public:
    /// What the user gave to the scenario; but not a file's values that are the defaults: a dump has them all.
    explicit idle_parameters(const config::scenario& of);
    void add(std::string_view key, const std::string& place) { m_idle.push_back({key, place, {}}); }

    /// A scenario that runs.
    void look_at(const config::scenario& scenario);

    /// A line each, once there was a scenario: place, key and reason.
    std::vector<std::string> lines() const;

private:
    struct entry {
        std::string_view key;
        std::string place, reason;
    };
    std::vector<entry> m_idle;
};

/// On standard error: the remarks of the first, and what the user gave to all of these and has no effect in any.
void tell_without_effect(const std::vector<config::scenario>& scenarios);

} // namespace loas::idle
