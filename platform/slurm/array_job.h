// Simulates the points of a sweep as an array job of Slurm.
#pragma once

#include "platform/sweep/store.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace loas::slurm
{

struct plan {
    std::filesystem::path folder;    ///< of the sweep; the job's files stand in "slurm" below it
    std::string name;                ///< of the job
    std::size_t tasks = 100;         ///< of the array, at most
    unsigned jobs = 1;               ///< points at a time in a task, and its processors
    double timeout_s = 0;            ///< of a point; 0: none
    bool quiet = false;              ///< no progress
    std::vector<std::string> sbatch; ///< what sbatch gets besides
};

struct outcome {
    bool whole = false; ///< false: SIGINT or SIGTERM came; the job goes on
    std::string remark; ///< for the user, or ""
};

/// Submits an array job for the points that the store lacks, each task a shard in a folder of its own, waits for its
/// end and adds what it computed to the store. A job of this folder that is still there is waited for instead. Throws
/// text::user_error, with the words of sbatch.
outcome run_array_job(sweep::store& store, const sweep::identity& identity, const plan& plan);

} // namespace loas::slurm
