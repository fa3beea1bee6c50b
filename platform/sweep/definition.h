// A sweep file as data: which parameters take which values, and what is wanted of each point.
#pragma once

#include "platform/config/scenario.h"
#include "platform/text/expression.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace loas::sweep
{

inline constexpr std::size_t most_points = 1'000'000;    ///< of the grid, before constraints
inline constexpr const char* workload_axis = "workload"; ///< the file of `workloads`
inline constexpr const char* seed_axis = "seed";         ///< of `seeds`
inline constexpr const char* area_figure = "area_mm2.total"; ///< is known before a point runs

/// One parameter and its values.
struct column {
    std::string key;                   ///< of the table of options, or workload_axis or seed_axis
    std::size_t line = 0;              ///< of the sweep file
    std::vector<config::value> values; ///< paths are absolute; as they are in force: config::settle()
    std::vector<std::string> remarks;  ///< in words, what that changed

    bool is_path = false;
    /// The value as results show it: of paths only the file name, so that results do not depend on the machine.
    config::value shown(std::size_t i) const;
};

/// What varies together; every two dimensions vary independently.
struct dimension {
    std::vector<column> columns; ///< of the same length
    bool zipped = false;         ///< stands under [[zip]]
    std::size_t size() const { return columns.front().values.size(); }
};

struct constraint {
    text::expression rule;
    std::size_t line;
};

struct derived_figure {
    std::string name;
    text::expression formula;
    std::size_t line;
};

struct definition {
    std::filesystem::path file; ///< as given, for messages
    std::filesystem::path base; ///< scenario, absolute
    std::size_t base_line = 1;
    std::vector<dimension> dimensions; ///< the slowest first: workloads, axes, zips (in the order of the file), seeds
    std::vector<constraint> constraints; ///< of axes and of area_figure: what breaks one is no point
    std::vector<constraint> budgets;     ///< `constraints` that name other figures of the result
    std::optional<text::expression> objective; ///< what makes a point better: the least of it, or the most; else cycles
    bool most = false;
    std::vector<derived_figure> derived;
    std::vector<std::string> keys; ///< further figures of the result that are kept
};

/// Reads a sweep file. Throws text::user_error with all mistakes (at most 10), each with its file:line.
/// @param result_keys what a figure of a result may be called, for names in `keys` and `derived`; a layer's name is *
/// @param more_keys   as if they stood in `keys`
definition read_definition(const std::filesystem::path& file, const std::vector<std::string>& result_keys,
                           const std::vector<std::string>& more_keys = {});

/// The sweep as a sweep file with all values listed, and its paths as they are; reading it gives the same points.
std::string to_toml(const definition& sweep);

} // namespace loas::sweep
