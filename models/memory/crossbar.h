// The crossbars between an accelerator's ports and the banks of the global cache: one for requests, one for data.
//
// Each port holds its accesses in order and asks for one line a cycle. A bank takes one read and one write a cycle, or
// as many as it has ports; among the ports that want the same bank an arbiter of that bank chooses. Data come back over
// the port that asked, one line a cycle; what a broadcast access asked for is read once and goes to all tiles in the
// same cycle, so it wants all their ports, or those of the neighbours that share it. Writes bring their data along and come back when the bank has them.
#pragma once

#include "models/kernel/transaction_table.h"
#include "models/memory/line_cache.h"
#include "models/memory/parameters.h"
#include "models/observe/counters.h"
#include "models/observe/memory_statistics.h"

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

namespace loas::memory
{

/// What the crossbars take of their parameters, the cache's and the clock.
struct crossbar_parameters {
    explicit crossbar_parameters(const kernel::clock& of) : clock(of) {}

    kernel::clock clock;
    unsigned line_bytes = cache::parameters{}.line_bytes; ///< power of two
    unsigned banks = cache::parameters{}.banks;
    unsigned hit_latency = cache::parameters{}.hit_latency; ///< cycles in the cache, bank access to data
    unsigned latency = xbar_parameters{}.latency;           ///< cycles through the crossbar
    /// Lines that a bank reads, and as many that it writes, in a cycle.
    unsigned bank_ports = cache::parameters{}.bank_ports;
    arbitration policy = xbar_parameters{}.arbitration;
    bool ideal = xbar_parameters{}.ideal; ///< no port and no bank ever waits for another
};

/// An ideal cache or crossbar has no latency either.
inline crossbar_parameters crossbar_parameters_of(const xbar_parameters& xbar, const cache::parameters& cache,
                                                  const kernel::clock& clock)
{
    crossbar_parameters to(clock);
    to.line_bytes = cache.line_bytes;
    to.banks = cache.banks;
    to.bank_ports = cache.bank_ports;
    to.hit_latency = cache.ideal ? 0 : cache.hit_latency;
    to.latency = xbar.ideal ? 0 : xbar.latency;
    to.policy = xbar.arbitration;
    to.ideal = xbar.ideal;
    return to;
}

class crossbar : public sc_core::sc_module, private line_client
{
public:
    tlm_utils::multi_passthrough_target_socket<crossbar> ports_in{"ports_in"}; ///< a port is its index of binding
    sc_core::sc_port<line_cache> cache{"cache"};

    crossbar(const sc_core::sc_module_name& name, const crossbar_parameters& parameters, kernel::event_wheel& wheel);

    void collect(observe::counter_set& counters, observe::memory_statistics& statistics) const;

    /// For the watchdog: what waits here; "" when nothing does.
    std::string describe() const;

private:
    friend kernel::event_wheel; // happen()

    static constexpr std::uint32_t nobody = ~std::uint32_t{0};
    static constexpr std::uint64_t arbitrate_now = ~std::uint64_t{0};

    struct transaction : kernel::open_transaction { // its source is its port
        std::uint32_t next = nobody;                ///< in the port's queue
        std::uint64_t address = 0, end = 0;         ///< what has not been asked for
        std::uint8_t* data = nullptr;               ///< of that
        std::uint64_t lines_missing = 0;            ///< not delivered yet
        std::uint64_t start_cycle = 0, ready_cycle = 0;
        tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
        observe::operand kind{};
        bool write = false, broadcast = false, last_use = false;
        std::uint16_t ports_before = 0, ports_behind = 0; ///< that get the same data
    };
    struct port {
        std::uint32_t first = nobody, last = nobody; ///< queue of transactions with lines not asked for
        std::uint64_t next_cycle = 0;                ///< first one in which it may ask
        std::uint64_t free_cycle = 0;                ///< of its data side
        std::uint64_t blocked_cycle = 0;             ///< when it was blocked
        bool blocked = false;
        bool no_room = false; ///< blocked by memory's queue, not by the cache
    };
    struct bank_side {          // reads or writes of a bank
        std::uint32_t turn = 0; ///< port whose turn it is
        std::uint32_t candidate = nobody;
        std::uint64_t cycle = 0; ///< the latest in which it served ...
        unsigned taken = 0;      ///< ... so many lines
    };

    void end_of_elaboration() override;
    void b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(int source, tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    unsigned transport_dbg(int source, tlm::tlm_generic_payload& access);

    static bool ordinary(const tlm::tlm_generic_payload& access);
    std::uint32_t begin(int source, tlm::tlm_generic_payload& access, std::uint64_t time_ps);
    void happen(std::uint64_t now_ps, std::uint64_t what);
    void plan(std::uint64_t cycle);
    void arbitrate(std::uint64_t cycle);
    bool may_ask(const port& port, std::uint64_t cycle) const;
    bool has_port(const bank_side& side, std::uint64_t cycle) const
    {
        return side.cycle != cycle || side.taken < m_parameters.bank_ports;
    }
    std::uint64_t next_wanted(std::uint64_t cycle) const;
    std::size_t side_of(const transaction& head) const;
    void grant(std::uint32_t port_index, bank_side& side, std::uint64_t cycle);
    bool ask(std::uint32_t port_index, std::uint64_t cycle);
    void deliver(transaction& of, std::uint64_t cycle);
    void finish_if_complete(std::uint32_t entry);
    void respond(std::uint32_t entry, std::uint64_t ready_ps);
    void line_arrived(std::uint32_t entry, std::uint64_t time_ps, std::uint64_t refresh_ps,
                      tlm::tlm_response_status status) override;
    void line_unblocked(std::uint64_t time_ps) override;

    crossbar_parameters m_parameters;
    kernel::event_wheel& m_wheel;
    std::uint64_t m_place;         ///< in its order
    unsigned m_line_shift;         ///< address to number of the line
    line_cache* m_cache = nullptr; ///< at the port
    std::vector<port> m_ports;
    std::size_t m_blocked = 0;           ///< ports that are
    std::vector<std::uint32_t> m_active; ///< ports with lines to ask for, ascending
    kernel::transaction_table<transaction> m_transactions;
    std::vector<bank_side> m_sides;           ///< of each bank: reads, writes
    std::vector<std::size_t> m_wanted;        ///< sides that are wanted in this cycle
    std::uint64_t m_broadcast_free_cycle = 0; ///< all tiles took a broadcast the cycle before
    std::uint64_t m_latest_free_cycle = 0;    ///< latest free_cycle of all ports
    std::uint64_t m_planned_ps = kernel::event_wheel::never;
    observe::counter_set m_counters;
    observe::histogram m_latency{};
};

} // namespace loas::memory
