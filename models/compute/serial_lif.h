// The neurons of a design that takes the timesteps one after another: potentials stay here from one timestep to the
// next, and a neuron's spike word goes on when the last timestep has come. One lane a tile, one neuron a cycle; a tile
// holds its sums twice, so it goes on with the next ones while the lane takes these.
#pragma once

#include "models/functional/layer_shape.h"
#include "models/functional/neuron.h"
#include "models/kernel/clock.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace loas::compute
{

/// Address of sums on their way to the neurons: of timestep t, from (row, column) of the group on; further ones are of
/// the next rows, or of the next columns.
constexpr std::uint64_t address_of_sums(unsigned timestep, std::uint64_t row, std::uint64_t column, bool along_rows)
{
    return std::uint64_t{timestep} << 56 | std::uint64_t{along_rows} << 55 | row << 32 | column;
}

class serial_lif : public sc_core::sc_module
{
public:
    /// Bound in the order of the tiles: writes of int32 sums, without the bias. The delay that comes back is when the
    /// lane has begun to take them: then the tile may overwrite the sums before these.
    tlm_utils::multi_passthrough_target_socket<serial_lif> sums_in{"sums_in"};
    /// To the compressor: a uint16 spike word, or T int32 currents when the layer has no neuron; address as there.
    tlm_utils::simple_initiator_socket<serial_lif> spikes_out{"spikes_out"};

    /// latency: cycles of a neuron; 0 takes no time at all.
    serial_lif(const sc_core::sc_module_name& name, unsigned latency, const kernel::clock& clock, std::size_t lanes);

    /// bias: int32[N], kept by the caller; may still be on its way.
    void begin_layer(const functional::layer_shape& shape, const functional::neuron_parameters& neuron,
                     const std::vector<std::int32_t>& bias);

    /// A group of rows x columns of the product. All potentials are 0, as those of a neuron are whenever its first
    /// timestep comes.
    void begin_group(std::size_t rows, std::uint64_t first_column, std::size_t columns);

    /// All sums so far have been taken in this cycle.
    std::uint64_t done_cycle() const;
    /// All results so far of one lane have come out in this cycle.
    std::uint64_t results_cycle(std::size_t lane) const
    {
        return m_lane_free[lane] + (m_latency > 0 ? m_latency - 1 : 0);
    }

    void collect(observe::counter_set& counters) const { counters[observe::counter::lif_updates] += m_updates; }

private:
    void b_transport(int lane, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void update(unsigned timestep, std::uint64_t row, std::uint64_t column, std::int32_t sum,
                const sc_core::sc_time& taken);

    unsigned m_latency;
    kernel::clock m_clock;
    functional::layer_shape m_shape;
    functional::neuron_parameters m_neuron;
    const std::vector<std::int32_t>* m_bias = nullptr;
    std::uint64_t m_first_column = 0;
    std::size_t m_columns = 0;
    std::vector<std::int64_t> m_potentials; ///< [row][column]
    std::vector<std::uint16_t> m_words;     ///< [row][column]
    std::vector<std::int32_t> m_currents;   ///< [row][column][T]
    std::vector<std::uint64_t> m_lane_free; ///< cycle
    std::uint64_t m_updates = 0;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::compute
