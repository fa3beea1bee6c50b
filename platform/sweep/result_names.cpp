#include "platform/sweep/result_names.h"

#include "platform/text/words.h"

#include <algorithm>

namespace loas::sweep
{
namespace
{

constexpr std::string_view layers = "layers.";

/// A layer's name may have dots in it, so it is what stands before the part that is known.
std::string_view behind_layer(std::string_view name, const std::vector<std::string>& example)
{
    for (const std::string& each : example) {
        constexpr std::string_view any = "layers.*";
        if (each.compare(0, any.size(), any) != 0)
            continue;
        const std::string_view end = std::string_view(each).substr(any.size());
        if (name.size() > layers.size() + end.size() && name.substr(name.size() - end.size()) == end)
            return end;
    }
    return {};
}

bool in_list(std::string_view name)
{
    static constexpr std::string_view lists[] = {"dram_channels.", "access_latency_cycles.", "read_latency_clocks.",
                                                 "queue_depth.", "accuracy.predictions."};
    return std::any_of(std::begin(lists), std::end(lists), [name](std::string_view list) {
        const std::size_t at = name.find(list);
        return at != std::string_view::npos && at + list.size() < name.size() && name[at + list.size()] >= '0' &&
               name[at + list.size()] <= '9';
    });
}

} // namespace

bool result_names::knows(std::string_view name) const
{
    if (std::find(m_example.begin(), m_example.end(), name) != m_example.end() || in_list(name))
        return true;
    return name.substr(0, layers.size()) == layers && !behind_layer(name, m_example).empty();
}

std::string result_names::nearest(std::string_view name) const
{
    const std::vector<std::string_view> known(m_example.begin(), m_example.end());
    if (const std::string_view near = text::nearest_word(name, known); !near.empty())
        return std::string(near);
    // Often only the front is missing: "cycles" for "totals.cycles".
    for (const std::string_view each : known) {
        if (each.size() > name.size() && each.substr(each.size() - name.size()) == name &&
            each[each.size() - name.size() - 1] == '.')
            return std::string(each);
    }
    return {};
}

} // namespace loas::sweep
