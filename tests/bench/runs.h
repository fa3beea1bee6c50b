// Whole processes of loas-vp against the floor, in the same run.
#pragma once

#include <string>

namespace loas::bench
{

/// Runs all, prints the tables; update: also writes them into README.md and a line into history.jsonl.
/// only: workloads whose names contain it. Returns the exit code.
int measure_runs(const std::string& only, bool update);

} // namespace loas::bench
