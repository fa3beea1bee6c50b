// P-LIFs, the neurons of the tiles, each unrolled over the timesteps: T currents in, T spikes out in one step.
// Pipelined, one neuron a cycle and tile.
#pragma once

#include "models/compute/ports.h"
#include "models/functional/layer_shape.h"
#include "models/functional/neuron.h"
#include "models/observe/counters.h"

#include <systemc>
#include <vector>

namespace loas::compute
{

class plif_array : public sc_core::sc_module, public currents_receiver
{
public:
    sc_core::sc_port<results_receiver> results_out{"results_out"};

    /// latency: cycles; 0 takes no time at all.
    plif_array(const sc_core::sc_module_name& name, std::size_t tiles, unsigned latency);

    /// bias: int32[N], and with thresholds those of all columns behind it; kept by the caller; may still be on its
    /// way.
    void begin_layer(const functional::layer_shape& shape, const functional::neuron_parameters& neuron,
                     const std::vector<std::int32_t>& bias);
    /// Potentials that are carried, of the rows of a group from first_column on: int32 [row][columns], kept by the
    /// caller.
    void begin_rows(std::vector<std::int32_t*> carried, std::uint64_t first_column)
    {
        m_carried = std::move(carried);
        m_first_column = first_column;
    }
    void take_currents(const result_block& block, span<const std::int32_t> currents, std::uint64_t cycle) override;

    void collect(observe::counter_set& counters) const { counters[observe::counter::lif_updates] += m_updates; }

private:
    void take_threshold(std::uint64_t column);
    void transpose(const result_block& block, span<const std::int32_t> currents);
    void update(const result_block& block, span<const std::int32_t> currents);
    void update_carried(const result_block& block, span<const std::int32_t> currents);

    std::size_t m_lanes;
    unsigned m_latency; ///< cycles
    unsigned m_timesteps = 0;
    bool m_no_neurons = false;
    functional::neuron_parameters m_neuron; ///< of the column at hand
    const std::vector<std::int32_t>* m_bias = nullptr;
    std::uint64_t m_thresholds = 0; ///< where they begin in the bias; 0: all columns have the same
    std::uint64_t m_updates = 0;
    std::vector<std::int32_t*> m_carried; ///< [row]; empty: potentials begin with 0
    std::uint64_t m_first_column = 0;     ///< of those
    std::vector<std::uint16_t> m_words;   ///< that are on their way, [row][column]
    std::vector<std::int32_t> m_currents;
};

} // namespace loas::compute
