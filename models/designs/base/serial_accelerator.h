// What the designs that take the timesteps one after another have beside their tiles: ports to memory, the bias,
// neurons and the output compressor. Tiles hand their sums to m_neurons (models/compute/ports.h).
#pragma once

#include "models/compute/output_compressor.h"
#include "models/compute/serial_lif.h"
#include "models/designs/base/accelerator.h"
#include "models/designs/base/block_ports.h"

#include <systemc>
#include <vector>

namespace loas::designs
{

struct serial_units {
    std::size_t group_rows;       ///< that the compressor holds, at most
    std::size_t shared_ports = 1; ///< beside one for each tile
    bool broadcast = true;        ///< what comes over those goes to all tiles at once
    std::size_t lanes = 0;        ///< of neurons; 0: one for each tile
};

class serial_accelerator : public accelerator
{
protected:
    serial_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                       kernel::event_wheel& wheel, const serial_units& units);

    /// Shape and order of rows are those of the layer from now on; neurons and compressor begin it, and the bias is on
    /// its way over the first shared port. bias_came: told when it is there.
    void begin_units(const loas_descriptor& descriptor, kernel::arrival_listener* bias_came = nullptr);
    const kernel::arrival& bias() const { return m_bias_arrival; }
    void collect_rest(observe::counter_set& counters) const override;

    block_ports m_ports;
    compute::serial_lif m_neurons;
    compute::output_compressor m_compressor;

    // The layer under way.
    functional::layer_shape m_shape;
    std::vector<std::uint32_t> m_row_order;

private:
    std::vector<std::int32_t> m_bias; ///< all zero without an address; thresholds behind it
    kernel::arrival m_bias_arrival;
};

} // namespace loas::designs
