#include "platform/cli/commands.h"

#include "platform/cli/command.h"
#include "platform/cli/program_command.h"
#include "platform/config/scenario.h"
#include "platform/process/stop_signals.h"
#include "platform/text/say.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <sstream>

namespace loas::cli
{
namespace
{

using text::user_error;

std::string command_help(const command& which)
{
    po::options_description options("Options", 100);
    for (const option_row& each : which.options)
        options.add(each);
    std::ostringstream listed;
    listed << options;
    std::string text = fmt::format("Usage: {}\n{}.\n\n{}\nExamples:\n", which.usage(), which.summary, listed.str());
    for (const std::string& each : which.examples)
        text += "  loas-vp " + each + '\n';
    return text;
}

process::exit_code run_command(const command& which, const std::vector<std::string>& arguments)
{
    po::options_description all;
    for (const option_row& each : which.options)
        all.add(each);
    po::positional_options_description positional;
    const std::string words = which.positional;
    if (words == "file") {
        all.add_options()("file", po::value<std::string>());
        positional.add("file", 1);
    } else if (!words.empty()) {
        all.add_options()(which.positional, po::value<std::vector<std::string>>());
        positional.add(which.positional, -1);
    }
    std::vector<std::string> ours = arguments;
    const auto dashes = std::find(ours.begin(), ours.end(), "--");
    const bool takes_program = std::any_of(which.options.begin(), which.options.end(),
                                           [](const option_row& each) { return each->long_name() == "program"; });
    po::variables_map given;
    if (takes_program && dashes != ours.end()) {
        given.emplace(behind_dashes, po::variable_value(std::vector<std::string>(dashes + 1, ours.end()), false));
        ours.erase(dashes, ours.end());
    }
    try {
        po::store(po::command_line_parser(ours).options(all).positional(positional).run(), given);
        po::notify(given);
    } catch (const po::unknown_option& unknown) {
        std::vector<std::string> names;
        for (const option_row& each : which.options)
            names.push_back(each->long_name());
        const std::vector<std::string_view> valid(names.begin(), names.end());
        const std::string name = unknown.get_option_name().substr(unknown.get_option_name().find_first_not_of('-'));
        const std::string_view nearest = text::nearest_word(name, valid);
        throw user_error(fmt::format("unknown option --{}{}", name,
                                     nearest.empty() ? "" : fmt::format("; did you mean --{}?", nearest)));
    } catch (const po::error& problem) {
        throw user_error(fmt::format("{} (see loas-vp {} --help)", problem.what(), which.name));
    }
    if (given.count("help") != 0) {
        print(command_help(which));
        return process::exit_code::good;
    }
    if (words == "file" && given.count("file") == 0)
        throw user_error(fmt::format("{}: which file? Usage: {}", which.name, which.usage()));
    return which.run(given);
}

process::exit_code choose_command(const std::vector<std::string>& arguments)
{
    if (arguments.empty())
        throw user_error("no command given\n\n" + general_help());
    const std::string& word = arguments[0];
    if (word == "--help" || word == "-h" || word == "help") {
        print(general_help());
        return process::exit_code::good;
    }
    if (word == "--version") {
        print("loas-vp " LOAS_VP_VERSION "\n");
        return process::exit_code::good;
    }
    if (is_print_option(word) && arguments.size() == 1)
        return print_option(word);
    std::vector<std::string_view> names;
    for (const command& each : all_commands()) {
        if (each.name == word)
            return run_command(each, {arguments.begin() + 1, arguments.end()});
        names.push_back(each.name);
    }
    const std::string_view nearest = text::nearest_word(word, names);
    throw user_error(fmt::format("unknown command '{}'; {}", text::printable(word),
                                 nearest.empty() ? "the commands are " + text::join(names, ", ")
                                                 : fmt::format("did you mean '{}'?", nearest)));
}

} // namespace

option_row set_row()
{
    return texts("set", "KEY=VALUE", "override a parameter; may be given several times");
}

option_row timing_row()
{
    return text("timing", "at|lt", "at: memory with contention (default); lt: without, faster, same outputs");
}

option_row check_protocol_row()
{
    return flag("check-protocol", "check every TLM transaction and DRAM command; a breach ends with exit code 5");
}

option_row host_timeout_row()
{
    return text("host-timeout", "SECONDS", "end a simulation that takes this computer longer, with exit code 4");
}

std::string by_option(const po::variables_map& given, const char* option, const char* key)
{
    const std::string value = given[option].as<std::string>();
    return config::override_by(fmt::format("--{} {}", option, value), fmt::format("{}={}", key, value));
}

std::vector<std::string> overrides_of(const po::variables_map& given)
{
    std::vector<std::string> overrides;
    if (given.count("set") != 0)
        overrides = given["set"].as<std::vector<std::string>>();
    if (given.count("timing") != 0)
        overrides.push_back(by_option(given, "timing", "timing"));
    if (given.count("check-protocol") != 0)
        overrides.push_back(config::override_by("--check-protocol", "run.check_protocol=true"));
    if (given.count("host-timeout") != 0)
        overrides.push_back(by_option(given, "host-timeout", "run.host_timeout_s"));
    return overrides;
}

option_row jobs_row(const char* what)
{
    return boost::make_shared<po::option_description>(
        "jobs,j", po::value<int>()->default_value(0)->value_name("N"),
        fmt::format("{} at a time (0: as many as there are processors)", what).c_str());
}

unsigned jobs_of(const po::variables_map& given)
{
    const int jobs = given["jobs"].as<int>();
    if (jobs < 0 || jobs > 10'000)
        throw user_error("--jobs: allowed are 1..10000, and 0 for as many as there are processors");
    return static_cast<unsigned>(jobs);
}

std::string command::usage() const
{
    return "loas-vp " + name + (arguments.empty() ? "" : ' ' + arguments) + " [options]";
}

std::string stands_for(const po::option_description& option)
{
    if (option.semantic()->max_tokens() == 0)
        return "";
    const std::string name = option.semantic()->name();
    return name.substr(0, name.find(" (=")); // the default value
}

std::string short_name(const po::option_description& option)
{
    const std::string name = option.canonical_display_name(po::command_line_style::allow_dash_for_short);
    return name.size() == 2 && name[0] == '-' ? name : "";
}

const std::vector<exit_code_row>& exit_code_rows()
{
    static const std::vector<exit_code_row> rows = {
        {process::exit_code::good, "good"},
        {process::exit_code::different,
         "the result differs from the golden model or could not all be compared with it, two results differ, or points "
         "are missing"},
        {process::exit_code::user_mistake, "a mistake in the input, or an output that cannot be written"},
        {process::exit_code::guest_failed, "the simulated program failed"},
        {process::exit_code::stuck, "deadlock or time-out"},
        {process::exit_code::our_bug, "a mistake in loas-vp itself"},
        {process::exit_code::interrupted, "a sweep was interrupted; it can be resumed"},
    };
    return rows;
}

std::string general_help()
{
    std::string text = "loas-vp: a virtual platform of the LoAS accelerator for dual-sparse spiking networks\n\n"
                       "Usage: loas-vp COMMAND [options]\n\nCommands:\n";
    for (const command& each : all_commands())
        text += fmt::format("  {:<12}{}\n", each.name, each.summary);
    text += "  --help      this text; loas-vp COMMAND --help explains a command\n"
            "  --version\n"
            "  --print-cflags[=native|rv64], --print-libs[=native|rv64]: what builds a program for the host CPU\n\n"
            "Exit codes:\n";
    for (const exit_code_row& each : exit_code_rows())
        text += fmt::format("  {:<12}{}\n", static_cast<int>(each.code), each.meaning);
    return text;
}

void print(const std::string& text)
{
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw user_error("cannot write to standard output");
}

int run_command_line(const std::vector<std::string>& arguments)
{
    process::say_when_interrupted();
    ::signal(SIGXFSZ, SIG_IGN); // a file that is too large is an error of writing, which is told
    try {
        return static_cast<int>(choose_command(arguments));
    } catch (const std::exception&) {
        const process::failure failed = process::current_failure();
        if (failed.code == process::exit_code::our_bug)
            std::fprintf(stderr, "This is a mistake in loas-vp, not in your input; please report it.\n");
        text::say(failed.what);
        return static_cast<int>(failed.code);
    }
}

} // namespace loas::cli
