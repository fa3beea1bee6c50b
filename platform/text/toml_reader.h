// Reading the TOML files that a user writes: with a limit, with places, and in the words that all of them share.
#pragma once

#include <toml++/toml.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace loas::text
{

/// What is said of a file that cannot be had: formats of its name.
struct file_kind {
    std::size_t most_bytes; ///< no such file is larger; a device or a data file given by mistake is
    const char* missing;
    const char* folder;
    const char* unreadable;
    const char* too_large;
};

/// The text of a file of that kind. Throws user_error.
std::string read_user_text(const std::filesystem::path& file, const file_kind& kind);

/// Throws user_error with file:line:column.
toml::table parse_toml(std::string_view text, const std::filesystem::path& file);

inline std::size_t line_of(const toml::key& key)
{
    return key.source().begin.line;
}

inline std::size_t line_of(const toml::node& node)
{
    return node.source().begin.line;
}

/// "found the text "abc"" and the like.
std::string found(const toml::node& node);

/// A key as TOML writes it: with quotes unless it is a bare word. So "tppe.count" in quotes does not pass for
/// tppe.count.
std::string shown_key(std::string_view key);

} // namespace loas::text
