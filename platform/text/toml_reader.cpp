#include "platform/text/toml_reader.h"

#include "platform/text/read_text.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>

namespace loas::text
{
namespace
{

/// Names of files whole, so that editors can jump to "file:line".
std::string name_of(const std::filesystem::path& file)
{
    return printable(file.string(), std::string::npos);
}

[[noreturn]] void refuse(const char* words, const std::filesystem::path& file)
{
    throw user_error(fmt::format(fmt::runtime(words), name_of(file)));
}

/// The parser goes down a dotted key part by part: one that never ends would end our stack. Line of such a key, or 0.
std::size_t endless_key(std::string_view text)
{
    constexpr std::size_t most_parts = 256;
    std::size_t line = 1, dots = 0;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n' || (quote == 0 && (c == '=' || c == ',')))
            dots = 0;
        line += c == '\n';
        if (quote == 0 && c == '#')
            i = std::min(text.find('\n', i), text.size()) - 1;
        else if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (quote == '"' && c == '\\')
            ++i;
        else if (c == quote)
            quote = 0;
        else if (quote == 0 && c == '.' && ++dots == most_parts)
            return line;
    }
    return 0;
}

/// Files that are given by mistake, by how they begin: what they are, and what to do.
constexpr struct {
    std::string_view begins, words;
} foreign_files[] = {
    {"{", "JSON and no TOML; of a result of loas-vp run, its folder or the scenario.toml in it is the scenario; of points of "
          "loas-vp sweep, the sweep.toml beside them is the sweep"},
    {"\x89HDF", "an HDF5 file and no TOML. A network by itself is for check and run (FILE.nir); a scenario names it by "
                "workload.network, and its inputs by workload.images: loas-vp run FILE.nir --inputs X --out DIR writes one, DIR"},
    {"\x93NUMPY", "an array of NumPy and no TOML; layer.spikes_file and other keys name such files"},
    {"PK\x03\x04", "an archive, as .npz files are, and no TOML; layer.spikes_file and other keys name such files"},
    {"\x7f" "ELF", "a program and no TOML; loas-vp run SCENARIO --program FILE runs it"},
};

void refuse_foreign(std::string_view text, const std::filesystem::path& file)
{
    const std::string_view from = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    for (const auto& each : foreign_files)
        if (from.substr(0, each.begins.size()) == each.begins)
            throw user_error(fmt::format("{}: {}", name_of(file), each.words));
}

/// What the parser says of a number that is too large lacks how large one may be.
std::string words_of(const toml::parse_error& mistake)
{
    const std::string words(mistake.description());
    return words.find("not representable in 64 bits") == std::string::npos
               ? words
               : fmt::format("{}; integers are {}..{}, and loas-vp options has the range of each parameter", words,
                             std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
}

} // namespace

std::string read_user_text(const std::filesystem::path& file, const file_kind& kind)
{
    std::error_code error;
    if (!std::filesystem::exists(file, error))
        refuse(kind.missing, file);
    if (std::filesystem::is_directory(file, error))
        refuse(kind.folder, file);
    std::optional<std::string> text = read_text(file, kind.most_bytes);
    if (!text)
        refuse(kind.unreadable, file);
    if (text->size() > kind.most_bytes)
        refuse_foreign(*text, file);
    if (text->size() > kind.most_bytes)
        refuse(kind.too_large, file);
    return *std::move(text);
}

toml::table parse_toml(std::string_view text, const std::filesystem::path& file)
{
    refuse_foreign(text, file);
    if (const std::size_t line = endless_key(text); line != 0)
        throw user_error(fmt::format("{}:{}: a key of too many parts", name_of(file), line));
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& e) {
        const toml::source_position at = e.source().begin;
        throw user_error(fmt::format("{}:{}:{}: {}", name_of(file), at.line, at.column, words_of(e)));
    }
}

std::string found(const toml::node& node)
{
    if (const auto* x = node.as_integer())
        return fmt::format("found the integer {}", x->get());
    if (const auto* x = node.as_floating_point())
        return fmt::format("found the number {}", toml_number(x->get()));
    if (const auto* x = node.as_string())
        return fmt::format("found the text \"{}\"", printable(x->get()));
    if (const auto* x = node.as_boolean())
        return fmt::format("found {}", x->get());
    if (node.is_table())
        return "found a table";
    return node.is_array() ? "found an array" : "found a date or time";
}

std::string shown_key(std::string_view key)
{
    constexpr std::string_view bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const bool plain = !key.empty() && key.find_first_not_of(bare) == std::string_view::npos;
    return plain ? printable(key) : toml_quoted(printable(key));
}

} // namespace loas::text
