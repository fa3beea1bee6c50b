// The completion script for bash, from the rows of commands and of parameters.
#include "platform/cli/command.h"
#include "platform/config/options.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::cli
{
namespace
{

/// What completes a value that is shown so: words, or one of the script's: @file, @folder, @parameter, @nothing.
std::string wanted(std::string shown)
{
    if (shown == "FILE" || shown == "RESULT" || shown == "BEFORE AFTER")
        return "@file";
    if (shown == "DIR" || shown == "DIR...")
        return "@folder";
    if (shown == "KEY=VALUE")
        return "@parameter";
    const bool lower =
        std::all_of(shown.begin(), shown.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '|' || c == '-'; });
    if (shown.empty() || !lower)
        return "@nothing";
    std::replace(shown.begin(), shown.end(), '|', ' ');
    return shown;
}

std::string command_case(const command& of)
{
    std::string names, values;
    for (const option_row& each : of.options) {
        names += (names.empty() ? "--" : " --") + each->long_name();
        const std::string value = stands_for(*each), brief = short_name(*each);
        if (!value.empty())
            values += fmt::format("        --{}{}) wants='{}' ;;\n", each->long_name(),
                                  brief.empty() ? "" : '|' + brief, wanted(value));
    }
    return fmt::format("    {})\n        options='{}' wants='{}'\n{}        ;;\n", of.name, names, wanted(of.arguments),
                       values.empty() ? "" : "        case $before in\n" + values + "        esac\n");
}

/// Of parameters: the keys, and cases for those whose values are words or paths.
void add_parameters(std::string& keys, std::string& cases)
{
    config::scenario defaults;
    for (const config::option& each : config::options_of(defaults)) {
        keys += fmt::format("{}{}=", keys.empty() ? "" : " ", each.key);
        const std::string words = each.is_flag() ? "true false" : text::join(each.words, " ");
        if (each.is_path() || !words.empty())
            cases += fmt::format("        {}) wants='{}' ;;\n", each.key, each.is_path() ? "@file" : words);
    }
}

constexpr const char* script = R"END(# Completion of loas-vp in bash; written by `loas-vp completion bash`.
_loas_vp()
{
    # COMP_WORDS is broken at = as well; here are the words as the command gets them.
    local line=${COMP_LINE:0:COMP_POINT} options='' wants='' prefix='' words before current
    read -a words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    local last=$((${#words[@]} - 1))
    current=${words[last]-} before=${words[last - 1]-}
    if [[ $current == --*=* ]]; then
        before=${current%%=*} prefix=${current%%=*}= current=${current#*=}
    fi

    case ${words[1]-} in
@COMMANDS@    esac
    if ((last < 2)); then
        wants='@NAMES@ --help --version'
    elif [[ -z $prefix && $current == -* ]]; then
        wants=$options
    fi
    if [[ $wants == @parameter && $current == *=* ]]; then
        wants=@nothing
        case ${current%%=*} in
@PARAMETERS@        esac
        prefix+=${current%%=*}= current=${current#*=}
    elif [[ $wants == @parameter ]]; then
        wants='@KEYS@'
        compopt -o nospace
    fi

    COMPREPLY=()
    case $wants in
    @file) compopt -o default ;;
    @folder) compopt -o dirnames ;;
    @nothing | '') ;;
    *)
        mapfile -t COMPREPLY < <(compgen -W "$wants" -- "$current")
        # Where = breaks words, what is completed begins behind it.
        [[ $COMP_WORDBREAKS == *=* || -z $prefix ]] || COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
        ;;
    esac
}
complete -F _loas_vp loas-vp vp
)END";

void put(std::string& text, const std::string& mark, const std::string& by)
{
    text.replace(text.find(mark), mark.size(), by);
}

} // namespace

std::string bash_completion()
{
    std::string commands, names, keys, parameters;
    for (const command& each : all_commands()) {
        commands += command_case(each);
        names += (names.empty() ? "" : " ") + each.name;
    }
    add_parameters(keys, parameters);
    std::string text = script;
    put(text, "@COMMANDS@", commands);
    put(text, "@NAMES@", names);
    put(text, "@PARAMETERS@", parameters);
    put(text, "@KEYS@", keys);
    return text;
}

} // namespace loas::cli
