#include "platform/machine/machine.h"

#include "models/control/dispatcher.h"
#include "models/cores/native/native_cpu.h"
#include "models/cores/rv64/cpu/rv64_cpu.h"
#include "models/designs/base/accelerator.h"
#include "models/devices/clint.h"
#include "models/devices/dummy_target.h"
#include "models/devices/finisher.h"
#include "models/devices/plic.h"
#include "models/devices/ram.h"
#include "models/devices/uart.h"
#include "models/devices/watchdog.h"
#include "models/kernel/access_check.h"
#include "models/kernel/protocol_checker.h"
#include "models/kernel/router.h"
#include "models/memory/memory_system.h"
#include "platform/designs/design.h"
#include "platform/machine/board.h"
#include "platform/machine/device_tree.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <systemc>
#include <utility>

namespace loas::machine
{
namespace
{

using sc_core::sc_time;

// Project's choice, typical of a 1 GHz system bus: no publication says anything about the host side.
const double ram_latency_ns = 20;
const double register_latency_ns = 10;

sc_time nanoseconds(double value)
{
    return {value, sc_core::SC_NS};
}

std::uint64_t ram_bytes(const config::scenario& scenario)
{
    return static_cast<std::uint64_t>(scenario.memory.ram_mib) << 20;
}

cores::native_cpu_parameters cpu_parameters(const config::scenario& scenario,
                                            std::function<void(loas_log_level, const char*)> log,
                                            std::function<void(std::uint64_t)> rests_until)
{
    cores::native_cpu_parameters parameters{};
    parameters.quantum = nanoseconds(static_cast<double>(scenario.cpu.quantum_ns));
    parameters.dma_base = board::ram.base;
    parameters.dma_bytes = ram_bytes(scenario);
    parameters.plic_base = board::plic.base;
    parameters.plic_inputs = devices::plic_inputs;
    parameters.log = std::move(log);
    parameters.rests_until = std::move(rests_until);
    return parameters;
}

cores::rv64_cpu_parameters rv64_parameters(const config::scenario& scenario,
                                           std::function<void(std::uint64_t)> rests_until)
{
    cores::rv64_cpu_parameters parameters;
    parameters.clock = kernel::clock(static_cast<double>(scenario.cpu.clock_mhz));
    parameters.quantum_cycles =
        parameters.clock.cycle_of(static_cast<std::uint64_t>(scenario.cpu.quantum_ns) * 1000); // at least 1
    parameters.hart.cycles = scenario.cpu.cycles;
    parameters.memory = {{board::ram.base, ram_bytes(scenario)}, {board::boot_rom.base, board::boot_rom.size_bytes}};
    parameters.memory_timed = scenario.cpu.memory == config::host_memory::timed;
    parameters.pointers = scenario.cpu.pointers;
    parameters.counter = devices::clint::ticks_at;
    parameters.rests_until = std::move(rests_until);
    return parameters;
}

control::ring_parameters ring_parameters(const config::scenario& scenario)
{
    control::ring_parameters parameters;
    parameters.accelerator = designs::design_of(scenario).id;
    parameters.limits.features = LOAS_FEATURE_CONVOLUTION | LOAS_FEATURE_POOLING | LOAS_FEATURE_CURRENTS;
    if (!config::takes_bytes(scenario)) // ReLU has nothing of this
        parameters.limits.features |= LOAS_FEATURE_SOFT_RESET_NEURON | LOAS_FEATURE_DELAYED_RESET_NEURON |
                                      LOAS_FEATURE_SINGLE_SPIKE_MASK | LOAS_FEATURE_THRESHOLDS;
    if (designs::design_of(scenario).carries_potentials)
        parameters.limits.features |= LOAS_FEATURE_CARRY;
    if ((designs::design_of(scenario).neuron_modes & LOAS_NEURON_FIRST_SPIKE) != 0)
        parameters.limits.features |= LOAS_FEATURE_FIRST_SPIKE_NEURON;
    if ((designs::design_of(scenario).neuron_modes & LOAS_NEURON_FEW_SPIKES) != 0)
        parameters.limits.features |= LOAS_FEATURE_FEW_SPIKES_NEURON;
    parameters.limits.formats = designs::design_of(scenario).formats;
    parameters.limits.max_timesteps = config::takes_bytes(scenario) ? 1 : scenario.tppe.max_timesteps;
    parameters.limits.reachable = {{board::ram.base, ram_bytes(scenario)}};
    parameters.limits.tiles = scenario.tppe.count;
    parameters.chunk_bits = scenario.tppe.chunk_bits;
    parameters.rings = scenario.queue.rings;
    parameters.clock_mhz = scenario.clock_mhz;
    parameters.register_latency = nanoseconds(register_latency_ns);
    return parameters;
}

memory::memory_system_parameters memory_parameters(const config::scenario& scenario, dram::burst_observer* bursts)
{
    const kernel::clock clock(scenario.clock_mhz);
    memory::memory_system_parameters to(clock);
    const memory::backend_row& backend = memory::backend_called(scenario.memory.backend);
    const bool loose =
        scenario.timing == config::timing::lt; // every access takes that of an idle memory, without limit
    to.cached = backend.cached && !loose;
    to.make = loose ? memory::make_fixed : backend.make;
    to.behind.burst_observer = bursts;
    to.behind.latency = nanoseconds(backend.idle_latency_ns(scenario.memory, scenario.dram));
    to.behind.bandwidth_bytes_per_ns = loose ? 0 : scenario.memory.bandwidth_gb_per_s;
    to.xbar = memory::crossbar_parameters_of(scenario.xbar, scenario.cache, clock);
    to.cache = memory::global_cache_parameters_of(scenario.cache);
    to.behind.dram = scenario.dram;
    to.behind.check_commands = scenario.run.check_protocol;
    to.dram_ideal = scenario.dram.ideal;
    to.behind.lose_response = static_cast<std::uint64_t>(scenario.dram.lose_response);
    to.host_timed = scenario.cpu.memory == config::host_memory::timed;
    return to;
}

} // namespace

struct machine::modules : sc_core::sc_module {
    modules(const sc_core::sc_module_name& name, const config::scenario& scenario,
            std::function<void(loas_log_level, const char*)> log, const std::vector<kernel::observer_maker>& observers,
            dram::burst_observer* bursts);

