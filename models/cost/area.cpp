#include "cost/area.h"

namespace loas::cost
{
namespace
{

constexpr double published_system_mm2 = 2.08;
constexpr double published_cache_mm2 = 0.80;
constexpr double cacti_cache_mm2 = 1.147; // CACTI 7, 32 nm itrs-lop, 256 KiB in 16 banks, run by the authors

} // namespace

system_area area_of(const hardware_size& size)
{
    const hardware_size published;
    system_area area;
    for (std::size_t i = 0; i < tppe_component_count; ++i)
        area.tppe_parts_mm2[i] = component_of(static_cast<tppe_component>(i), size.tppe).area_mm2;
    area.tppe_mm2 = tppe_of(size.tppe).area_mm2;
    area.tppes_mm2 = size.tiles * area.tppe_mm2;
    const double bytes = static_cast<double>(size.cache_bytes) / static_cast<double>(published.cache_bytes);
    area.cache_mm2 = published_cache_mm2 * bytes;
    area.cache_cacti_mm2 = cacti_cache_mm2 * bytes;
    const double published_rest_mm2 =
        published_system_mm2 - published_cache_mm2 - published.tiles * tppe_of(published.tppe).area_mm2;
    area.rest_mm2 = published_rest_mm2 * size.tiles / published.tiles;
    return area;
}

} // namespace loas::cost
