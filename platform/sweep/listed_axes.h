// What sweep.toml says of its points, without the scenarios that they are of: whether the axes of a finished point are
// those of its index.
#pragma once

#include "platform/sweep/point_record.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace loas::sweep
{

class listed_axes
{
public:
    /// toml: of the file, as to_toml() writes it. points: how many of the grid the constraints left. Throws
    /// text::user_error.
    listed_axes(const std::filesystem::path& file, const std::string& toml, std::size_t points);

    /// What is wrong with the axes or the index of the point, in words, or "". Of two that contradict each other the one
    /// that is asked for later is told.
    std::string mistake_in(const point_record& point);

private:
    struct dimension {
        std::vector<std::string> keys;                       ///< of what varies together
        std::unordered_map<std::string, std::size_t> places; ///< by the values, of paths the file name
        std::size_t size = 0;
    };
    void add(std::vector<std::string> keys, const std::vector<std::vector<nlohmann::ordered_json>>& columns);

    std::vector<dimension> m_dimensions; ///< the slowest first
    std::size_t m_grid = 1;              ///< points before constraints
    std::size_t m_points;
    bool m_tells_apart = true; ///< no two places have the same values, as files of one name
    std::map<std::uint64_t, std::size_t> m_seen; ///< place in the grid by index, where constraints left points out
};

} // namespace loas::sweep
