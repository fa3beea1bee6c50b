// The LoAS accelerator: tiles, P-LIFs and compressor, and the scheduler that drives them through the fully
// temporal-parallel dataflow.
//
// Order of work. Rows go to the tiles in groups of tppe.count. Columns go in tiles of accumulator_sets columns; within
// such a tile, chunk by chunk. One broadcast step is what the tiles do between two meetings: columns_per_sync whole
// columns when there is one accumulator set (the literal machine: one column), or columns_per_sync columns of one chunk
// when there are several (the published accounting: 32 columns of a chunk). The scheduler's thread waits once per step.
//
// Fibers are fetched ahead by prefetch_rows row groups and prefetch_columns columns; with 0 nothing is fetched while
// the tiles join. The thread turns the event wheel: up to the next step while the tiles work, or until the fiber it
// waits for is there.
//
// A group of fewer rows than half of the tiles may be spread over them: scheduler.spread, column_streams.h. A step then is
// of so many columns of each stream.
//
// loas-nmtk takes as many columns at a time as there are tiles, and all rows for them. With nmtk.rows its tiles are the
// publication's (column_tiles.h): each holds a column, a group is that many rows, and the tiles meet after each chunk.
// Rows then come over the tiles' ports in turn, whoever they are for.
#pragma once

#include "models/compute/output_compressor.h"
#include "models/compute/plif_array.h"
#include "models/compute/tile_array.h"
#include "models/designs/base/accelerator.h"
#include "models/designs/loas/column_streams.h"
#include "models/designs/loas/fiber_fetch.h"

#include <memory>
#include <systemc>
#include <vector>

namespace loas::designs
{

/// The order of work.
struct loas_order {
    /// Columns of the outermost loop, before whose end all rows pass: the order n m k of loas-nmtk, whose rows and
    /// outputs are in pieces. 0: all, the order m n k.
    unsigned column_block = 0;
    /// Rows of a group when each tile holds a column of a block; there are then as many accumulator sets as columns in
    /// it. 0: each tile holds a row.
    unsigned rows_of_column_tiles = 0;
};

class loas_accelerator : public accelerator
{
public:
    loas_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                     const loas_order& order, kernel::event_wheel& wheel);

private:
    /// Rows of a group against a block of columns.
    struct pass {
        std::uint64_t sequence = 0; ///< group + groups * block
        std::uint64_t first_column = 0, columns = 0;
        std::uint64_t first_position = 0; ///< of its columns in the sequence in which they are fetched
    };
    struct row_group {
        std::vector<std::uint32_t> rows;
        std::size_t first_entry = 0; ///< of the fetch unit's rows: those of the first stream, then their copies
        column_streams columns{};
    };
    /// Where a column stands in the sequence in which columns are fetched.
    struct column_place {
        std::uint64_t group, first_column, columns; ///< of its pass
        std::uint64_t at;                           ///< among those
    };

    void run_layer(const loas_descriptor& descriptor) override;
    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;
    std::uint64_t busy_cycles(std::size_t tile) const override { return m_tiles->busy_cycles(tile); }
    void collect_rest(observe::counter_set& counters) const override;

    /// Each tile; else each holds a column.
    bool holds_rows() const { return m_order.rows_of_column_tiles == 0; }
    bool may_spread() const { return holds_rows() && shared().scheduler.spread != spread::rows; }
    std::size_t rows_of_group(std::uint64_t group) const;
    column_streams streams_of(std::size_t rows, std::uint64_t columns) const;
    std::size_t most_streams() const;
    std::uint64_t columns_ahead(const column_streams& of) const
    {
        return shared().scheduler.columns_ahead(static_cast<unsigned>(of.streams));
    }
    void begin_layer(const loas_descriptor& descriptor);
    void prefetch_groups(std::uint64_t up_to);
    void prefetch_column_fibers(std::uint64_t up_to, std::uint64_t cycle);
    void begin_columns(std::uint64_t position, const column_streams& of);
    column_place place_of(std::uint64_t position) const;
    void run_pass(const pass& under_way);
    void run_column_tile(std::uint64_t first_position, std::uint64_t columns, const row_group& group, bool first);
    void carry_potentials(const row_group& group, std::uint64_t first_column);
    void run_columns(std::uint64_t first_position, std::uint64_t columns, const row_group& group);
    void view_column(fetched_column& column);
    std::size_t column_entry(std::uint64_t position) const { return position % m_column_entries; }
    void hold_tiles_for(const fetched_column& column, const fiber_fetch::receivers& tiles);
    void load_rows(const row_group& group);

    loas_order m_order;
    unsigned m_columns_per_sync;
    std::size_t m_group_rows;
    std::size_t m_most_streams;   ///< of columns, that there may ever be
    std::size_t m_column_entries; ///< of the fetch unit: columns that a step needs at once, and those fetched ahead
    fiber_fetch m_fetch;
    compute::output_compressor m_compressor;
    std::unique_ptr<compute::tile_array> m_tiles;
    compute::plif_array m_plifs;

    // The layer under way.
    functional::layer_shape m_shape;
    std::vector<std::uint32_t> m_row_order;
    std::uint64_t m_groups = 0;
    std::uint64_t m_block_columns = 0, m_blocks = 0;
    std::uint64_t m_words_address = 0; ///< of output words that wait for their row's other columns
    std::uint32_t m_chunks = 0;
    bool m_spreads = false; ///< groups of few rows
    std::vector<row_group> m_group_slots;      ///< ring
    std::uint64_t m_groups_fetched = 0;        ///< passes whose rows were asked for
    std::uint64_t m_columns_fetched = 0;       ///< positions
    std::vector<std::uint64_t> m_tile_cycles;  ///< to which each tile has come in a step
    std::vector<compute::column_view> m_views; ///< of the columns that are joined
};

} // namespace loas::designs
