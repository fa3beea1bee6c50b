#include "models/cost/area.h"

namespace loas::cost
{
namespace
{

constexpr double published_system_mm2 = 2.08;
constexpr double published_cache_mm2 = 0.80;
constexpr double cacti_cache_mm2 = 1.147; // CACTI 7, 32 nm itrs-lop, 256 KiB in 16 banks, run by the authors

} // namespace

std::vector<component> tile_components(const hardware_size& size)
{
    if (!size.pe.components.empty())
        return size.pe.components;
    std::vector<component> parts;
    for (std::size_t i = 0; i < tppe_component_count; ++i)
        parts.push_back(component_of(static_cast<tppe_component>(i), size.tppe));
    return parts;
}

system_area area_of(const hardware_size& size)
{
    const hardware_size published;
    system_area area;
    area.tile = tile_components(size);
    for (const component& part : area.tile)
        area.tile_mm2 += part.area_mm2;
    area.tiles_mm2 = size.tiles * area.tile_mm2;
    const double bytes = static_cast<double>(size.cache_bytes) / static_cast<double>(published.cache_bytes);
    area.cache_mm2 = published_cache_mm2 * bytes;
    area.cache_cacti_mm2 = cacti_cache_mm2 * bytes;
    const double published_rest_mm2 =
        published_system_mm2 - published_cache_mm2 - published.tiles * tppe_of(published.tppe).area_mm2;
    area.rest_mm2 = published_rest_mm2 * size.tiles / published.tiles;
    return area;
}

} // namespace loas::cost
