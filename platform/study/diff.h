// What changed between two results: parameters, and figures beyond a tolerance.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace loas::study
{

struct changed_value {
    std::string key;           ///< path in the result, layers by name: "layers.conv2.cycles"
    std::string before, after; ///< "-": not there
    double percent = 0;        ///< of `before`; 0: there is none, as it is 0, a text or not there
};

struct result_diff {
    std::vector<changed_value> configuration; ///< and inputs of the same name that lie beside both, of other bytes
    std::vector<changed_value> figures; ///< those beyond the tolerance: cycles, energy, power, area, accuracy, layers, the rest
    std::size_t compared = 0;           ///< figures and texts on either side
};

/// Two results of loas-vp run: files, or the folders that hold them. A figure differs when it is off by more than
/// tolerance_percent of the larger of the two; texts differ when they are not equal. Throws text::user_error.
result_diff diff(const std::filesystem::path& before, const std::filesystem::path& after, double tolerance_percent);

/// At most 100 columns. all: the rest of the figures too, else how many there are.
std::string to_text(const result_diff& difference, bool all);
std::string to_json(const result_diff& difference);

} // namespace loas::study
