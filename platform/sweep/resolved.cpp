// A sweep as a sweep file again.
#include "platform/sweep/definition.h"

#include "platform/config/options.h"
#include "platform/text/words.h"

#include <fmt/format.h>

namespace loas::sweep
{
namespace
{

std::string values_text(const column& of)
{
    std::string text;
    for (const config::value& each : of.values)
        text += (text.empty() ? "" : ", ") + config::to_toml(each);
    return text;
}

void add_texts(std::string& out, const char* key, const std::vector<std::string>& texts)
{
    if (texts.empty())
        return;
    out += fmt::format("{} = [", key);
    for (std::size_t i = 0; i < texts.size(); ++i)
        out += (i == 0 ? "" : ", ") + text::toml_quoted(texts[i]);
    out += "]\n";
}

} // namespace

std::string to_toml(const definition& sweep)
{
    std::string out = fmt::format("base = {}\n", text::toml_quoted(sweep.base.string()));
    std::string axes, zips;
    for (const dimension& each : sweep.dimensions) {
        const column& first = each.columns.front();
        if (first.key == workload_axis)
            out += fmt::format("workloads = [{}]\n", values_text(first));
        else if (first.key == seed_axis)
            out += fmt::format("seeds = {}\n", first.values.size());
        else if (!each.zipped)
            axes += fmt::format("{} = [{}]\n", text::toml_quoted(first.key), values_text(first));
        else
            zips += "\n[[zip]]\n";
        for (const column& one : each.columns)
            if (each.zipped)
                zips += fmt::format("{} = [{}]\n", text::toml_quoted(one.key), values_text(one));
    }
    std::vector<std::string> constraints;
    for (const std::vector<constraint>* list : {&sweep.constraints, &sweep.budgets})
        for (const constraint& each : *list)
            constraints.push_back(each.rule.text());
    add_texts(out, "constraints", constraints);
    if (sweep.objective)
        out += fmt::format("{} = {}\n", sweep.most ? "most" : "least", text::toml_quoted(sweep.objective->text()));
    add_texts(out, "keys", sweep.keys);
    out += axes.empty() ? "" : "\n[axes]\n" + axes;
    out += zips;
    out += sweep.derived.empty() ? "" : "\n[derived]\n";
    for (const derived_figure& each : sweep.derived)
        out += fmt::format("{} = {}\n", text::toml_quoted(each.name), text::toml_quoted(each.formula.text()));
    return out;
}

} // namespace loas::sweep
