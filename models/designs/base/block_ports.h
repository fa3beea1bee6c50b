// Blocks of bytes between an accelerator and memory: reads and writes that belong to an arrival, over any number of
// ports. What depends on what has come (values on their pointers) is started by the arrival's listener.
#pragma once

#include "models/kernel/clock.h"
#include "models/kernel/memory_client.h"
#include "models/kernel/memory_port.h"

#include <memory>
#include <string>
#include <systemc>
#include <vector>

namespace loas::designs
{

class block_ports : public sc_core::sc_module, public kernel::memory_client, private kernel::memory_port::owner
{
public:
    /// A port for each tile, then `shared` ports. broadcast: what comes over the shared ones goes to all tiles at once.
    block_ports(const sc_core::sc_module_name& name, const kernel::clock& clock, kernel::event_wheel& wheel,
                std::size_t tiles, std::size_t shared, bool broadcast, kernel::memory_fault& fault);

    std::vector<kernel::memory_port*> ports() const;
    std::size_t shared_port(std::size_t index) const { return m_tiles + index; }

    /// Starts an access of an arrival, in `cycle` or later. `data` and `of` stay where they are until it is done.
    /// Nothing is started for 0 bytes, or when the layer has failed.
    /// last_use: see traffic.
    void read(std::size_t port, std::uint64_t address, void* data, std::size_t bytes, observe::operand kind,
              std::uint64_t cycle, kernel::arrival& of, bool last_use = false);
    void write(std::size_t port, std::uint64_t address, const void* data, std::size_t bytes, observe::operand kind,
               std::uint64_t cycle, kernel::arrival& of);

    bool at_rest() const override;
    std::string describe() const override;

private:
    void start(tlm::tlm_command command, std::size_t port, std::uint64_t address, void* data, std::size_t bytes,
               observe::operand kind, std::uint64_t cycle, kernel::arrival& of, bool last_use);
    void access_finished(const kernel::access_done& done) override;

    kernel::clock m_clock;
    std::size_t m_tiles;
    std::vector<std::unique_ptr<kernel::memory_port>> m_ports;
    kernel::memory_fault& m_fault;
};

} // namespace loas::designs
