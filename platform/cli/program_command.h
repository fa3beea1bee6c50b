// What building a program of one's own asks of loas-vp: `new-program DIR`, --print-cflags and --print-libs.
#pragma once

#include "platform/cli/command.h"

#include <string>

namespace loas::cli
{

command new_program_row();

/// word: --print-cflags or --print-libs, for the native CPU, or with =native or =rv64 behind it.
bool is_print_option(const std::string& word);
process::exit_code print_option(const std::string& word);

} // namespace loas::cli
