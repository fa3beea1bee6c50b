// A host CPU that runs C code compiled for this machine: the driver and an application, in an SC_THREAD. Computing
// takes no simulated time; every register and memory access goes through the socket and takes its time; waiting for an
// interrupt yields to the simulation. Between accesses the CPU may run ahead of the simulation by a quantum.
#pragma once

#include "hal/loas_hal.h"
#include "models/kernel/traffic.h"

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>
#include <vector>

namespace loas::cores
{

struct native_cpu_parameters {
    sc_core::sc_time quantum;
    std::uint64_t dma_base; ///< memory that dma_alloc hands out
    std::uint64_t dma_bytes;
    /// Of the PLIC. What start-up code and interrupt entry of a CPU do there, this one does, too, and like all that it
    /// computes it takes no time.
    std::uint64_t plic_base;
    unsigned plic_inputs;
    std::function<void(loas_log_level, const char*)> log; ///< driver messages; may be empty
    /// Told when it will access nothing before a time, and when it was woken earlier, with the time of that; may be
    /// empty.
    std::function<void(std::uint64_t time_ps)> rests_until;
};

class native_cpu : public sc_core::sc_module
{
public:
    /// What runs on the CPU.
    using program = std::function<void(const loas_hal& hal)>;

    tlm_utils::simple_initiator_socket<native_cpu> bus_out{"bus_out"};
    native_cpu(const sc_core::sc_module_name& name, const native_cpu_parameters& parameters);

    /// The level of the external interrupt, from now on.
    void set_interrupt(bool high);

    /// ended: called when the program has returned or thrown; whether the simulation ends then is the caller's
    /// business.
    void set_program(program code, std::function<void()> ended)
    {
        m_program = std::move(code);
        m_ended = std::move(ended);
    }
    bool finished() const { return m_finished; }
    /// Its program goes on no more, as if it had returned: behind the access under way, or at once if it waits for an
    /// interrupt. For the finisher and the watchdog.
    void stop();
    /// Throws again what the program threw.
    void rethrow() const;
    /// Simulated time in which it waited for accesses, and for an interrupt; computing takes none.
    std::uint64_t accesses_ps() const { return m_accesses_ps; }
    std::uint64_t waiting_ps() const { return m_waiting_ps; }
    /// For the watchdog.
    std::string describe() const;

private:
    SC_HAS_PROCESS(native_cpu);

    void run();
    int transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes);
    std::uint32_t read_plic(std::uint64_t offset);
    void write_plic(std::uint64_t offset, std::uint32_t value);
    void access_plic(tlm::tlm_command command, std::uint64_t offset, std::uint32_t& value);
    void start_plic();
    void leave_if_stopped();
    bool serve();
    void serve_between();
    int set_handler(std::uint32_t input, loas_interrupt_handler* handler, void* context);
    int allocate(std::uint64_t bytes, std::uint64_t alignment, std::uint64_t* address);
    void release(std::uint64_t address);
    int wait_interrupt(std::uint64_t timeout_ns);
    void synchronise();
    void end();
    void rest(const sc_core::sc_time& longest);
    loas_hal make_hal();

    native_cpu_parameters m_parameters;
    program m_program;
    std::function<void()> m_ended;
    tlm_utils::tlm_quantumkeeper m_local_time;
    kernel::described_payload m_payload{{kernel::unit::host, 0, 0}};
    std::map<std::uint64_t, std::uint64_t> m_allocated; ///< address to end, of dma_alloc
    sc_core::sc_event m_interrupted{"interrupted"};
    bool m_interrupt = false; ///< the line
    struct handler {
        loas_interrupt_handler* call;
        void* context;
    };
    std::map<std::uint32_t, handler> m_handlers; ///< by input
    std::vector<std::uint32_t> m_claimed;        ///< inputs without handlers that the program is dealing with
    bool m_in_handler = false;
    bool m_handled = false; ///< since the last wait
    std::uint64_t m_accesses_ps = 0, m_waiting_ps = 0;
    bool m_waiting = false;
    bool m_stopped = false;
    bool m_finished = false;
    std::exception_ptr m_failure;
};

} // namespace loas::cores
