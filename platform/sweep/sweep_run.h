// Simulates the points of a sweep, some at a time, each in a process of its own.
#pragma once

#include "platform/sweep/points.h"
#include "platform/sweep/store.h"

#include <cstddef>
#include <vector>

namespace loas::sweep
{

struct sweep_pool {
    unsigned jobs = 1;    ///< points at a time
    double timeout_s = 0; ///< of a point; 0: none
    bool quiet = false;   ///< no progress
};

/// Simulates the points of `todo` and adds each to the store as it ends; a point that fails does not stop the others.
/// False: SIGINT or SIGTERM came; the points under way were given a few seconds to end.
/// Throws text::user_error if the store cannot be written.
bool run_points(points& points, const std::vector<std::size_t>& todo, store& store, const sweep_pool& pool);

} // namespace loas::sweep
