#include "platform/inputs/nir_data.h"

#include "platform/formats/isolated_reader.h"
#include "platform/formats/nir_file.h"
#include "platform/text/read_text.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace loas::inputs
{
namespace
{

using formats::nir_graph;
using formats::nir_node;

nir_graph read(const std::string& file, const std::string& place)
{
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(file, error);
    const auto reader = [&](const std::string& path) {
        const auto function = reinterpret_cast<decltype(&loas_read_nir_data)>(formats::hdf5_function("loas_read_nir_data"));
        nir_graph graph;
        function(path, place, graph);
        return graph;
    };
    formats::reader_limits limits = formats::limits_for(error ? 0 : bytes);
    // spikes unpack to a hundred times the size of their file and more; what is damaged and small shall not take as long
    limits.processor_seconds += static_cast<unsigned>(std::min<std::uintmax_t>(error ? 0 : bytes >> 14, 60));
    return formats::read_isolated(file, reader, limits);
}

[[noreturn]] void ask(const std::string& file, const std::string& what, const std::vector<nir_node>& nodes)
{
    constexpr std::size_t most = 20;
    std::string list;
    for (std::size_t i = 0; i < nodes.size() && i < most; ++i)
        for (const nir_node& observable : nodes[i].nodes)
            list += fmt::format("{}{}/{}", list.empty() ? "" : ", ", text::printable(nodes[i].name),
                                text::printable(observable.name));
    throw text::user_error(fmt::format("{}: {} It has {}{}; FILE.h5:NODE/OBSERVABLE says which are the inputs",
                                       text::printable(file), what, list.empty() ? "none" : list,
                                       nodes.size() > most ? ", ..." : ""));
}

/// The one of that name; of "": the one called `usual`, or the only one. Or none.
const nir_node* find(const std::vector<nir_node>& among, const std::string& name, const std::string& usual)
{
    const auto called = [&](const std::string& wanted) {
        const auto found = std::find_if(among.begin(), among.end(), [&](const nir_node& each) { return each.name == wanted; });
        return found == among.end() ? nullptr : &*found;
    };
    if (!name.empty())
        return called(name);
    return called(usual) != nullptr ? called(usual) : among.size() == 1 ? &among[0] : nullptr;
}

/// "NODE/OBSERVABLE".
std::string choose(const std::string& file, const std::string& asked, const std::string& input)
{
    const std::vector<nir_node> nodes = read(file, "").nodes;
    const std::size_t slash = asked.find('/');
    const std::string of_node = asked.substr(0, slash), observable = slash == std::string::npos ? "" : asked.substr(slash + 1);
    const nir_node* node = find(nodes, of_node, input);
    if (node == nullptr)
        ask(file, of_node.empty() ? fmt::format("no node is called '{}', as the network's Input.", text::printable(input))
                                  : fmt::format("has no node '{}'.", text::printable(of_node)),
            nodes);
    const nir_node* chosen = find(node->nodes, observable, "spikes");
    if (chosen == nullptr)
        ask(file, observable.empty() ? fmt::format("which observable of '{}'?", text::printable(node->name))
                                     : fmt::format("'{}' has no observable '{}'.", text::printable(node->name),
                                                   text::printable(observable)),
            nodes);
    return node->name + '/' + chosen->name;
}

} // namespace

bool is_hdf5(const std::string& path)
{
    char first[8] = {};
    std::ifstream(text::split_entry(path).file, std::ios::binary).read(first, sizeof first);
    return std::string(first, sizeof first) == "\x89HDF\r\n\x1a\n";
}

nir_data read_nir_data(const std::string& path, const std::string& input)
{
    const text::archive_entry asked = text::split_entry(path);
    const std::string file = asked.file.string(), place = choose(file, asked.entry, input);
    nir_graph graph = read(file, place);
    std::map<std::string, formats::nir_array>& arrays = graph.nodes.at(0).arrays;
    const auto number = [&](const char* name) { return arrays.count(name) > 0 ? arrays[name].values.at(0) : 0; };
    nir_data data;
    data.source = fmt::format("{}: {}", file, text::printable(place));
    if (asked.entry != place) {
        data.said = fmt::format("the inputs are '{}' of {}", text::printable(place), file);
        if (text::split_entry(file + ':' + place).entry == place)
            data.setting = fmt::format("workload.images={}:{}", file, place);
    }
    data.timesteps = static_cast<std::size_t>(number("timesteps"));
    data.neurons = static_cast<std::size_t>(number("neurons"));
    data.length = number("length");
    data.begin = std::move(arrays["begin"].values);
    data.samples = data.begin.size() - 1;
    data.place = std::move(arrays["place"].values);
    data.time = std::move(arrays["time"].values);
    data.value = std::move(arrays["value"].values);
    data.ends_timestep = graph.nodes[0].type == "EventData" &&
                         std::find(data.time.begin(), data.time.end(), 0.0) == data.time.end();
    return data;
}

} // namespace loas::inputs
