// How points of a sweep are called in a table.
#pragma once

#include "platform/sweep/point_record.h"

#include <string>
#include <vector>

namespace loas::findings
{

/// Rows whose first cell says the axes of a point, beneath a heading. What all points have alike stands once, below. Axes
/// for which a line of 100 columns has no room stand in a line of their own, behind the point's.
std::string table_of_points(const std::vector<const sweep::point_record*>& points, std::vector<std::vector<std::string>> rows);

} // namespace loas::findings
