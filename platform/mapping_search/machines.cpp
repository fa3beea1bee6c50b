#include "platform/mapping_search/machines.h"

#include "platform/config/options.h"
#include "platform/config/rules.h"
#include "platform/designs/design.h"
#include "platform/explorer/explore.h"

#include <fmt/format.h>

#include <set>

namespace loas::mapping_search
{
namespace
{

using dataflow::mapping;
using dataflow::stored;

/// Chunk by chunk.
bool joins_masks(const mapping& point)
{
    return class_of(point.order) == dataflow::order_class::inner_product && point.format.a == stored::bitmask &&
           point.format.b == stored::bitmask;
}

} // namespace

std::string key_of(const mapping& point, unsigned chunk_bits)
{
    return fmt::format("{} {} {}{} {} {}", point.order.word(), point.space.text(dataflow::unrolling::most_timesteps), static_cast<unsigned>(point.format.a),
                       static_cast<unsigned>(point.format.b), point.tiles.text(), chunk_bits);
}

config::scenario scenario_with(const config::scenario& base, const std::string& design, std::vector<std::string> overrides)
{
    overrides.push_back("accelerator=" + design);
    return config::overridden(base, overrides);
}

std::vector<machine> machines_of(const config::scenario& scenario)
{
    std::vector<machine> all;
    for (const designs::design* each : designs::all()) {
        if (each->dataflow == nullptr)
            continue;
        std::vector<designs::design::choice> choices = each->dataflow_choices;
        if (joins_masks(explorer::machine_point(*each, scenario)))
            choices.push_back({"tppe.chunk_bits", {64, 128, 256}});
        std::vector<std::vector<std::string>> settings = {{}};
        for (const designs::design::choice& choice : choices)
            for (std::size_t i = 0, others = settings.size(); i < others; ++i)
                for (const unsigned value : choice.values) {
                    settings.push_back(settings[i]);
                    settings.back().push_back(fmt::format("{}={}", choice.key, value));
                }
        std::set<std::string> known;
        for (std::vector<std::string>& own : settings) {
            const config::scenario built = scenario_with(scenario, std::string(each->word), own);
            if (!config::broken_rules(built).empty())
                continue;
            machine to{explorer::machine_point(*each, built), std::move(own), built.tppe.chunk_bits};
            if (known.insert(key_of(to.point, to.chunk_bits)).second)
                all.push_back(std::move(to));
        }
    }
    return all;
}

} // namespace loas::mapping_search
