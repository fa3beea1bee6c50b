// What several descriptors say alike.
#pragma once

#include "models/designs/base/parameters.h"
#include "platform/config/options.h"
#include "platform/designs/design.h"

namespace loas::designs
{

/// What all designs take of a scenario.
accelerator_parameters shared_parameters(const config::scenario& scenario);

constexpr std::uint32_t formats_of(loas_spike_format spikes, loas_weight_format weights, std::uint32_t more = 0)
{
    return spikes | static_cast<std::uint32_t>(weights) << LOAS_FORMATS_WEIGHTS_SHIFT | more;
}

/// Of designs that join chunks of masks.
void add_empty_joins(const config::scenario& scenario, std::vector<bound>& bounds);

/// Of tiles that each hold a row of A and join all timesteps at once.
std::vector<bound> row_tile_bounds(const config::scenario& scenario);
std::vector<std::string_view> row_tile_keys();
/// Their point. Where they meet after more than a column they are units that meet nowhere but where a tile ends: of a group of
/// rows, those columns and, where these go chunk by chunk, a chunk. column_block: of the outermost loop; 0: all columns.
dataflow_point row_tile_point(const config::scenario& scenario, unsigned column_block);

/// Of designs that take a network's timesteps in blocks and carry potentials: tiles of t, which stand outside all loops.
std::string tiles_of_timesteps(const config::scenario& scenario);
/// Tiles, and those outside of them.
std::string in_blocks(const config::scenario& scenario, const std::string& tiles);
std::vector<design::choice> blocks_of_timesteps();

/// TPPEs as somebody would build them. The sizes that fidelity "published" sets, so that weights and sums never hold
/// anything up, are an accounting, not hardware: they are charged as the published ones. Any other size is charged as
/// it is.
compute::tppe_parameters built_tppe(const config::scenario& scenario);

/// A TPPE of this size with what it keeps rows in. With fidelity "published" it has no row store, as in the published
/// table.
cost::tile_table row_tile(const config::scenario& scenario, const compute::tppe_parameters& built);

/// Of the publication's rule for energy: all units of a TPPE once a match; leakage 0.5 + 124.48 of SRAM.
constexpr cost::published_constants tppe_constants{124.98, 5.8};

/// SparTen's machine, of spikes or bytes; in sparten_snn.cpp.
std::unique_ptr<accelerator> build_sparten(const config::scenario& scenario, kernel::event_wheel& wheel);
std::vector<bound> sparten_bounds(const config::scenario& scenario);
/// Its PE for spikes, with sums of so many bits.
cost::tile_table sparten_tile(const config::scenario& scenario, unsigned sum_bits);

/// Gamma's machine, of spikes or bytes; in gamma_snn.cpp.
std::unique_ptr<accelerator> build_gamma(const config::scenario& scenario, kernel::event_wheel& wheel);
std::vector<bound> gamma_bounds(const config::scenario& scenario);
cost::tile_table gamma_tile(const config::scenario& scenario, bool bytes);

/// A multiplier of 8 x 8 bits, which no published table has: 0.2 pJ and 282 um2 at 45 nm (Horowitz, ISSCC 2014), to 32 nm the
/// energy in proportion to the feature size and the area to its square; it leaks as much for its area as an accumulator.
cost::component byte_multiplier();

/// A row of so many PEs of a dense array; in dense_snn.cpp.
cost::tile_table array_tile(unsigned pes);

} // namespace loas::designs
