// loas-vp sweep and loas-vp merge.
#pragma once

#include "platform/cli/command.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace loas::cli
{

/// What is said at the end: the points with the fewest cycles, all points as Markdown, or counts for machines.
enum class sweep_text { best, table, json };

struct sweep_request {
    std::filesystem::path file;
    std::filesystem::path out; ///< empty: results/NAME of the file
    unsigned jobs = 0;         ///< 0: as many as there are processors
    double timeout_s = 0;      ///< of a point; 0: none
    std::size_t shard = 1, shards = 1;
    bool resume = false;
    bool force = false; ///< replaces what is in the folder
    bool quiet = false;
    sweep_text text = sweep_text::best; ///< the outcome's
    std::optional<std::string> by;      ///< axes for whose values the best are told
    std::vector<std::string> keys;      ///< further figures to keep
    bool slurm = false;                 ///< as an array job
    std::size_t slurm_tasks = 100;
    std::vector<std::string> sbatch; ///< what sbatch gets besides
};

struct sweep_outcome {
    process::exit_code code = process::exit_code::good; ///< different: not all points are there and ok
    std::string text;
    std::size_t mistakes = 0; ///< expressions that divide by 0 or are null at all points, told on standard error
};

/// "2/5" into shard and shards. Throws text::user_error.
void read_shard(const std::string& text, sweep_request& into);

/// Both throw text::user_error.
sweep_outcome sweep_points(const sweep_request& request);
sweep_outcome merge_sweeps(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& out,
                           sweep_text text);

/// The subcommands.
command sweep_row();
command merge_row();
command best_row();

} // namespace loas::cli
