// Stellar (Mao et al., HPCA 2024): an array of PEs, each with a pixel and an output channel and an adder for each of
// stellar.timesteps. One input a step goes to all: its weight of each channel to the channel's PEs, its spikes of each
// pixel to the pixel's. Inputs that are silent in all pixels of the array, in the timesteps of a round, are left out;
// one that spikes in a single pixel takes a step of all PEs. Weights are dense, and those that are 0 take as long as
// any other.
//
// Its authors' neurons spike few times: all timesteps are added up first, and then the sum is told bit by bit
// (functional::few_spikes). With LIF, a layer's own, it computes what the other designs do.
//
// Order of work. Rows of A in groups of tppe.count pixels; for each group the columns of B, as many at a time as the
// array has channels (tppe.count / stellar.pixels); for each of these the pixels in quads, stellar.pixels together, one
// quad after another; of a quad the rounds of stellar.timesteps, and in each its steps (quad_steps.h). Quads follow
// each other without a gap; the array fills and drains, pixels + channels - 2 cycles, when its channels change
// (project's choice). Without waits a layer takes the steps of its quads x ceil(N / channels), and a fill for each
// group of pixels and of columns.
//
// With stellar.dense it is the accounting: each quad and round takes K cycles and a fill, the last one a cycle less.
// That is before the accounting multiplies all by a fifth, its assumption on what skipping leaves: no machine could
// follow that.
//
// Groups of pixels and of columns, and what is fetched ahead: base/pixel_groups.h (project's choice; the pixels of four
// quads share the weights of a group of columns).
#pragma once

#include "models/designs/base/pixel_groups.h"
#include "models/designs/stellar/parameters.h"
#include "models/designs/stellar/stellar_array.h"

#include <systemc>
#include <vector>

namespace loas::designs
{

class stellar_accelerator : public pixel_groups
{
public:
    /// @pre own.pixels divides parameters.tppe.count
    stellar_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                        const stellar_parameters& own, kernel::event_wheel& wheel);

private:
    void begin_array() override { m_array.begin_layer(); }
    void plan(std::size_t pixels) override;
    std::size_t tiles_with_work(std::size_t pixels, std::size_t columns) const override;
    void run(const work& of) override;
    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;
    std::uint64_t busy_cycles(std::size_t tile) const override { return m_array.busy(tile); }
    void collect_rest(observe::counter_set& counters) const override;

    quad_round round_of(std::size_t quad, std::uint64_t round, std::size_t pixels) const;
    void run_quad(std::size_t quad, const work& of);
    std::uint64_t fill_cycles() const { return m_own.pixels + tiles() / m_own.pixels - 2; }

    stellar_parameters m_own;
    stellar_array m_array;
    std::vector<std::vector<quad_steps>> m_steps; ///< [quad of the group][round]
};

} // namespace loas::designs
