// PTB (parallel time batching; Lee, Zhang, Li, HPCA 2022): a systolic array whose rows have output channels and whose
// columns have time windows. One input ("line") a step goes through the array with its weight for each row, and every
// PE adds the weight where the line spikes in its window. Lines that are silent in all windows are left out, and two
// lines whose active windows do not overlap share a step (line_steps.h); weights are dense, and those that are 0 take
// as long as any other.
//
// Order of work. Rows of A in groups of tppe.count pixels; for each group the columns of B, tppe.count at a time; for
// each of these one pixel after the other; of a pixel the rounds of ptb.columns x ptb.window timesteps, one after
// another, and in each its lines (ptb_array.h). The potential of a neuron stays with it from window to window and from
// round to round. Pixels follow each other without a gap; the array fills and drains, tppe.count + ptb.columns - 2
// cycles, when its channels change. Without waits a layer takes the cycles of its steps x ceil(N / tppe.count), and a
// fill for each group of pixels and of columns.
//
// With ptb.dense it is the accounting instead: a fold is tppe.count pixels x 1 channel and takes K cycles and a fill of
// tppe.count - 1, however many pixels there are; the last one ends a cycle earlier.
//
// Groups of pixels and of columns, and what is fetched ahead: base/pixel_groups.h.
#pragma once

#include "models/designs/base/pixel_groups.h"
#include "models/designs/ptb/parameters.h"
#include "models/designs/ptb/ptb_array.h"

#include <systemc>
#include <vector>

namespace loas::designs
{

class ptb_accelerator : public pixel_groups
{
public:
    ptb_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                    const ptb_parameters& own, kernel::event_wheel& wheel);

private:
    void begin_array() override { m_array.begin_layer(); }
    void plan(std::size_t pixels) override;
    std::size_t tiles_with_work(std::size_t pixels, std::size_t columns) const override
    {
        return m_own.dense ? pixels : columns;
    }
    void run(const work& of) override;
    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;
    std::uint64_t busy_cycles(std::size_t tile) const override { return m_array.busy(tile); }
    void collect_rest(observe::counter_set& counters) const override;

    void run_pixel(std::size_t pixel, const work& of);
    void run_folds(const work& of);

    ptb_parameters m_own;
    ptb_array m_array;
    std::vector<std::vector<std::vector<line_step>>> m_steps; ///< [pixel][round]
    std::vector<line> m_lines;
};

} // namespace loas::designs
