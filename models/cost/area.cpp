#include "models/cost/area.h"

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
    const cache::parameters published_cache;
    const unsigned tiles = size.tppe.count, published_tiles = published_tppe_size.count;
    system_area area;
    area.tile = size.tile.components;
    for (const component& part : area.tile)
        area.tile_mm2 += part.area_mm2;
    area.tiles_mm2 = tiles * area.tile_mm2;
    const double bytes =
        static_cast<double>(size.cache.size_bytes()) / static_cast<double>(published_cache.size_bytes());
    area.cache_mm2 = published_cache_mm2 * bytes;
    area.cache_cacti_mm2 = cacti_cache_mm2 * bytes;
    const double published_rest_mm2 =
        published_system_mm2 - published_cache_mm2 - published_tiles * tppe_of(published_tppe_size).area_mm2;
    area.rest_mm2 = published_rest_mm2 * tiles / published_tiles;
    return area;
}

} // namespace loas::cost
