// The text of a file that a user names.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace loas::text
{

/// As it is; longer than most_bytes when the file is: the rest of it is not read. Nothing: the file cannot be read.
inline std::optional<std::string> read_text(const std::filesystem::path& file, std::size_t most_bytes)
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return {};
    std::string text;
    for (char block[4096]; text.size() <= most_bytes && stream;) {
        stream.read(block, sizeof block);
        text.append(block, static_cast<std::size_t>(stream.gcount()));
    }
    return text;
}

} // namespace loas::text
