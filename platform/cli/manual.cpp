// The manual page, from the rows of commands, exit codes and parameters.
#include "platform/cli/command.h"
#include "platform/config/options.h"

#include <fmt/format.h>

namespace loas::cli
{
namespace
{

/// Text for roff: its escape character, hyphens that shall stay minus signs, and control characters of a line's begin.
std::string plain(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
            out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
    }
    return out;
}

/// A paragraph with a tag; the text is for roff already.
std::string tagged(const std::string& tag, const std::string& text)
{
    return ".TP\n" + tag + '\n' + text;
}

std::string option_text(const po::option_description& of)
{
    const std::string brief = short_name(of), value = stands_for(of);
    std::string tag =
        fmt::format("\\fB{}\\-\\-{}\\fR", brief.empty() ? "" : plain(brief) + ", ", plain(of.long_name()));
    if (!value.empty())
        tag += " \\fI" + plain(value) + "\\fR";
    return tagged(tag, plain(of.description()) + '\n');
}

std::string command_text(const command& of)
{
    std::string text =
        fmt::format(".SS {}\n\\fB{}\\fR\n.PP\n{}\n", plain(of.name), plain(of.usage()), plain(of.summary));
    for (const option_row& each : of.options)
        text += option_text(*each);
    text += ".PP\nExamples:\n.PP\n.nf\n.RS\n";
    for (const std::string& each : of.examples)
        text += "loas\\-vp " + plain(each) + '\n';
    return text + ".RE\n.fi\n";
}

std::string parameter_text(const config::option& of)
{
    const config::value initial = of.get();
    std::string about = fmt::format("{}{}{}, default {}", of.type_name(), of.unit.empty() ? "" : " in ", of.unit,
                                    config::to_toml(initial));
    if (const std::string range = of.range(); !range.empty())
        about += ", allowed " + range;
    return tagged("\\fB" + plain(of.key) + "\\fR (" + plain(about) + ")", plain(of.help) + '\n');
}

} // namespace

std::string manual_page()
{
    std::string text = ".\\\" Written by `loas-vp man`.\n.TH LOAS\\-VP 1 \"\" \"loas\\-vp " LOAS_VP_VERSION
                       "\" \"User commands\"\n.SH NAME\nloas\\-vp \\- a virtual platform of the LoAS accelerator for "
                       "dual\\-sparse spiking networks\n.SH SYNOPSIS\n\\fBloas\\-vp\\fR \\fICOMMAND\\fR "
                       "[\\fIoptions\\fR]\n.SH COMMANDS\n";
    for (const command& each : all_commands())
        text += command_text(each);
    text += ".SH PARAMETERS\nOf a scenario file, and of \\fB\\-\\-set\\fR \\fIKEY=VALUE\\fR.\n";
    config::scenario defaults;
    for (const config::option& each : config::options_of(defaults))
        text += parameter_text(each);
    text += ".SH EXIT STATUS\n";
    for (const exit_code_row& each : exit_code_rows())
        text += tagged(fmt::format("\\fB{}\\fR", static_cast<int>(each.code)), plain(each.meaning) + '\n');
    return text;
}

} // namespace loas::cli
