// Other programs of this computer.
#pragma once

#include <string>
#include <vector>

namespace loas::process
{

struct program_outcome {
    int code = 0; ///< 128 + signal if that ended it
    std::string out, err;
};

/// Runs a program and waits for it; a Ctrl-C of the terminal does not reach it. Throws text::user_error if there is
/// no such program.
/// @param arguments the program, looked for in PATH, and what it gets
program_outcome run_program(const std::vector<std::string>& arguments);

} // namespace loas::process
