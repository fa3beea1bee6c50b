// One scenario on several accelerators, side by side: the same workload, memory and rules, each design in a process of
// its own.
#pragma once

#include "platform/results/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace loas::study
{

struct comparison {
    struct refusal {
        std::string accelerator, reason;
    };
    std::vector<std::string> accelerators;
    std::vector<refusal> left_out; ///< what was asked for and cannot be built so
    std::vector<results::run_result> results; ///< in that order

    bool golden_equal() const; ///< or not checked
};

/// overrides: as of --set. At least one accelerator, none twice. jobs: as of rerun(). quiet: no progress. Throws
/// text::user_error, and what rerun() throws.
comparison compare(const std::filesystem::path& scenario, const std::vector<std::string>& overrides,
                   const std::vector<std::string>& accelerators, unsigned jobs, bool quiet);

/// At most 100 columns for up to six accelerators.
std::string to_text(const comparison& compared);
std::string to_json(const comparison& compared);

} // namespace loas::study
