// All points of a sweep as a table for a page.
#pragma once

#include "platform/sweep/store.h"

#include <string>
#include <vector>

namespace loas::findings
{

/// Markdown, a row a point: the axes that vary, the cycles and the sweep's derived figures, or the status of a point
/// that is not ok. Derived figures below 1000 have four digits.
std::string points_table(const sweep::point_lines& sorted);

} // namespace loas::findings
