// The kinds of files that inputs come in. Private to this room.
#pragma once

#include "platform/inputs/axes.h"
#include "platform/inputs/events.h"
#include "platform/inputs/input_set.h"

#include <memory>
#include <string>
#include <vector>

namespace loas::inputs
{

/// An .npy file, or an array of an archive.
std::unique_ptr<input_source> array_source(const std::string& path, const array_axes& axes,
                                           const network::map_shape& input);

/// Of several recordings an input each. What the frames do not show goes to `warnings`.
std::unique_ptr<input_source> event_source(const std::vector<std::string>& paths, bool columns,
                                           const network::map_shape& input, const binning& how,
                                           std::vector<std::string>& warnings);

} // namespace loas::inputs
