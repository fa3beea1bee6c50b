// A subcommand of loas-vp as a row: the command line, its help, the completion and the manual page run over the rows.
#pragma once

#include "platform/process/errors.h"

#include <boost/make_shared.hpp>
#include <boost/program_options.hpp>

#include <string>
#include <vector>

namespace loas::cli
{

namespace po = boost::program_options;

using option_row = boost::shared_ptr<po::option_description>;

/// What stands behind `--` on the command line, in `given`; only of a command that has --program.
inline constexpr const char* behind_dashes = "behind --";

struct command {
    std::string name;
    std::string arguments; ///< what stands without a name, as shown: "FILE", "DIR...", "[NETWORK...]", or a word itself
    std::string summary;
    const char* positional; ///< its name in `given`: "file" (one, needed), "results" and the like (several), or ""
    process::exit_code (*run)(const po::variables_map& given);
    std::vector<option_row> options;
    std::vector<std::string> examples; ///< without the leading loas-vp

    std::string usage() const;
};

/// The table of subcommands, in the order of the help.
const std::vector<command>& all_commands();

// Rows of options. What a value stands for is also what completes it: "FILE", "DIR", "KEY=VALUE" (a parameter), "a|b"
// (these words); anything else is not completed.

inline option_row flag(const char* name, const char* help)
{
    return boost::make_shared<po::option_description>(name, new po::untyped_value(true), help);
}

template <typename T> option_row optional(const char* name, const char* stands_for, const char* help)
{
    return boost::make_shared<po::option_description>(name, po::value<T>()->value_name(stands_for), help);
}

inline option_row text(const char* name, const char* stands_for, const char* help)
{
    return optional<std::string>(name, stands_for, help);
}

inline option_row texts(const char* name, const char* stands_for, const char* help)
{
    return boost::make_shared<po::option_description>(
        name, po::value<std::vector<std::string>>()->composing()->value_name(stands_for), help);
}

template <typename T>
option_row with_default(const char* name, const char* stands_for, const T& initial, const char* help)
{
    return boost::make_shared<po::option_description>(
        name, po::value<T>()->default_value(initial)->value_name(stands_for), help);
}

/// --set KEY=VALUE.
option_row set_row();
option_row timing_row();
option_row check_protocol_row();
option_row host_timeout_row();
/// The override of an option that stands for a parameter.
std::string by_option(const po::variables_map& given, const char* option, const char* key);
/// What --set and those three say of the scenario.
std::vector<std::string> overrides_of(const po::variables_map& given);
/// Of an option with a text; "": it is not there.
inline std::string given_or_empty(const po::variables_map& given, const char* name)
{
    return given.count(name) != 0 ? given[name].as<std::string>() : "";
}
/// -j; what: "simulations", which run side by side, and the like.
option_row jobs_row(const char* what);
/// 0: as many as there are processors. Throws text::user_error.
unsigned jobs_of(const po::variables_map& given);

/// "FILE" and the like; "" for a flag.
std::string stands_for(const po::option_description& option);
/// "-j", or "".
std::string short_name(const po::option_description& option);

struct exit_code_row {
    process::exit_code code;
    const char* meaning;
};
const std::vector<exit_code_row>& exit_code_rows();

/// `loas-vp --help`.
std::string general_help();

/// A script for bash that completes subcommands, options, parameters and their words.
std::string bash_completion();

/// The manual page, in the man macros of roff.
std::string manual_page();

/// Throws text::user_error: a closed pipe or a full disk must not look like success.
void print(const std::string& text);

} // namespace loas::cli
