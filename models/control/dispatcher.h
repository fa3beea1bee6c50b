// The front that software talks to, the same for every accelerator: rings of descriptors, and what runs them on the
// accelerator, one after another. Rings take turns: after a descriptor of ring i comes one of the next ring behind it,
// around the end, that has one. Within a ring they run in order; between rings nothing is promised beyond the turns.
#pragma once

#include "models/control/command_ring.h"
#include "models/kernel/layer_executor.h"
#include "models/kernel/traffic.h"

#include <tlm_utils/simple_initiator_socket.h>

namespace loas::control
{

class dispatcher : public sc_core::sc_module, private ring_surroundings
{
public:
    tlm_utils::simple_initiator_socket<dispatcher> dma_out{"dma_out"};
    sc_core::sc_port<kernel::layer_executor> executor{"executor"};

    dispatcher(const sc_core::sc_module_name& name, const ring_parameters& parameters);

    unsigned rings() const { return static_cast<unsigned>(m_rings.size()); }
    command_ring& ring(unsigned index) { return m_rings[index]; }

    void set_observer(observe::layer_observer* observer) { m_observer = observer; }
    /// Who counts beside the accelerator; before the simulation starts.
    void set_meter(observe::layer_meter* meter) { m_meter = meter; }

    /// For the watchdog: what the rings are doing, in words.
    std::string describe() const;

private:
    SC_HAS_PROCESS(dispatcher);

    void wake() override { m_work.notify(sc_core::SC_ZERO_TIME); }
    void abort() override { executor->abort(); }
    bool transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes) override;

    void run();
    command_ring* next_ready();
    void serve(command_ring& ring);
    void check(ring_work& work) const;
    void execute(command_ring& ring, ring_work& work);

    device_limits m_limits;
    sc_core::sc_vector<command_ring> m_rings;
    unsigned m_turn = 0; ///< the ring that is looked at first
    observe::layer_observer* m_observer = nullptr;
    observe::layer_meter* m_meter = nullptr;
    sc_core::sc_event m_work{"work"};
    kernel::described_payload m_payload{{kernel::unit::dispatcher, 0, 0}};
};

} // namespace loas::control