    kernel::checked_links m_links;
    kernel::event_wheel m_wheel;
    kernel::router m_bus{"bus"};
    kernel::router m_storage{"storage"}; ///< where memory models find the data
    devices::ram m_ram;
    outside m_outside;
    std::function<void(loas_log_level, const char*)> m_log;
    board_sizes m_sizes;
    devices::ram m_boot_rom;
    devices::finisher m_finisher;
    devices::clint m_clint;
    devices::plic m_plic;
    devices::uart m_uart;
    devices::watchdog m_watchdog;
    devices::dummy_target m_dummy;
    std::unique_ptr<cores::native_cpu> m_native; ///< one of the two
    std::unique_ptr<cores::rv64_cpu> m_rv64;
    std::optional<program_end> m_program_end;
    std::function<void()> m_load;
    control::dispatcher m_queue;
    std::unique_ptr<designs::accelerator> m_accelerator;
    memory::memory_system m_memory;
    tlm_utils::simple_initiator_socket<modules> m_debug_out{"debug_out"};

private:
    void connect_devices();
    void connect_rings();
    void connect_interrupt(kernel::interrupt_line& line, unsigned input);
    void tell_of_dummy(const devices::dummy_target::access& access) const;
    void connect_cpu(const config::scenario& scenario, std::function<void(loas_log_level, const char*)> log);
    void tell_of_line(const char* line, bool high) const
    {
        if (m_outside.cpu_line_changes)
            m_outside.cpu_line_changes(line, high);
    }
    void start_of_simulation() override
    {
        if (m_load)
            m_load();
    }
};

machine::modules::modules(const sc_core::sc_module_name& name, const config::scenario& scenario,
                          std::function<void(loas_log_level, const char*)> log,
                          const std::vector<kernel::observer_maker>& observers, dram::burst_observer* bursts)
    : sc_module(name), m_links(scenario.run.check_protocol, observers),
      m_ram("ram", ram_bytes(scenario), nanoseconds(ram_latency_ns)),
      m_log(log), m_sizes{ram_bytes(scenario), static_cast<unsigned>(scenario.queue.rings)},
      m_boot_rom("boot_rom", board::boot_rom.size_bytes, nanoseconds(register_latency_ns), false),
      m_finisher("finisher", nanoseconds(register_latency_ns),
                 [this](unsigned code) {
                     if (m_outside.finished)
                         m_outside.finished(code);
                 }),
      m_clint("clint", nanoseconds(register_latency_ns)), m_plic("plic", nanoseconds(register_latency_ns)),
      m_uart("uart", nanoseconds(register_latency_ns)), m_watchdog("watchdog", nanoseconds(register_latency_ns),
                                                                   [this] {
                                                                       if (m_outside.watchdog_bites)
                                                                           m_outside.watchdog_bites();
                                                                   }),
      m_dummy("dummy", board::dummy.size_bytes, nanoseconds(register_latency_ns),
              [this](const devices::dummy_target::access& access) { tell_of_dummy(access); }),
      m_queue("queue", ring_parameters(scenario)), m_accelerator(designs::design_of(scenario).build(scenario, m_wheel)),
      m_memory("memory", memory_parameters(scenario, bursts), m_wheel, m_links)
{
    connect_devices();
    connect_rings();
    connect_cpu(scenario, std::move(log));
    m_links.connect("queue_to_bus", m_queue.dma_out, m_bus.bus_in);
    m_debug_out.bind(m_bus.bus_in);

    // RAM lies behind the memory system, for the host side too.
    m_links.connect("storage_to_ram", m_storage.map("to_ram", board::ram.base, ram_bytes(scenario)), m_ram.bus_in);
    m_memory.connect_storage(m_storage.bus_in);
    for (kernel::memory_port* port : m_accelerator->memory_ports())
        m_memory.connect("accelerator_to_memory", port->socket);
    m_memory.connect_host("bus_to_memory", m_bus.map("to_memory", board::ram.base, ram_bytes(scenario),
                                                     kernel::router::addresses::whole));
    m_accelerator->set_cache(m_memory.cache_control());
    m_queue.executor.bind(*m_accelerator);
    m_queue.set_meter(&m_memory);
}

void machine::modules::connect_devices()
{
    const auto connect = [this](const board_device& device, auto& module) {
        const std::string name = device.name;
        m_links.connect("bus_to_" + name, m_bus.map("to_" + name, device.base, device.size_bytes), module.bus_in);
    };
    connect(board::boot_rom, m_boot_rom);
    connect(board::finisher, m_finisher);
    connect(board::clint, m_clint);
    connect(board::plic, m_plic);
    connect(board::uart, m_uart);
    connect(board::watchdog, m_watchdog);
    connect(board::dummy, m_dummy);
    connect_interrupt(m_uart.interrupt_out, board::uart.interrupt);
    connect_interrupt(m_watchdog.interrupt_out, board::watchdog.interrupt);
}

void machine::modules::connect_interrupt(kernel::interrupt_line& line, unsigned input)
{
    line.connect([this, input](bool high) {
        if (m_outside.interrupt_changes)
            m_outside.interrupt_changes(input, high);
        m_plic.set_input(input, high);
    });
}

void machine::modules::tell_of_dummy(const devices::dummy_target::access& access) const
{
    if (m_log)
        m_log(LOAS_LOG_INFO,
              fmt::format("dummy target: {} of {} bytes at {:#x}{}, {} ns", access.write ? "write" : "read",
                          access.bytes, board::dummy.base + access.offset,
                          access.write ? fmt::format(": {:#x}", access.value) : "",
                          sc_core::sc_time_stamp().value() / 1000)
                  .c_str());
}

void machine::modules::connect_cpu(const config::scenario& scenario,
                                   std::function<void(loas_log_level, const char*)> log)
{
    const auto rests_until = [this](std::uint64_t time_ps) {
        if (m_memory.host() != nullptr)
            m_memory.host()->host_rests_until(time_ps);
    };
    if (scenario.cpu.kind == config::cpu_kind::native) {
        m_native = std::make_unique<cores::native_cpu>("cpu", cpu_parameters(scenario, std::move(log), rests_until));
        m_links.connect("cpu_to_bus", m_native->bus_out, m_bus.bus_in);
        m_plic.interrupt_out.connect([this](bool high) {
            tell_of_line("external interrupt", high);
            m_native->set_interrupt(high);
        });
        return;
    }
    m_rv64 = std::make_unique<cores::rv64_cpu>("cpu", rv64_parameters(scenario, rests_until));
    m_links.connect("cpu_to_bus", m_rv64->bus_out, m_bus.bus_in);
    const auto connect = [this](kernel::interrupt_line& from, const char* name, rv64::interrupt_line to) {
        from.connect([this, name, to](bool high) {
            tell_of_line(name, high);
            m_rv64->set_interrupt(to, high);
        });
    };
    connect(m_plic.interrupt_out, "external interrupt", rv64::interrupt_line::external);
    connect(m_clint.timer_out, "timer interrupt", rv64::interrupt_line::timer);
    connect(m_clint.software_out, "software interrupt", rv64::interrupt_line::software);
}

/// A block of registers and an interrupt each.
void machine::modules::connect_rings()
{
    for (unsigned i = 0; i < m_queue.rings(); ++i) {
        control::command_ring& ring = m_queue.ring(i);
        const std::string number = i == 0 ? "" : std::to_string(i);
        const std::uint64_t base = board::accelerator.base + std::uint64_t{i} * LOAS_REGISTER_BLOCK_BYTES;
        m_links.connect("bus_to_registers" + number,
                        m_bus.map("to_accelerator" + number, base, LOAS_REGISTER_BLOCK_BYTES), ring.bus_in);
        connect_interrupt(ring.interrupt_out, board::accelerator.interrupt + i);
    }
}

machine::machine(const char* name, const config::scenario& scenario,
                 std::function<void(loas_log_level, const char*)> log,
                 const std::vector<kernel::observer_maker>& observers, dram::burst_observer* bursts)
    : m_modules(std::make_unique<modules>(name, scenario, std::move(log), observers, bursts))
{
}

machine::~machine() = default;

void machine::set_program(std::function<void(const loas_hal& hal)> program, std::function<void()> ended)
{
    m_modules->m_native->set_program(std::move(program), std::move(ended));
}

cores::rv64_cpu* machine::rv64()
{
    return m_modules->m_rv64.get();
}

cores::native_cpu* machine::native()
{
    return m_modules->m_native.get();
}

void machine::start_program(std::uint64_t entry, std::function<void()> load, std::function<void()> ended)
{
    m_modules->m_load = std::move(load);
    m_modules->m_boot_rom.fill(boot_rom_image(entry, m_modules->m_sizes));
    m_modules->m_rv64->hart().set_pc(board::boot_rom.base);
    m_modules->m_rv64->on_stopped(std::move(ended));
}

void machine::end_program(const program_end& how)
{
    if (!m_modules->m_program_end)
        m_modules->m_program_end = how;
    if (m_modules->m_rv64)
        m_modules->m_rv64->stop();
    else
        m_modules->m_native->stop();
}

const std::optional<program_end>& machine::ended_by_itself() const
{
    return m_modules->m_program_end;
}

void machine::connect(const outside& to)
{
    m_modules->m_outside = to;
    m_modules->m_uart.connect({to.uart_sends, to.uart_receives});
}

bool machine::program_finished() const
{
    return m_modules->m_rv64 ? m_modules->m_program_end.has_value() : m_modules->m_native->finished();
}

void machine::rethrow() const
{
    if (m_modules->m_native)
        m_modules->m_native->rethrow();
}

cpu_time machine::time_of_cpu() const
{
    cpu_time spent;
    if (m_modules->m_native) {
        spent.devices_ps = m_modules->m_native->accesses_ps();
        spent.waiting_ps = m_modules->m_native->waiting_ps();
        return spent;
    }
    cores::rv64_cpu& cpu = *m_modules->m_rv64;
    spent.instructions = cpu.hart().instret();
    spent.devices_ps = cpu.time_spent().accesses * cpu.period_ps();
    spent.waiting_ps = cpu.time_spent().wfi * cpu.period_ps();
    spent.running_ps = cpu.hart().cycle() * cpu.period_ps() - spent.devices_ps - spent.waiting_ps;
    return spent;
}

void machine::set_observer(observe::layer_observer* observer)
{
    m_modules->m_queue.set_observer(observer);
}

bool machine::debug_read(std::uint64_t address, void* data, std::size_t bytes)
{
    tlm::tlm_generic_payload access;
    kernel::prepare(access, tlm::TLM_READ_COMMAND, address, data, bytes);
    return bytes == 0 || m_modules->m_debug_out->transport_dbg(access) == bytes;
}

bool machine::debug_write(std::uint64_t address, const void* data, std::size_t bytes)
{
    tlm::tlm_generic_payload access;
    kernel::prepare(access, tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(data), bytes); // only read through it
    const bool done = bytes == 0 || m_modules->m_debug_out->transport_dbg(access) == bytes;
    if (m_modules->m_rv64)
        m_modules->m_rv64->memory_written(address, bytes);
    return done;
}

std::string machine::describe() const
{
    std::string text = (m_modules->m_native ? m_modules->m_native->describe() : m_modules->m_rv64->describe()) + "; " +
                       m_modules->m_queue.describe();
    for (const std::string& part : {m_modules->m_accelerator->describe(), m_modules->m_memory.describe()})
        if (!part.empty())
            text += "; " + part;
    return text;
}

bool machine::stuck() const
{
    return m_modules->m_accelerator->stuck();
}

std::vector<std::string> machine::violations() const
{
    std::vector<std::string> all = m_modules->m_links.violations();
    for (const std::string& each : m_modules->m_memory.violations())
        all.push_back(each);
    return all;
}

const kernel::checked_links& machine::links() const
{
    return m_modules->m_links;
}

const memory::memory_system& machine::memory() const
{
    return m_modules->m_memory;
}

} // namespace loas::machine
