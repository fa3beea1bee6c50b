#include "platform/study/equal_area.h"

#include "models/cost/area.h"
#include "platform/config/options.h"
#include "platform/config/rules.h"
#include "platform/energy_account/energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace loas::study
{

double area_mm2(const config::scenario& scenario)
{
    return cost::area_of(energy_account::hardware_size_of(scenario)).total_mm2();
}

namespace
{

bool can_be_built(const config::scenario& scenario)
{
    const std::vector<config::broken_rule> broken = config::broken_rules(scenario);
    return std::none_of(broken.begin(), broken.end(), [](const config::broken_rule& each) { return each.of_design; });
}

} // namespace

unsigned tiles_for_area(config::scenario scenario, double wanted_mm2)
{
    constexpr unsigned most = 1024; // of tppe.count
    unsigned nearest = scenario.tppe.count;
    double distance = std::numeric_limits<double>::infinity();
    for (scenario.tppe.count = 1; scenario.tppe.count <= most; ++scenario.tppe.count) {
        if (!can_be_built(scenario))
            continue;
        const double area = area_mm2(scenario), from_wanted = std::fabs(area - wanted_mm2);
        if (from_wanted < distance) {
            nearest = scenario.tppe.count;
            distance = from_wanted;
        } else if (area > wanted_mm2) {
            break; // more tiles are larger
        }
    }
    return nearest;
}

std::optional<smaller_design> smaller(const config::scenario& scenario, double wanted_mm2)
{
    constexpr int most_halvings = 8;
    config::scenario tried = scenario;
    const std::string own = std::string(scenario.accelerator) + '.';
    for (const config::option& each : config::options_of(tried)) {
        const config::value before = each.get();
        const std::int64_t* number = std::get_if<std::int64_t>(&before);
        if (each.key.rfind(own, 0) != 0 || number == nullptr)
            continue;
        std::int64_t size = *number;
        for (int i = 0; i < most_halvings && size > 1; ++i) {
            size /= 2;
            if (!each.problem(size).empty())
                break;
            each.set(size);
            tried.tppe.count = tiles_for_area(tried, wanted_mm2);
            if (const double area = area_mm2(tried); can_be_built(tried) && std::fabs(area / wanted_mm2 - 1) <= near_area)
                return smaller_design{fmt::format("{}={}", each.key, size), tried.tppe.count, area};
        }
        each.set(before);
    }
    return std::nullopt;
}

} // namespace loas::study
