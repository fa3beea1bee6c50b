#include "models/cost/area.h"

#include "models/cost/buffers.h"
#include "models/cost/sram.h"

namespace loas::cost
{
namespace
{

constexpr double published_system_mm2 = 2.08;
constexpr double published_cache_mm2 = 0.80;

} // namespace

system_area area_of(const hardware_size& size)
{
    const unsigned tiles = size.tppe.count, published_tiles = published_tppe_size.count;
    system_area area;
    area.tile = size.tile.components;
    for (const component& part : area.tile)
        area.tile_mm2 += part.area_mm2;
    area.tiles_mm2 = tiles * area.tile_mm2;
    area.cache_cacti_mm2 = cache_by_cacti(size.cache).area_mm2;
    area.cache_mm2 = published_cache_mm2 * (area.cache_cacti_mm2 / cache_by_cacti({}).area_mm2);
    area.row_stores_mm2 = tiles * size.tile.row_store.area_mm2;
    area.buffers_mm2 = buffers_beyond_published(size).area_mm2;
    const double published_rest_mm2 =
        published_system_mm2 - published_cache_mm2 - published_tiles * tppe_of(published_tppe_size).area_mm2;
    const double more_timesteps_mm2 = plif_of(size.tppe).area_mm2 - plif_of(published_tppe_size).area_mm2;
    area.rest_mm2 = published_rest_mm2 * tiles / published_tiles + tiles * more_timesteps_mm2;
    return area;
}

} // namespace loas::cost
