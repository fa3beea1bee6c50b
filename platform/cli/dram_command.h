// loas-vp dram: a trace on the DRAM alone; and the traces that other commands write.
#pragma once

#include "platform/cli/command.h"
#include "platform/config/scenario.h"
#include "platform/trace/dram_trace.h"

#include <filesystem>
#include <memory>

namespace loas::cli
{

/// The subcommand.
command dram_row();

/// What --trace dram=FILE asks for; nullptr: it is not there. Throws text::user_error if the run has no DRAM to look at,
/// or writes a file of its own there. results: the run's folder.
std::unique_ptr<trace::dram_trace_writer> trace_of(const po::variables_map& given, const config::scenario& scenario,
                                                   const std::filesystem::path& results);

} // namespace loas::cli
