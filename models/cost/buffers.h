// What holds lines and fibers that are under way: the row stores of the tiles, and the buffers of cache and fetch
// units.
#pragma once

#include "models/cost/area.h"

namespace loas::cost
{

/// A memory of its own in a tile, in which it keeps rows of A: the one that is joined, and those that are fetched
/// ahead. By CACTI 4 KiB for T = 4 and one row ahead: two of the widest published rows, 4,608 inputs, of which up to 64
/// % are not silent. It grows with the bits an input, one of the mask and T of the word, and with the rows (project's
/// choice).
component row_store_of(const compute::tppe_parameters& tppe, unsigned prefetch_rows);

/// Gives the tile a row store, and charges what is read and written there.
void add_row_store(tile_table& tile, const compute::tppe_parameters& tppe, unsigned prefetch_rows,
                   const energy_constants& constants);

/// Charges columns of B that are written into the buffers of the fetch unit and read for the broadcast. Their area is
/// part of buffers_beyond_published().
void add_column_buffers(tile_table& tile, unsigned columns_ahead, const energy_constants& constants);

/// Area and leakage of what the published total has in the default sizes; only what is beyond them is charged, as
/// registers and weight buffers of the published table (project's choice). A miss register has 64 bits (address, state,
/// who waits), a write buffer a line, a column fetched ahead a mask of a chunk and a weight buffer. A row fetched ahead
/// takes a part of the row store in each tile; where the table of a tile has no row store, it is charged here.
/// Where free tiles may take other columns (scheduler.spread), the broadcast bus can be cut at each tile, which takes a
/// register of a line there; and at least as many columns are fetched ahead as there are tiles. The registers' own
/// switching is that of the bus, which no published table has.
component buffers_beyond_published(const hardware_size& size);

/// Energy of the miss registers and write buffers of the cache in pJ: a miss is compared with all registers of its
/// bank, and its own is written, and read when the line has come; a line written back is written and read.
double line_buffer_pj(const observe::counter_set& seen, const cache::parameters& cache,
                      const energy_constants& constants);

} // namespace loas::cost
