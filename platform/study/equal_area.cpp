#include "platform/study/equal_area.h"

#include "models/cost/area.h"
#include "platform/config/rules.h"
#include "platform/energy_account/energy.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loas::study
{

double area_mm2(const config::scenario& scenario)
{
    return cost::area_of(energy_account::hardware_size_of(scenario)).total_mm2();
}

unsigned tiles_for_area(config::scenario scenario, double wanted_mm2)
{
    constexpr unsigned most = 1024; // of tppe.count
    unsigned nearest = scenario.tppe.count;
    double distance = std::numeric_limits<double>::infinity();
    for (scenario.tppe.count = 1; scenario.tppe.count <= most; ++scenario.tppe.count) {
        const std::vector<config::broken_rule> broken = config::broken_rules(scenario);
        if (std::any_of(broken.begin(), broken.end(), [](const config::broken_rule& each) { return each.of_design; }))
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

} // namespace loas::study
