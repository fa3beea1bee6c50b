// What can stand behind the accelerator's ports, or behind crossbars and cache: a timing of its own in front of the
// storage. A backend is a class of this kind and a row of the list in backends.cpp.
#pragma once

#include "models/kernel/clock.h"
#include "models/memory/memory_room.h"
#include "models/memory/parameters.h"
#include "models/memory/storage_port.h"
#include "models/observe/counters.h"
#include "models/observe/memory_statistics.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <systemc>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

namespace loas::kernel
{
class event_wheel;
} // namespace loas::kernel

namespace loas::dram
{
class burst_observer;
} // namespace loas::dram

namespace loas::memory
{

class memory_backend : public sc_core::sc_module, public memory_room
{
public:
    storage_port storage{"storage_out"};

    explicit memory_backend(const sc_core::sc_module_name& name) : sc_module(name) {}

    /// A target of the data plane, for several initiators.
    virtual tlm_utils::multi_target_base<>& target() = 0;
    /// Who asks sees answers at edges of this clock only.
    virtual void answer_at_edges_of(const kernel::clock& /*clock*/) {}
    /// Statistics are to be those of all time up to time_ps.
    virtual void idle_until(std::uint64_t /*time_ps*/) {}
    /// When more of the writes that were answered before they were stored may have been; 0: all have been.
    virtual std::uint64_t posted_until_ps() { return 0; }
    virtual void collect(observe::counter_set& counters, observe::memory_statistics& statistics) const = 0;
    /// Rules that it broke, in words; empty when not checked.
    virtual std::vector<std::string> violations() const { return {}; }
    virtual std::uint64_t commands_checked() const { return 0; }
    /// For the watchdog: what waits here; "" when nothing does.
    virtual std::string describe() const { return {}; }
};

/// What a backend may ask of the scenario.
struct backend_settings {
    sc_core::sc_time latency;          ///< of an access, where it is fixed
    double bandwidth_bytes_per_ns = 0; ///< 0: no limit
    dram::parameters dram;
    bool check_commands = false;                    ///< every DRAM command against the timing rules
    std::uint64_t lose_response = 0;                ///< fault injection: see dram_controller
    dram::burst_observer* burst_observer = nullptr; ///< of a DRAM; nullptr: nobody
};

using backend_maker = std::unique_ptr<memory_backend> (*)(const char* name, const backend_settings& settings,
                                                          kernel::event_wheel& wheel);

struct backend_row : backend_facts {
    backend_maker make;
};

/// Of a word that the option allows.
const backend_row& backend_called(std::string_view word);

/// The rows' makers, for memory systems that no scenario describes.
std::unique_ptr<memory_backend> make_dram(const char* name, const backend_settings& settings,
                                          kernel::event_wheel& wheel);
std::unique_ptr<memory_backend> make_fixed(const char* name, const backend_settings& settings,
                                           kernel::event_wheel& wheel);

} // namespace loas::memory
