// The text of a file that a user names.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace loas::text
{

/// As it is; longer than most_bytes when the file is: the rest of it is not read. Nothing: the file cannot be read, or
/// it is a pipe into which nobody writes.
std::optional<std::string> read_text(const std::filesystem::path& file, std::size_t most_bytes);

/// "FILE.npz:NAME" is an entry of an archive, and of an HDF5 file (.h5, .hdf5, .nir); anything else a file of its own,
/// whose entry is "".
struct archive_entry {
    std::filesystem::path file;
    std::string entry;
};
archive_entry split_entry(const std::string& path);

} // namespace loas::text
