// The neurons of a design that takes the timesteps one after another: potentials stay here from one timestep to the
// next, and a neuron's spike word goes on when the last timestep has come. One lane a tile, one neuron a cycle; a tile
// holds its sums twice, so it goes on with the next ones while the lane takes these.
//
// Few-spikes neurons add up all timesteps first, and then take a cycle more for each in which they may spike.
//
// A layer of bytes has ReLU in their place, which keeps nothing: it takes a lane as long as a neuron.
#pragma once

#include "models/compute/ports.h"
#include "models/functional/layer_shape.h"
#include "models/functional/neuron.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <systemc>
#include <vector>

namespace loas::compute
{

class serial_lif : public sc_core::sc_module, public sums_receiver
{
public:
    sc_core::sc_port<results_receiver> results_out{"results_out"};

    /// latency: cycles of a neuron; 0 takes no time at all.
    serial_lif(const sc_core::sc_module_name& name, unsigned latency, std::size_t lanes);

    /// bias: int32[N], and with thresholds those of all columns behind it; kept by the caller; may still be on its
    /// way.
    void begin_layer(const functional::layer_shape& shape, const functional::neuron_parameters& neuron,
                     const std::vector<std::int32_t>& bias);

    /// A group of rows x columns of the product. Potentials of a neuron are 0 when its first timestep comes, or what is
    /// carried: int32 [row][column], kept by the caller, where they lie again after the last timestep; nullptr: none.
    void begin_group(std::size_t rows, std::uint64_t first_column, std::size_t columns,
                     std::int32_t* carried = nullptr);

    std::uint64_t take_sums(const sums_block& block, span<const std::int32_t> sums, std::uint64_t cycle) override;

    /// All sums so far have been taken in this cycle.
    std::uint64_t done_cycle() const;
    /// All results so far of one lane have come out in this cycle.
    std::uint64_t results_cycle(std::size_t lane) const
    {
        return m_lanes[lane].free_cycle + (m_latency > 0 ? m_latency - 1 : 0);
    }

    void collect(observe::counter_set& counters) const { counters[observe::counter::lif_updates] += m_updates; }

private:
    struct lane_state {
        std::uint64_t free_cycle = 0;
        unsigned next_timestep = 0;
        std::size_t row = 0, column = 0, count = 0; ///< of the block whose timesteps come
    };

    void check(const sums_block& block, std::size_t count);
    template <class result> void add(const sums_block& block, span<const std::int32_t> sums, std::vector<result>& out);
    void update(std::size_t entry, unsigned timestep, std::int32_t current, std::uint16_t*& out);
    void update(std::size_t entry, unsigned timestep, std::int32_t current, std::int32_t*& out);

    unsigned m_latency;
    functional::layer_shape m_shape;
    functional::neuron_parameters m_neuron; ///< of the column at hand
    const std::vector<std::int32_t>* m_bias = nullptr;
    std::uint64_t m_first_column = 0;
    std::size_t m_rows = 0, m_columns = 0;  ///< of the group
    std::int32_t* m_carried = nullptr;      ///< [row][column]
    std::vector<std::int64_t> m_potentials; ///< [row][column]
    std::vector<std::uint16_t> m_words;     ///< [row][column]
    std::vector<std::int32_t> m_currents;   ///< [row][column][T]
    std::vector<std::uint16_t> m_words_out; ///< of the sums that are taken
    std::vector<std::int32_t> m_currents_out;
    std::vector<lane_state> m_lanes;
    std::uint64_t m_updates = 0;
};

} // namespace loas::compute
