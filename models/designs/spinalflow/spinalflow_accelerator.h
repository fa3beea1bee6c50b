// SpinalFlow (Narayanan, Taht, Balasubramonian, Giacomin, Gaillardon, ISCA 2020): the spikes that a pixel's receptive
// field has in all timesteps are merged by time, and one a cycle goes to all PEs, of which each has an output channel.
// Silent inputs take no time at all; weights are dense, and those that are 0 take as long as any other.
//
// Order of work. Passes over the columns, spinalflow.pes at a time; in each pass all rows of the product, one after
// another; of a row its spikes, timestep after timestep. Potentials stay in the neurons until the row is done and are
// never stored; the timestep of a spike tells a neuron how many it is to take. Without waits a layer takes spikes (of
// the unfolded input) x passes cycles, and in each pass the load of the filters and a fill of the mergers, and at the end
// the last row's way through the neurons to memory.
//
// What lies on the chip. The weights of a pass in the filter buffer: for each input a row of weights, which a spike reads
// in one cycle from all 32 banks; filled once a pass before its first row. There is one buffer, which the largest layers
// just fill, so the load is not hidden. Bitmaps of a group of rows, and of the next one on its way; a pixel's bitmaps,
// timestep after timestep, are its list of spikes in order of time. Mergers of 16 lists, four of them, and one of 4 behind
// them: a field of more than 64 pixels goes through in rounds of 64, in each timestep anew, and each time the mergers fill.
//
// This project's choices. Inputs of more filters than the buffer has room for: fewer columns a pass, 8 at least; if even
// these do not fit, their weights are read in parts of the inputs, in each timestep of each row. A timestep's end takes
// no place in the stream of spikes (pe_array.h). Outputs are bitmaps, so a pass can write its columns of a pixel.
#pragma once

#include "models/designs/base/bitmap_rows.h"
#include "models/designs/base/serial_accelerator.h"
#include "models/designs/spinalflow/parameters.h"
#include "models/designs/spinalflow/pe_array.h"

#include <systemc>
#include <vector>

namespace loas::designs
{

class spinalflow_accelerator : public serial_accelerator
{
public:
    spinalflow_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                           const spinalflow_parameters& own, kernel::event_wheel& wheel);

private:
    void run_layer(const loas_descriptor& descriptor) override;
    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;
    std::uint64_t busy_cycles(std::size_t tile) const override { return m_array.busy(tile); }
    void collect_rest(observe::counter_set& counters) const override;

    void begin_layer(const loas_descriptor& descriptor);
    void plan_passes();
    void run_pass(std::uint64_t pass);
    void run_group(std::uint64_t pass, std::uint64_t group);
    void run_row(std::size_t row);
    void fetch_rows(std::uint64_t group);
    void load_filters(std::uint64_t part);
    void sort_spikes(std::size_t row);
    functional::span<const std::uint32_t> spikes_in(unsigned timestep, std::uint64_t part) const;

    spinalflow_parameters m_own;
    std::size_t m_pes_of_tile;
    pe_array m_array;

    // The layer under way.
    loas_descriptor m_descriptor{};
    std::uint64_t m_groups = 0;
    std::uint64_t m_pass_columns = 0, m_passes = 0; ///< columns of a pass, at most
    std::uint64_t m_part_inputs = 0, m_parts = 0;   ///< inputs whose weights are in the buffer at a time
    unsigned m_fill_of_timestep = 0;                ///< cycles, of fields that need rounds
    std::uint64_t m_first_column = 0;               ///< of the pass
    std::size_t m_columns = 0;
    arriving_weights m_filters;
    std::vector<std::uint32_t> m_group; ///< rows that are fetched, or were
    bitmap_rows m_fetched_rows;         ///< of that group
    std::vector<std::vector<std::uint64_t>> m_bitmaps; ///< of the group that runs: [T][words of K bits] of each row
    std::vector<std::uint32_t> m_spikes;  ///< inputs of the row's spikes, in order of time
    std::vector<std::size_t> m_timesteps; ///< where in them each timestep begins, and the end
};

} // namespace loas::designs
