// One scenario on several accelerators, side by side: the same workload, memory and rules, each design in a process of
// its own.
#pragma once

#include "platform/config/scenario.h"
#include "platform/results/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace loas::study
{

struct comparison_request {
    std::filesystem::path scenario;
    std::vector<std::string> overrides;    ///< as of --set
    std::vector<std::string> accelerators; ///< at least one, none twice; "all" alone: every design
    std::vector<std::string> own;          ///< "ACCELERATOR,...:KEY=VALUE": overrides of these, behind those of all
    bool equal_area = false;               ///< the others get as many tiles as are as large as the first one's
    unsigned jobs = 0;                     ///< as of rerun()
    bool quiet = false;                    ///< no progress
};

/// What is compared, before anything runs.
struct compared_designs {
    struct refusal {
        std::string accelerator, reason;
    };
    std::vector<std::string> accelerators;
    std::vector<config::scenario> scenarios; ///< in that order
    std::vector<refusal> left_out;           ///< what was asked for and cannot be built so
    bool equal_area = false;
};

/// Throws text::user_error.
compared_designs designs_to_compare(const comparison_request& request);

struct comparison : compared_designs {
    std::vector<results::run_result> results; ///< in that order

    bool golden_equal() const; ///< or not checked
};

/// Throws text::user_error, and what rerun() throws.
comparison compare(const compared_designs& designs, unsigned jobs, bool quiet);
comparison compare(const comparison_request& request);

/// At most 100 columns: designs beyond six have tables of their own.
std::string to_text(const comparison& compared);
/// whole: with each whole result.
std::string to_json(const comparison& compared, bool whole = true);

} // namespace loas::study
