// Everything between an accelerator's ports and the storage, put together: crossbars, global cache and DRAM; or a fixed
// latency and bandwidth instead; or nothing that ever stalls. Accelerators see sockets and one cache_control. The host
// side is one more initiator: with the timing of the others (host_port.h), or past it, seen by the cache and with the
// storage's own latency (coherence_point.h).
#pragma once

#include "models/kernel/links.h"
#include "models/memory/coherence_point.h"
#include "models/memory/crossbar.h"
#include "models/memory/global_cache.h"
#include "models/memory/host_port.h"
#include "models/memory/memory_backend.h"
#include "models/observe/layer_observer.h"

#include <memory>
#include <string>
#include <systemc>
#include <vector>

namespace loas::memory
{

struct memory_system_parameters {
    /// clock: of crossbars and cache
    explicit memory_system_parameters(const kernel::clock& clock) : xbar(clock) {}

    bool cached = true; ///< crossbars and cache stand before the backend
    backend_maker make = make_dram;
    backend_settings behind;
    crossbar_parameters xbar;
    global_cache_parameters cache;
    bool dram_ideal = false; ///< behind the cache is a memory without latency and limit
    bool host_timed = false; ///< the host's accesses take the accelerator's way to memory
};

class memory_system : public sc_core::sc_module, public observe::layer_meter
{
public:
    memory_system(const sc_core::sc_module_name& name, const memory_system_parameters& parameters,
                  kernel::event_wheel& wheel, kernel::links& links);

    /// Binds an accelerator's port; ports are numbered in the order of the calls.
    template <typename initiator_socket> void connect(const std::string& name, initiator_socket& initiator)
    {
        if (m_xbar)
            m_links.connect(name, initiator, m_xbar->ports_in);
        else
            m_links.connect(name, initiator, m_backend->target());
    }

    /// Binds the host side's way to memory; after the accelerator's ports.
    template <typename initiator_socket> void connect_host(const std::string& name, initiator_socket& initiator)
    {
        if (!m_host) {
            m_links.connect(name, initiator, m_coherence->bus_in);
            return;
        }
        m_links.connect(name, initiator, m_host->bus_in);
        connect("host_to_memory", m_host->memory_out());
    }

    /// nullptr: its accesses are not timed with the others.
    host_port* host() { return m_host.get(); }

    /// Where the data lie: a target of several initiators.
    template <typename target_socket> void connect_storage(target_socket& target)
    {
        if (m_coherence)
            m_links.connect("coherence_to_storage", m_coherence->bus_out, target);
        m_links.connect("memory_to_storage", m_backend->storage.socket, target);
    }

    /// nullptr: there is no cache.
    kernel::cache_control* cache_control() { return m_cache.get(); }

    void begin_layer() override;
    void end_layer(observe::layer_outcome& outcome) override;

    /// Timing rules that a DRAM command broke, and lines in which cache and memory disagreed at the end of a layer, in
    /// words; empty when not checked.
    std::vector<std::string> violations() const;
    std::uint64_t commands_checked() const { return m_backend->commands_checked(); }

    /// For the watchdog: what waits here; "" when nothing does.
    std::string describe() const;

private:
    void collect(observe::counter_set& counters, observe::memory_statistics& statistics) const;
    void check_cache();

    kernel::links& m_links;
    std::unique_ptr<crossbar> m_xbar;
    std::unique_ptr<global_cache> m_cache;
    std::unique_ptr<memory_backend> m_backend;
    std::unique_ptr<coherence_point> m_coherence;
    std::unique_ptr<host_port> m_host;
    bool m_checked;
    std::string m_stale; ///< how cache and memory disagreed at the end of a layer, the first time
    observe::counter_set m_counters_before;
    observe::memory_statistics m_statistics_before;
};

} // namespace loas::memory
