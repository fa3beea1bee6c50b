// Area of the whole accelerator at 32 nm. Published for the default size: 2.08 mm2, of it the global cache 0.80.
#pragma once

#include "cost/component_table.h"

#include <array>
#include <cstdint>

namespace loas::cost
{

/// What changes the size of the accelerator; the defaults are the published ones.
struct hardware_size {
    unsigned tiles = 16;
    tppe_size tppe;
    std::uint64_t cache_bytes = 256 * 1024;
    unsigned line_bytes = 32;
};

struct system_area {
    std::array<double, tppe_component_count> tppe_parts_mm2{}; ///< of one TPPE
    double tppe_mm2 = 0;                                       ///< one
    double tppes_mm2 = 0;                                      ///< all
    double cache_mm2 = 0;                                      ///< as published
    double rest_mm2 = 0;        ///< crossbars, P-LIFs, compressor, scheduler: what the published total leaves
    double cache_cacti_mm2 = 0; ///< the cache by CACTI instead; not in the total

    double total_mm2() const { return tppes_mm2 + cache_mm2 + rest_mm2; }
};

/// The cache grows with its bytes. The rest is not published by part; it grows with the TPPEs, each of which has its
/// P-LIF and its ports at the crossbars (project's choice).
system_area area_of(const hardware_size& size);

} // namespace loas::cost
