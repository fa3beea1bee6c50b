// The GoSPA accelerator for spikes: an outer product. Spikes stream past the PEs, each of which has a column of
// weights, and a part of K is finished for all outputs before the next one begins; so partial sums go to memory and
// come back, and for a spiking network T times as many.
//
// Order of work, outermost first: tiles of gospa.tile_inputs inputs; groups of columns, a column a PE; timesteps;
// blocks of gospa.rows rows. For each block
// - the front has fetched its spikes (spike_fetch.h), scheduler.prefetch_rows blocks ahead, but no further than the
//   blocks of one group of columns;
// - each PE has fetched its weights in the tile (column_fetch.h), a group of columns ahead unless
//   scheduler.prefetch_columns is 0;
// - each PE has taken up the sums that the rows have from the tiles before; in the first tile they are 0 and nothing
//   is read;
// - the spikes pass (spike_stream.h): a PE is busy while it adds, stalls in `stream` while nothing has come for it
//   and the stream runs, and in `synchronisation` until the slowest PE is done: there they meet;
// - each PE writes its sums. It holds sums twice: those of a block are written, and those of the next but one taken
//   up, while the next one streams. What was written must be in the cache, or in memory without one, before that.
// Sums are 32 bits; those of a block lie one behind the other in the work area, as [group of columns][timestep][block]
// [PE][row], so 4 * T * rows * N * ceil(K / gospa.tile_inputs) bytes are written, and read. They go through the cache,
// which keeps what it has room for. A PE's sums come and go over its own port, in order, so what it reads back it has
// written.
//
// After the last tile a pass over all sums: groups of as many rows as there are PEs (within a block), for each all
// columns, and of each group of columns the timesteps one after another. PE i takes up the sums of its column and hands
// them to lane i of the neurons, one a cycle; sums are taken up ahead as far as the PE's registers for two blocks go.
// What the compressor has not packed or written holds the PEs as everywhere. PEs wait for their sums, for their lane
// and for writes of sums under the name `partial_sums`.
//
// Where the publications are silent: the width of the stream is what its port brings, a cache line of two-byte
// coordinates a cycle, so that it is no narrower than what feeds it; a FIFO of 8; the places at which lists are cut,
// and a column's weights begin, are kept from tile to tile instead of tables in memory; sums of 32 bits, as the golden
// model has them.
//
// Counters. matches: pairs of a spike and a weight, over all timesteps, one addition each. joins: none, there are no
// chunks. sram_read a_words: a coordinate within the tile for each spike that streams, once for all PEs; b_mask: the
// bits that stand at the PEs, once for each group of columns; b_weights: one a match; partial_sums: all that come and
// go.
#pragma once

#include "models/designs/base/serial_accelerator.h"
#include "models/designs/gospa/column_fetch.h"
#include "models/designs/gospa/gospa_pe.h"
#include "models/designs/gospa/parameters.h"
#include "models/designs/gospa/spike_fetch.h"
#include "models/designs/gospa/spike_stream.h"

#include <array>
#include <systemc>
#include <vector>

namespace loas::designs
{

class gospa_accelerator : public serial_accelerator
{
public:
    gospa_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                      const gospa_parameters& own, kernel::event_wheel& wheel);

private:
    /// A PE's sums of a block, on their way: [PE][row].
    struct moving_sums : kernel::arrival {
        std::vector<std::int32_t> sums;
    };
    /// A part of the last pass: rows of a block, a group of columns, a timestep.
    struct final_step {
        std::uint64_t first_row, rows; ///< in the order of rows
        std::uint64_t group;
        unsigned timestep;
    };

    void run_layer(const loas_descriptor& descriptor) override;
    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;

    void begin_layer(const loas_descriptor& descriptor);
    block_place place_of(std::uint64_t block) const;
    void fetch_spikes(std::uint64_t up_to);
    void fetch_columns(std::uint64_t up_to);
    void run_block(std::uint64_t block);
    void load_columns(std::size_t entry);
    void stream(std::uint64_t block);
    void read_block_sums(std::uint64_t block);
    void write_block_sums(std::uint64_t block);

    void finish_sums();
    final_step step_of(std::uint64_t step) const;
    void read_final_sums(std::uint64_t up_to);
    void run_final_step(const final_step& step, moving_sums& sums);

    std::uint64_t columns_of(std::uint64_t group) const;
    std::uint64_t rows_of_block(std::uint64_t row_block) const;
    std::uint64_t sums_address(std::uint64_t group, unsigned timestep, std::uint64_t row, std::size_t pe) const;

    gospa_parameters m_parameters;
    std::size_t m_block_entries;
    spike_fetch m_spikes;
    column_fetch m_columns;
    spike_stream m_stream;
    sc_core::sc_vector<gospa_pe> m_pes;

    // The layer under way.
    std::uint64_t m_work_address = 0;
    std::uint64_t m_groups = 0, m_row_blocks = 0;
    std::uint64_t m_visit_blocks = 0; ///< blocks of a group of columns in a tile
    std::uint64_t m_tile_blocks = 0;  ///< of all groups
    std::uint64_t m_blocks = 0;       ///< of the layer
    std::uint64_t m_spikes_fetched = 0, m_columns_fetched = 0;
    std::array<moving_sums, 2> m_coming, m_going; ///< of even and odd blocks
    std::uint64_t m_row_group = 0;                ///< rows of a group of the last pass, at most
    std::uint64_t m_groups_in_block = 0;          ///< such groups
    std::uint64_t m_final_steps = 0, m_final_fetched = 0;
    std::vector<moving_sums> m_final_sums; ///< ring
    std::vector<std::uint64_t> m_pes_done; ///< cycles
};

} // namespace loas::designs
