// The command line: subcommands, their options and help.
#pragma once

#include <string>
#include <vector>

namespace loas::cli
{

/// Runs `loas-vp ARGUMENTS`; returns the exit code. Never throws.
int run_command_line(const std::vector<std::string>& arguments);

} // namespace loas::cli
