// SparTen-SNN: inner product with timesteps one after another (SparTen, MICRO 2019, as the LoAS publication turns it to
// spiking networks: no multipliers, a spike row's bits at one timestep are its own mask). A layer of bytes is one for
// SparTen-ANN: the same machine with a mask and values of the rows, and multipliers (sparten_pe.h). Which of them it is
// the layer's formats say, of which each design takes one.
//
// Order of work: n m t k. Each PE takes a column of B; blocks of sparten.rows rows of A stream by, for each timestep
// chunk after chunk, broadcast to all PEs. A PE holds sparten.chunk_buffers chunks of its column, and all hold as many
// of the rows' bits: what comes next is fetched into a buffer when it is free, that of the rows when the slowest PE has
// left it. Within a block each PE goes on by itself as far as the buffers allow; at its end all meet, for neurons and
// output registers are those of one block.
//
// Choices where nothing is published:
// - a PE has a register for the sum of each row of the block, twice: the neurons take one set while the other fills;
// - the rows' bits come over one port, a line a cycle, to all PEs at once;
// - outputs are stored as bitmaps as many columns at a time as there are PEs, so their number is a multiple of 8; rows of
//   bytes are packed when they are complete: until then their outputs, a byte each, wait in the work area;
// - a block's values, like its masks, come over the one port and go to all PEs: a PE picks those of its matches;
// - a wait for rows that could not be fetched yet because another PE still needed the buffer is called synchronisation.
#pragma once

#include "models/designs/base/serial_accelerator.h"
#include "models/designs/sparten/chunk_fetch.h"
#include "models/designs/sparten/parameters.h"
#include "models/designs/sparten/sparten_pe.h"

#include <systemc>
#include <vector>

namespace loas::designs
{

class sparten_accelerator : public serial_accelerator, private chunk_fetch::owner
{
public:
    sparten_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                        const sparten_parameters& own, kernel::event_wheel& wheel);

private:
    void run_layer(const loas_descriptor& descriptor) override;
    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;

    void run_columns(std::uint64_t first_column, std::size_t columns);
    void run_block(std::uint64_t block);
    void rows_came() override;
    void column_came(std::size_t pe) override;
    bool join_next(std::size_t pe);
    void wait_for_operands(std::size_t pe, std::uint64_t sequence);
    void drain(std::size_t pe, std::uint64_t sequence);
    bool keeps_words() const { return m_shape.bytes() && !m_shape.currents && m_shape.n > tiles(); }

    sparten_parameters m_parameters;
    chunk_fetch m_fetch;
    sc_core::sc_vector<sparten_pe> m_pes;

    // The layer under way.
    std::uint64_t m_words_address = 0;       ///< of outputs that wait for the rest of their row
    std::size_t m_block_rows = 0;            ///< of the current block
    std::uint64_t m_block_end = 0;           ///< chunk of the sequence at which the current block ends
    std::size_t m_pes_done = 0;              ///< with the current block
    std::vector<std::uint64_t> m_next;       ///< [PE] chunk of the sequence
    std::vector<std::uint64_t> m_done;       ///< [PE] cycle in which it is done with what came before
    std::vector<std::size_t> m_left_by;      ///< [slot] PEs that have left its chunk
    std::vector<std::uint64_t> m_left_cycle; ///< [slot] the last of them
};

} // namespace loas::designs
