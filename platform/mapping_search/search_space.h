// Of what points the space of a search consists.
#pragma once

#include "platform/explorer/explore.h"

#include <cstdint>
#include <vector>

namespace loas::mapping_search
{

/// What each of the coordinates of a point may be.
struct space {
    std::vector<dataflow::loop_order> orders;
    std::vector<dataflow::unrolling> unrollings;
    std::vector<dataflow::formats> stored_as;
    std::vector<dataflow::tiling> tiles; ///< none first
};

/// The sizes of the largest layer along each loop.
struct extents {
    std::uint64_t m = 0, n = 0, k = 0;
};

/// None; one loop; two of them, either outermost.
std::vector<dataflow::tiling> tilings_of(const extents& largest, unsigned units);
/// What was asked for, or all there is; without tiles. Throws text::user_error.
space space_of(const explorer::request& asked, const config::scenario& scenario);
/// With all of t in space its place says nothing: it stands innermost.
bool says_something(const dataflow::mapping& point);

} // namespace loas::mapping_search
