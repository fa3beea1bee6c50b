// Area of the whole accelerator at 32 nm. Published for the default size: 2.08 mm2, of it the global cache 0.80.
#pragma once

#include "models/cost/tile_table.h"
#include "models/designs/base/parameters.h"
#include "models/memory/cache/parameters.h"

#include <vector>

namespace loas::cost
{

/// What changes the size of the accelerator; the defaults are the published ones.
struct hardware_size {
    compute::tppe_parameters tppe; ///< number of tiles; widths of neurons and compressor
    cache::parameters cache;
    tile_table tile;                           ///< the design's; a default has none
    designs::scheduler_parameters scheduler{}; ///< what is fetched ahead
};

struct system_area {
    std::vector<component> tile; ///< components of one TPPE or PE
    double tile_mm2 = 0;         ///< one
    double tiles_mm2 = 0;        ///< all
    double cache_mm2 = 0;        ///< as published
    double row_stores_mm2 = 0;   ///< of all tiles
    double buffers_mm2 = 0;      ///< of what is under way, beyond the default sizes (buffers.h)
    double rest_mm2 = 0;         ///< crossbars, P-LIFs, compressor, scheduler: what the published total leaves
    double cache_cacti_mm2 = 0;  ///< the cache by CACTI instead; not in the total

    double total_mm2() const { return tiles_mm2 + cache_mm2 + row_stores_mm2 + buffers_mm2 + rest_mm2; }
};

/// The cache is the published one; with another size, banks, ports or lines as many times as large as CACTI says. The
/// rest is not published by part; it grows with the tiles, each of which has its neurons and its ports at the
/// crossbars, and is taken to be the same for all designs (project's choice); of it the P-LIFs grow with T and with the
/// accumulators' width.
system_area area_of(const hardware_size& size);

} // namespace loas::cost
