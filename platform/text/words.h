// Small helpers around texts of the user: the nearest valid word, and quoting.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loas::text
{

/// Edit distance: insertions, deletions, changes and swaps of two neighbours cost one each.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The valid word nearest to a wrong one, or "" if none is near enough to be meant.
std::string_view nearest_word(std::string_view wrong, const std::vector<std::string_view>& valid);

/// Like nearest_word for keys "table.name"; also finds the right name in the wrong table.
std::string_view nearest_key(std::string_view wrong, const std::vector<std::string_view>& valid);

/// The text as a TOML string with quotes and escapes.
std::string toml_quoted(std::string_view text);

/// A double as TOML writes it; all its digits are kept.
std::string toml_number(double number);

/// "; did you mean 'near'?", or "" without one.
std::string did_you_mean(std::string_view near);

/// For messages: a text of the user on one line, without control characters, at most so many bytes of it.
std::string printable(std::string_view text, std::size_t longest = 80);

bool is_utf8(std::string_view text);

/// Of an errno in words, and what to do where a limit of this process is the reason.
std::string reason_of(int error_number);

/// For a shell: one word, in quotes if it needs them.
std::string shell_quoted(std::string_view text);

/// Of ASCII letters.
std::string lower_case(std::string_view text);

/// The words between commas, without blanks around them: of "a, b" two, of "a," too, of "" none.
std::vector<std::string> words_of_list(std::string_view list);

/// Words of a text in lines of at most so many bytes, the first after so many spaces, the others after `further`; each
/// ends with a newline. A word that is longer than a line is broken.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent, std::size_t further);

/// "a, b, c"
std::string join(const std::vector<std::string_view>& words, std::string_view separator);

} // namespace loas::text
