// What a configuration is made of: area and power by part, when all of it works, and as a run used it.
#pragma once

#include "platform/config/scenario.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace loas::study
{

struct cost_row {
    std::string name;
    unsigned number = 1; ///< of them
    // Of all of them together.
    double area_mm2 = 0;
    double leakage_mw = 0;
    double dynamic_mw = 0; ///< when each works in every cycle
};

struct used_row {
    std::string_view name; ///< of a result's energy_pj
    double mw = 0;         ///< mean over the layers' cycles
};

struct cost_table {
    config::scenario scenario;
    std::vector<cost_row> parts;
    std::string result;         ///< whose activity `used` is of; empty: of none
    std::uint64_t cycles = 0;   ///< of it
    std::vector<used_row> used; ///< without DRAM

    cost_row total() const;
};

/// `file`: a scenario, or a result, of which the scenario is beside it. Throws text::user_error.
cost_table make_cost_table(const std::filesystem::path& file, const std::vector<std::string>& overrides);

std::string to_text(const cost_table& table);
std::string to_json(const cost_table& table);

} // namespace loas::study
