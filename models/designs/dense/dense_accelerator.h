// The dense accelerator: an output-stationary array of tppe.count rows and dense.columns columns that skips nothing. It
// is what the designs that do skip are measured against, and the example of how a design is added (README.md above).
//
// Order of work. Rows of A go to the rows of the array in groups of tppe.count. For each group, columns of B in groups
// of dense.columns; for each of these the timesteps in sequence; for each timestep all K inputs, one a cycle
// (dense_row.h). The array is not systolic: an input reaches all PEs in the same cycle, so nothing fills or drains, and
// without waits a layer takes ceil(M / rows) x ceil(N / columns) x T x K cycles. At each timestep's end the sums go to
// the neurons, one lane a row, and the spike words of a row to the compressor, which stores bitmaps.
//
// What lies on the chip, everything twice, so that the next is fetched while this one is used: the T bitmaps of a row
// in its tile, read once a row group; the dense.columns x K weights of a column group, read once a row group and kept
// for the T timesteps (they have to fit: the buffer has the size that the layer needs).
//
// Counters. A match is an addition: a pair of a spike and a non-zero weight, over all timesteps. There are no joins.
// SRAM reads at the array are, each cycle, a bit of each row and a byte of each column: all PEs get it with one read.
#pragma once

#include "models/designs/base/bitmap_rows.h"
#include "models/designs/base/serial_accelerator.h"
#include "models/designs/dense/dense_row.h"
#include "models/designs/dense/parameters.h"

#include <systemc>
#include <vector>

namespace loas::designs
{

class dense_accelerator : public serial_accelerator
{
public:
    dense_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                      const dense_parameters& own, kernel::event_wheel& wheel);

private:
    struct fetched_weights : kernel::arrival {
        weight_block block;
    };

    void run_layer(const loas_descriptor& descriptor) override;
    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;

    void begin_layer(const loas_descriptor& descriptor);
    void fetch_rows(std::uint64_t group);
    void fetch_weights(std::uint64_t position);
    void run_group(std::uint64_t group);
    void run_columns(std::uint64_t position);
    void write_potentials(std::uint64_t group);

    unsigned m_columns;
    sc_core::sc_vector<dense_row> m_rows; ///< spikes come over a port for each, weights and bias over the shared one

    // The layer under way.
    loas_descriptor m_descriptor{};
    std::uint64_t m_groups = 0, m_column_groups = 0;
    std::vector<std::uint32_t> m_group;        ///< rows that are fetched, or were
    bitmap_rows m_fetched_rows;                ///< of that group
    std::vector<std::int32_t> m_potentials[2]; ///< that are carried, [row][column], of a group and the next one
    kernel::arrival m_potentials_written;
    fetched_weights m_weights[2];           ///< of position group * m_column_groups + column group, in turn
    std::vector<std::uint64_t> m_rows_done; ///< cycles
};

} // namespace loas::designs
