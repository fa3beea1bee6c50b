#include "platform/inputs/archive.h"

#include "platform/formats/npz.h"
#include "platform/inputs/events.h"
#include "platform/inputs/records.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>

namespace loas::inputs
{
namespace
{

using names = std::vector<std::string>;

constexpr std::string_view input_words[] = {"x",      "inputs", "input",  "images", "image",  "data",
                                            "frames", "frame",  "events", "spikes", "x_test", "test_x"};
constexpr std::string_view label_words[] = {"y", "labels", "label", "targets", "target", "classes", "y_test", "test_y"};

bool is_archive(const std::string& path)
{
    return std::filesystem::path(path).extension() == ".npz";
}

template <std::size_t count>
names called(const names& arrays, const std::string_view (&words)[count])
{
    names found;
    for (const std::string& each : arrays)
        if (std::find(std::begin(words), std::end(words), text::lower_case(each)) != std::end(words))
            found.push_back(each);
    return found;
}

std::string list_of(const names& arrays)
{
    constexpr std::size_t most = 20;
    std::string text;
    for (std::size_t i = 0; i < arrays.size() && i < most; ++i)
        text += (i == 0 ? "" : ", ") + text::printable(arrays[i]);
    return arrays.size() > most ? text + ", ..." : text;
}

[[noreturn]] void ask(const std::string& path, const char* what, const names& arrays)
{
    throw text::user_error(fmt::format("{}: which of its arrays has the {}? It has {}; say {}:NAME", path, what,
                                       arrays.empty() ? "none" : list_of(arrays), path));
}

std::string labels_in(const std::string& path, const names& arrays)
{
    const names found = called(arrays, label_words);
    if (found.size() > 1)
        ask(path, "labels", arrays);
    return found.empty() ? "" : path + ':' + found[0];
}

/// Arrays of one recording, a field each; none if the archive is something else.
names columns_in(const names& arrays)
{
    names columns;
    const auto has = [&](event_field field) {
        return std::any_of(columns.begin(), columns.end(), [&](const auto& each) { return field_called(each) == field; });
    };
    std::copy_if(arrays.begin(), arrays.end(), std::back_inserter(columns),
                 [](const std::string& each) { return field_called(each) != event_field::none; });
    return has(event_field::x) && has(event_field::y) && has(event_field::t) ? columns : names();
}

names without(const names& arrays, const names& left_out)
{
    names others;
    std::copy_if(arrays.begin(), arrays.end(), std::back_inserter(others), [&](const std::string& each) {
        return std::find(left_out.begin(), left_out.end(), each) == left_out.end();
    });
    return others;
}

} // namespace

input_places find_inputs(const std::string& path, const std::string& labels)
{
    input_places places;
    places.labels = labels;
    if (is_archive(labels)) {
        places.labels = labels_in(labels, formats::arrays_in_npz(labels));
        if (places.labels.empty())
            ask(labels, "labels", formats::arrays_in_npz(labels));
    }
    if (!is_archive(path)) {
        places.arrays.push_back(path);
        return places;
    }
    const names arrays = formats::arrays_in_npz(path);
    const auto take = [&](const std::string& name) { places.arrays.push_back(path + ':' + name); };
    const names columns = columns_in(arrays); // whose y is no label
    if (labels.empty())
        places.labels = labels_in(path, without(arrays, columns));
    if (!columns.empty()) {
        places.columns = true;
        std::for_each(columns.begin(), columns.end(), take);
        return places;
    }
    names inputs = called(arrays, input_words);
    const names others = without(arrays, called(arrays, label_words));
    if (inputs.empty() && others.size() == 1)
        inputs = others;
    const bool recordings = inputs.empty() && !others.empty() &&
                            std::all_of(others.begin(), others.end(), [&](const std::string& each) {
                                return holds_records(path + ':' + each);
                            });
    if (!recordings && inputs.size() != 1)
        ask(path, "inputs", arrays);
    std::for_each(recordings ? others.begin() : inputs.begin(), recordings ? others.end() : inputs.end(), take);
    if (!recordings) {
        places.said.push_back(fmt::format("the inputs are the array '{}' of {}", text::printable(inputs[0]), path));
        places.settings.push_back("workload.images=" + places.arrays[0]);
    }
    if (labels.empty() && !places.labels.empty()) {
        places.said.push_back(fmt::format("the labels are the array '{}' of {}",
                                          text::printable(places.labels.substr(path.size() + 1)), path));
        places.settings.push_back("workload.labels=" + places.labels);
    }
    return places;
}

} // namespace loas::inputs
