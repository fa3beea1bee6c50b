// Recordings of events, as of event cameras, and the frames that they become.
#pragma once

#include "platform/network/graph.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loas::inputs
{

enum class event_field { x, y, t, p, none };
/// The field that a name stands for: x, y, t (ts, time, timestamp), p (pol, polarity), in any case.
event_field field_called(std::string_view name);

/// One recording. Places and times as in the file, in its order.
struct recording {
    std::string source;
    std::vector<double> x, y, t, p; ///< p: empty if the file has none
};

/// Of an array of records. Throws text::user_error: no such fields, damaged.
recording read_recording(const std::string& path);
/// Of an array for each field, all equally long.
recording read_columns(const std::vector<std::string>& paths);

/// How events become frames.
struct binning {
    unsigned timesteps = 1;
    double step = 0;     ///< length of a timestep, in the unit of t; 0: timesteps share the recording evenly
    bool counts = false; ///< of events of a pixel and timestep their number, not just that there are some
};

/// What of the events does not show in the frames.
struct binned {
    std::vector<double> frames; ///< [timestep][channel][row][column]
    std::uint64_t merged = 0;   ///< events behind the first of a pixel and timestep
    std::uint64_t late = 0;     ///< after the last timestep
    double last = 0;            ///< time of the last of these, from the beginning
    double width = 0;           ///< of a timestep, in the unit of t; 0: there is nothing to share
    std::vector<std::uint64_t> events; ///< of each timestep
};

/// Throws text::user_error naming the event: outside the network's Input, a polarity that is none of 0, 1 and -1, a
/// place or time that is no finite number; a network whose Input is no map of one or two channels.
binned frames_of(const recording& events, const network::map_shape& input, const binning& how);

/// Timesteps of that length from its first event to its last; 0: it has none.
std::uint64_t timesteps_of(const recording& events, double step);

} // namespace loas::inputs
