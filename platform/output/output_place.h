// Where --out leads to, said before long work and not after it. All throw text::user_error.
#pragma once

#include <filesystem>
#include <string>

namespace loas::output
{

/// The folder, or the nearest one above it that exists, must be a folder that we may write to.
void require_writable(const std::filesystem::path& directory, const char* option = "--out");

/// A file to write, asked for before long work: its folder is there, or is made where that is asked for, and can be written.
std::filesystem::path output_file(const std::string& given, const char* option = "--out", bool makes_folder = true);

} // namespace loas::output
