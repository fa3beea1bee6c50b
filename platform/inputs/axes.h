// Which axes of an array of inputs are what.
#pragma once

#include "platform/config/workload.h"
#include "platform/network/graph.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace loas::inputs
{

struct array_axes {
    std::size_t inputs = 1;
    std::size_t timesteps = 0; ///< 0: none: the input is the same at all of them
    bool time_first = false;   ///< (T, N, ...), otherwise (N, T, ...)
    std::string assumed;       ///< in words, where it could be otherwise; "": it could not
};

/// Of an array of this shape for a network with that Input: its last axes are those of the Input, or fewer where some of
/// these are 1. labels: how many there are, if any. Throws text::user_error, `source` in front: they fit in no way, or
/// not in the one that is asked for.
array_axes axes_of(const std::vector<std::size_t>& shape, const network::map_shape& input, config::axes_rule asked,
                   std::optional<std::size_t> labels, const std::string& source);

} // namespace loas::inputs
