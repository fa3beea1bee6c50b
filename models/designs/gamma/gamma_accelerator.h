// Gamma-SNN: Gustavson's dataflow with timesteps one after another (Gamma, ASPLOS 2021, as the LoAS publication turns
// it to spiking networks: no multipliers, a spike selects a row of B as it is). A layer of bytes is one for Gamma-ANN: the
// same machine with a multiplier in each PE. Which of them it is the layer's formats say, of which each design takes one.
//
// Order of work. A PE takes a row of A whenever it is free, in order, and goes on by itself (gamma_pe.h has its rules):
// nothing makes PEs meet. The global cache is Gamma's FiberCache: every PE fetches its rows of B through a port of its
// own, and PEs share what is there. Rows of results go to one output compressor in the order in which they are done.
// The scheduler's thread turns the event wheel a bounded number of cycles at a time, so that others get their turn.
//
// With gamma.tile_inputs it is the published accounting instead (lockstep.cpp): groups of as many rows as there are
// PEs; tiles of gamma.tile_inputs inputs; timesteps; tiles of gamma.tile_columns columns. The PEs meet after each tile,
// whose time is the most elements that one of them adds; sums of all timesteps stay in the PE, so there are no partial
// rows. What the accounting charges for them needs columns of rows of B that no PE fetches; the count stands beside the
// run (cost/published_traffic.h).
//
// Counters. matches: elements of B that were added, one a spike and weight; no joins. partial_sums_*: elements of
// partial rows. sram_read_bits: a_words the coordinates of spikes, b_weights elements of B with their columns; there
// are no masks, and heads are not counted, as pointers are not elsewhere.
//
// Choices where nothing is published:
// - a row of B without weights takes a way of the merger too: a PE plans its rounds from the number of spikes, before
//   it has seen a head of B;
// - the order of rounds, see merge_plan.h; an element of a partial row is its column as in B and an int32 sum;
// - all partial rows of a row of A are made and merged again by the same PE, in its share of the work area; reading one
//   gives its lines up, as Gamma's FiberCache does: the cache does not write them back;
// - the fetch unit is ahead of the merger by one round, and by scheduler.prefetch_rows rows of A, which so are taken
//   early;
// - a PE has two rows of sums, and neurons that take a sum a cycle, zeros too.
#pragma once

#include "models/designs/base/serial_accelerator.h"
#include "models/designs/gamma/gamma_pe.h"
#include "models/designs/gamma/parameters.h"

#include <systemc>
#include <vector>

namespace loas::designs
{

class gamma_accelerator : public serial_accelerator,
                          private gamma_pe::owner,
                          private compute::output_compressor::row_listener,
                          private kernel::arrival_listener
{
public:
    gamma_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                      const gamma_parameters& own, kernel::event_wheel& wheel);

private:
    void run_layer(const loas_descriptor& descriptor) override;
    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;

    void begin_layer(const loas_descriptor& descriptor);

    // Each PE for itself.
    void run_alone();
    void turn_a_while();
    bool take_row(std::uint32_t& row) override;
    void row_complete(std::size_t pe, std::uint32_t row, std::uint64_t cycle) override;
    std::uint64_t neurons_done(std::size_t pe) const override { return m_neurons.results_cycle(pe); }
    void row_packed(std::size_t pe, std::uint64_t packed_cycle, std::uint64_t cycle) override;
    void arrived(kernel::arrival& bias) override;

    // All together.
    struct pe_tile {
        weight_rows rows;                  ///< of B, that the PE needs of a tile of inputs
        std::vector<std::uint32_t> inputs; ///< that spike in any timestep, ascending
    };
    struct lockstep {
        std::uint64_t input_tiles = 0;
        std::size_t column_tiles = 0;
        std::vector<spike_row> rows[2];     ///< by PE, of this group and the next one
        std::vector<pe_tile> fetched[2];    ///< by PE, of this tile of inputs and the next one
        std::vector<std::uint64_t> matches; ///< [tile of columns][PE]
        std::vector<std::int32_t> sums;     ///< [timestep][PE][column]
        std::vector<std::uint64_t> done_cycles;
    };
    void run_lockstep();
    void start_group(std::uint64_t group);
    void run_group(std::uint64_t group);
    void start_tile(const std::vector<spike_row>& rows, std::uint64_t tile);
    void run_tile(const std::vector<spike_row>& rows, std::uint64_t tile);
    void add_rows(std::size_t pe, const spike_row& row, pe_tile& tile, unsigned timestep);
    std::int32_t* sums_of(std::size_t pe, unsigned timestep)
    {
        return &m_lockstep.sums[(timestep * tiles() + pe) * m_shape.n];
    }

    gamma_parameters m_parameters;
    sc_core::sc_vector<gamma_pe> m_pes;

    // The layer under way.
    pe_layer m_layer;
    std::size_t m_rows_taken = 0;
    std::size_t m_rows_complete = 0;
    lockstep m_lockstep;
};

} // namespace loas::designs
