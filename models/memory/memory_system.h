// Everything between an accelerator's ports and the storage, put together: crossbars, global cache and DRAM; or a fixed
// latency and bandwidth instead; or nothing that ever stalls. Accelerators see sockets and one cache_control.
#pragma once

#include "models/kernel/link_monitor.h"
#include "models/memory/crossbar.h"
#include "models/memory/dram/command_checker.h"
#include "models/memory/dram_controller.h"
#include "models/memory/fixed_memory.h"
#include "models/memory/global_cache.h"
#include "models/observe/layer_observer.h"

#include <memory>
#include <string>
#include <systemc>
#include <vector>

namespace loas::memory
{

struct memory_system_parameters {
    bool cached = true; ///< crossbars, cache and DRAM; else `fixed` alone
    fixed_memory_parameters fixed{};
    crossbar_parameters xbar;
    global_cache_parameters cache;
    dram::parameters dram;
    bool dram_ideal = false;         ///< behind the cache is a memory without latency and limit
    bool check_commands = false;     ///< every DRAM command against the timing rules
    std::uint64_t lose_response = 0; ///< fault injection: see dram_controller
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
            m_links.connect(name, initiator, m_fixed->memory_in);
    }

    /// Where the data lie.
    template <typename target_socket> void connect_storage(target_socket& target)
    {
        m_links.connect("memory_to_storage", m_dram ? m_dram->storage.socket : m_fixed->storage.socket, target);
    }

    /// nullptr: there is no cache.
    kernel::cache_control* cache_control() { return m_cache.get(); }

    void begin_layer() override;
    void end_layer(observe::layer_outcome& outcome) override;

    /// Timing rules that a DRAM command broke, in words; empty when not checked.
    std::vector<std::string> violations() const;
    std::uint64_t commands_checked() const { return m_checker ? m_checker->commands() : 0; }

    /// For the watchdog: what waits here; "" when nothing does.
    std::string describe() const;

private:
    void collect(observe::counter_set& counters, observe::memory_statistics& statistics) const;

    kernel::links& m_links;
    std::unique_ptr<crossbar> m_xbar;
    std::unique_ptr<global_cache> m_cache;
    std::unique_ptr<dram_controller> m_dram;
    std::unique_ptr<fixed_memory> m_fixed;
    std::unique_ptr<dram::command_checker> m_checker;
    observe::counter_set m_counters_before;
    observe::memory_statistics m_statistics_before;
};

} // namespace loas::memory
