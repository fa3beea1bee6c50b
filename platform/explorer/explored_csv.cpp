// The exploration as one table for spreadsheets: a row for each layer, point and buffer.
#include "platform/explorer/explore.h"

#include <nlohmann/json.hpp>

namespace loas::explorer
{
namespace
{

using json = nlohmann::ordered_json;
using columns = std::vector<std::pair<std::string, std::string>>; ///< name, cell

/// Quoted where it has a comma, a quote or a line's end (RFC 4180).
std::string cell_of(const json& value)
{
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.find_first_of(",\"\n\r") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char each : text)
        quoted += each == '"' ? "\"\"" : std::string(1, each);
    return quoted + '"';
}

/// Objects' names in front of their members': "dram_bytes_a". Lists are left out.
void add(columns& to, const std::string& before, const json& object)
{
    for (const auto& [name, value] : object.items())
        if (value.is_object())
            add(to, before + name + '_', value);
        else if (!value.is_array())
            to.emplace_back(before + name, cell_of(value));
}

} // namespace

std::string to_csv(const exploration& explored)
{
    std::string text;
    const auto add_line = [&](const columns& row, bool heading) {
        for (std::size_t i = 0; i < row.size(); ++i)
            text += (i == 0 ? "" : ",") + (heading ? row[i].first : row[i].second);
        text += '\n';
    };
    const json tree = json::parse(to_json(explored));
    for (const json& layer : tree["layers"])
        for (const json& order : layer["orders"])
            for (const json& buffer : order["buffers"]) {
                columns row;
                add(row, "layer_", layer);
                json counts = order;
                for (const char* word : {"machine", "order", "class", "spatial", "tiles", "format"}) { // not all have each
                    row.emplace_back(word, counts.value(word, json()).is_null() ? "" : cell_of(counts[word]));
                    counts.erase(word);
                }
                add(row, "", counts);
                add(row, "", buffer);
                if (text.empty())
                    add_line(row, true);
                add_line(row, false);
            }
    return text;
}

} // namespace loas::explorer
