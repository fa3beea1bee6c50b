#include "models/cost/area.h"

namespace loas::cost
{
namespace
{

constexpr double published_system_mm2 = 2.08;
constexpr double published_cache_mm2 = 0.80;
constexpr double cacti_cache_mm2 = 1.147; // CACTI 7, 32 nm itrs-lop, 256 KiB in 16 banks, run by the authors

} // namespace

double relative_capacity(const cache::parameters& size)
{
    return static_cast<double>(size.size_bytes()) / static_cast<double>(cache::parameters{}.size_bytes());
}

system_area area_of(const hardware_size& size)
{
    const unsigned tiles = size.tppe.count, published_tiles = published_tppe_size.count;
    system_area area;
    area.tile = size.tile.components;
    for (const component& part : area.tile)
        area.tile_mm2 += part.area_mm2;
    area.tiles_mm2 = tiles * area.tile_mm2;
    const double capacity = relative_capacity(size.cache);
    area.cache_mm2 = published_cache_mm2 * capacity;
    area.cache_cacti_mm2 = cacti_cache_mm2 * capacity;
    const double published_rest_mm2 =
        published_system_mm2 - published_cache_mm2 - published_tiles * tppe_of(published_tppe_size).area_mm2;
    area.rest_mm2 = published_rest_mm2 * tiles / published_tiles;
    return area;
}

} // namespace loas::cost
