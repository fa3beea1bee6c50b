// Which point is best for each value of an axis, or of two as a map: loas-vp sweep and best --by.
#pragma once

#include "platform/findings/ranking.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loas::findings
{

/// The words of --by: one axis or two. Throws text::user_error for other numbers of them, and for none of those known.
std::vector<std::string> axes_of(const std::string& by, const std::vector<std::string_view>& known);

/// Ranks the points of each cell by themselves: those that have the same value of one axis, or of two.
class best_by
{
public:
    /// @param axes one or two that the points have
    best_by(ranking wanted, std::vector<std::string> axes);

    /// In the order of the points; only those that are ok.
    void add(const sweep::point_record& point);
    /// After the last point.
    void finish();

    /// Markdown: the first axis downwards, the second to the right. A cell has what varies within cells of the best, and
    /// how many times as much, or as little, the next has; of several that tie, all; "-" where no point keeps the
    /// budgets.
    std::string table() const;
    nlohmann::ordered_json to_json() const;

private:
    using values = std::vector<nlohmann::ordered_json>;
    struct named_axis {
        std::string name;
        values of; ///< in the order of the points
    };

    std::size_t place(std::size_t axis, const sweep::point_record& point);
    /// Of the best; 0: it is the only one, or the quotient says nothing.
    double lead(const point_ranking& cell) const;
    std::string cell_text(std::size_t row, std::size_t column) const;

    ranking m_wanted;
    std::vector<named_axis> m_axes;
    std::map<std::pair<std::size_t, std::size_t>, point_ranking> m_cells; ///< by row and column
    std::map<std::pair<std::size_t, std::size_t>, sweep::point_record::named_values> m_firsts; ///< axes of a cell's first point
    std::vector<std::string> m_varying; ///< axes that have more than one value within a cell
};

} // namespace loas::findings
