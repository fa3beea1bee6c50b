#include "platform/report/page.h"

#include "models/cost/energy.h"
#include "models/observe/counters.h"
#include "platform/config/options.h"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace loas::report
{

using json = nlohmann::ordered_json;

namespace
{

std::string html_escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

/// As the text of a script element, which any "</script" or "<!--" in a name would end.
std::string script_data(const json& data)
{
    std::string out;
    for (const char c : data.dump(-1, ' ', false, json::error_handler_t::replace))
        if (c == '<') // only texts have it
            out += "\\u003c";
        else
            out += c;
    return out;
}

std::string_view group_name(cost::energy_group group)
{
    switch (group) {
    case cost::energy_group::compute:
        return "compute";
    case cost::energy_group::sram:
        return "SRAM";
    case cost::energy_group::dram:
        return "DRAM";
    case cost::energy_group::leakage:
        return "leakage";
    }
    return "";
}

} // namespace

json names_json()
{
    json names;
    json& counters = names["counters"];
    for (std::size_t i = 0; i < observe::counter_count; ++i) {
        const observe::counter_info& info = observe::info_of(static_cast<observe::counter>(i));
        const std::string key = std::string(info.group) + (info.group.empty() ? "" : ".") + std::string(info.name);
        counters[key] = {{"unit", info.unit}, {"definition", info.definition}};
    }
    json& energy = names["energy"];
    for (std::size_t i = 0; i < cost::energy_part_count; ++i) {
        const cost::energy_part_info& info = cost::info_of(static_cast<cost::energy_part>(i));
        energy[std::string(info.name)] = {{"group", group_name(info.group)}, {"definition", info.definition}};
    }
    json& parameters = names["parameters"];
    config::scenario any;
    for (const config::option& option : config::options_of(any))
        parameters[std::string(option.key)] = {{"unit", option.unit}, {"help", option.help}};
    return names;
}

std::string to_page(const std::string& title, const json& data)
{
    const page_assets& page = embedded_page();
    const std::array<std::pair<std::string_view, std::string>, 5> parts = {{{"@TITLE@", html_escaped(title)},
                                                                            {"@STYLE@", std::string(page.style)},
                                                                            {"@DATA@", script_data(data)},
                                                                            {"@CHART_JS@", std::string(page.chart_js)},
                                                                            {"@SCRIPT@", std::string(page.script)}}};
    std::string out;
    std::string_view left = page.html; // once through it: what goes in is not looked at again
    for (const auto& [mark, text] : parts) {
        const std::size_t at = left.find(mark);
        out.append(left.substr(0, at)).append(text);
        left.remove_prefix(at + mark.size());
    }
    return out.append(left);
}

} // namespace loas::report
