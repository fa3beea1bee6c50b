#include "platform/lowering/leak_rounding.h"

#include "platform/network/node_view.h"

#include <cmath>

namespace loas::lowering
{

namespace
{

/// The sum of leak^k over the timesteps.
double potential_of(double leak, unsigned timesteps)
{
    if (leak >= 1)
        return timesteps == 0 ? HUGE_VAL : timesteps;
    return (timesteps == 0 ? 1 : 1 - std::pow(leak, timesteps)) / (1 - leak);
}

} // namespace

double leak_change(double exact, double rounded, unsigned timesteps)
{
    return rounded == exact ? 0 : std::fabs(potential_of(rounded, timesteps) / potential_of(exact, timesteps) - 1);
}

std::string coarse_leak_text(const std::vector<double>& tau, double one, unsigned timesteps)
{
    double most = coarse_leak, of = 0;
    for (const double each : tau) {
        const double exact = 1 - 1 / each, change = leak_change(exact, std::round(one * exact) / one, timesteps);
        if (change > most) {
            most = change;
            of = each;
        }
    }
    if (of == 0)
        return "";
    const double steps = one - std::round(one * (1 - 1 / of));
    const std::string left =
        steps == 0 ? "none, without a leak," : network::number_text(std::round(10 * one / steps) / 10);
    return "its tau of " + network::number_text(of) + " timesteps becomes " + left +
           " in the leak's steps of 1 / " + network::number_text(one);
}

} // namespace loas::lowering
