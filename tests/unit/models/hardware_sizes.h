// Hardware of the published sizes, for tests of what it costs.
#pragma once

#include "models/cost/buffers.h"

namespace loas::test
{

/// Of the published size, with TPPEs; without what the publication's tables do not have.
inline cost::hardware_size published_hardware()
{
    return {{}, {}, cost::tppe_tile({}, {})};
}

/// The same with row stores and all that is under way, as LoAS has them (platform/designs).
inline cost::tile_table whole_tile(const cost::hardware_size& size = {})
{
    cost::tile_table tile = cost::tppe_tile(size.tppe, {});
    cost::add_column_buffers(tile, size.scheduler.prefetch_columns, {});
    cost::add_row_store(tile, size.tppe, size.scheduler.prefetch_rows, {});
    return tile;
}

} // namespace loas::test
