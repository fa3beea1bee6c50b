// What an archive by itself stands for, by the usual names of its arrays.
#pragma once

#include <string>
#include <vector>

namespace loas::inputs
{

/// Where inputs and labels are: each path as formats::read_npy_or_npz() takes it.
struct input_places {
    std::vector<std::string> arrays; ///< one, or of records one a recording
    bool columns = false;            ///< the arrays are the fields of one recording's events
    std::string labels;              ///< "": none
    std::vector<std::string> said;     ///< what was found by its name, in words
    std::vector<std::string> settings; ///< that would have named it, as "key=value"
};

/// An .npz without a name is searched for both, anything else is taken as it is. labels: "": none given. Throws
/// text::user_error naming the arrays that there are.
input_places find_inputs(const std::string& path, const std::string& labels);

} // namespace loas::inputs
