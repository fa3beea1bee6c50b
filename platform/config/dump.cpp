// What goes out: the dump, and the values for the result file.
#include "platform/config/layer_rules.h"
#include "platform/config/options.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::config
{

std::string dump(const scenario& s)
{
    scenario copy = s;
    std::string out =
        "# Effective scenario of loas-vp: every parameter with the value in force, after defaults, preset,\n"
        "# includes, the file and --set. As a scenario file it gives the same run.\n";
    std::string_view table;
    for (const option& o : options_of(copy)) {
        if (o.table_name() != table) {
            table = o.table_name();
            out += fmt::format("\n[{}]\n", table);
        }
        const std::string_view tensor = tensor_from_file(s, o.key);
        const std::string remark = tensor.empty() ? "" : fmt::format(" # not in force: the {0} are {0}_file's", tensor);
        out += fmt::format("{} = {}{}\n", o.leaf_name(), to_toml(o.get()), remark);
    }
    return out;
}

std::string dump_given(const scenario& s)
{
    scenario copy = s;
    std::string out = "# What a scenario file of a sweep and the files that it includes say, in one.\n";
    for (const option& o : options_of(copy))
        if (std::any_of(s.given.begin(), s.given.end(), [&](const given_parameter& each) { return each.key == o.key; }))
            out += fmt::format("{} = {}\n", o.key, to_toml(o.get()));
    return out;
}

std::vector<std::pair<std::string, value>> effective_values(const scenario& s)
{
    scenario copy = s;
    std::vector<std::pair<std::string, value>> out;
    for (const option& o : options_of(copy)) {
        value v = o.get();
        if (o.is_path())
            v = std::filesystem::path(std::get<std::string>(v)).filename().string();
        out.emplace_back(o.key, std::move(v));
    }
    return out;
}

} // namespace loas::config
