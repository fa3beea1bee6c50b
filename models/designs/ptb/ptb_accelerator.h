// PTB (parallel time batching; Lee, Zhang, Li, HPCA 2022): a systolic array whose rows have output channels and whose
// columns have time windows. One input ("line") a step goes through the array with its weight for each row, and every PE
// adds the weight where the line spikes in its window. Lines that are silent in all windows are left out, and two lines
// whose active windows do not overlap share a step (line_steps.h); weights are dense, and those that are 0 take as long as
// any other.
//
// Order of work. Rows of A in groups of tppe.count pixels; for each group the columns of B, tppe.count at a time; for each
// of these one pixel after the other; of a pixel the rounds of ptb.columns x ptb.window timesteps, one after another, and
// in each its lines (ptb_array.h). The potential of a neuron stays with it from window to window and from round to round.
// Pixels follow each other without a gap; the array fills and drains, tppe.count + ptb.columns - 2 cycles, when its
// channels change. Without waits a layer takes the cycles of its steps x ceil(N / tppe.count), and a fill for each group of
// pixels and of columns.
//
// With ptb.dense it is the accounting instead: a fold is tppe.count pixels x 1 channel and takes K cycles and a fill of
// tppe.count - 1, however many pixels there are; the last one ends a cycle earlier.
//
// What lies on the chip, everything twice, so that the next is fetched while this one is used: the bitmaps of a group of
// pixels, read once; the weights of a group of columns, read once for each group of pixels.
#pragma once

#include "models/designs/base/bitmap_rows.h"
#include "models/designs/base/serial_accelerator.h"
#include "models/designs/ptb/parameters.h"
#include "models/designs/ptb/ptb_array.h"

#include <systemc>
#include <vector>

namespace loas::designs
{

class ptb_accelerator : public serial_accelerator
{
public:
    ptb_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                    const ptb_parameters& own, kernel::event_wheel& wheel);

private:
    void run_layer(const loas_descriptor& descriptor) override;
    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;
    std::uint64_t busy_cycles(std::size_t tile) const override { return m_array.busy(tile); }
    void collect_rest(observe::counter_set& counters) const override;

    void begin_layer(const loas_descriptor& descriptor);
    void fetch_rows(std::uint64_t group);
    void fetch_weights(std::uint64_t position);
    void run_group(std::uint64_t group);
    void plan_steps(std::size_t pixels);
    void run_columns(std::uint64_t position, std::size_t pixels);
    void run_pixel(std::size_t pixel, std::size_t first_column, const dense_weights& weights);
    void run_folds(std::uint64_t position, std::size_t pixels);
    unsigned timesteps_of(std::uint64_t round) const;
    std::uint64_t columns_of(std::uint64_t position) const;

    ptb_parameters m_own;
    ptb_array m_array;

    // The layer under way.
    loas_descriptor m_descriptor{};
    std::uint64_t m_groups = 0, m_column_groups = 0, m_rounds = 0;
    std::vector<std::uint32_t> m_group; ///< rows that are fetched, or were
    bitmap_rows m_fetched_rows;         ///< of that group
    arriving_weights m_weights[2];       ///< of position group * m_column_groups + column group, in turn
    std::vector<std::vector<std::uint64_t>> m_bitmaps;       ///< of the group that runs: [T][words of K bits] of each row
    std::vector<std::vector<std::vector<line_step>>> m_steps; ///< [pixel][round]
    std::vector<line> m_lines;
};

} // namespace loas::designs
