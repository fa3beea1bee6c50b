#include "platform/explorer/shown.h"

#include "platform/results/result.h"

#include <fmt/format.h>

namespace loas::explorer
{

std::string rounded(double value)
{
    return results::grouped(static_cast<std::uint64_t>(value + 0.5));
}

std::string whole(double value)
{
    if (value < 999'999.5)
        return rounded(value);
    return value < 999'999'500 ? rounded(value / 1e3) + 'k' : rounded(value / 1e6) + 'M';
}

std::string kib(double bytes)
{
    const double shown = bytes / 1024;
    return shown < 99.95 ? fmt::format("{:.1f}", shown) : whole(shown);
}

std::string micro(double pico)
{
    return number(pico / 1e6);
}

std::string number(double value)
{
    return value < 99.995 ? fmt::format("{:.2f}", value) : rounded(value);
}

std::string name_of(const mapping& point, unsigned timesteps)
{
    return fmt::format("{} ({})", point.order.word(), point.spatial_text(timesteps));
}

} // namespace loas::explorer
