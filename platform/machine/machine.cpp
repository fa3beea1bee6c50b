#include "platform/machine/machine.h"

#include "models/kernel/access_check.h"
#include "platform/designs/designs.h"
#include "platform/text/user_error.h"

#include <algorithm>

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
                                            std::function<void(loas_log_level, const char*)> log)
{
    return {nanoseconds(static_cast<double>(scenario.cpu.quantum_ns)), board::ram.base, ram_bytes(scenario),
            std::move(log)};
}

control::command_queue_parameters queue_parameters(const config::scenario& scenario)
{
    control::command_queue_parameters parameters;
    parameters.accelerator = designs::design_of(scenario).id;
    parameters.limits.features = LOAS_FEATURE_CONVOLUTION | LOAS_FEATURE_POOLING | LOAS_FEATURE_SOFT_RESET_NEURON |
                                 LOAS_FEATURE_SINGLE_SPIKE_MASK | LOAS_FEATURE_CURRENTS;
    parameters.limits.formats = designs::design_of(scenario).formats;
    parameters.limits.max_timesteps = scenario.tppe.max_timesteps;
    parameters.limits.reachable = {{board::ram.base, ram_bytes(scenario)}};
    parameters.limits.tiles = scenario.tppe.count;
    parameters.chunk_bits = scenario.tppe.chunk_bits;
    parameters.rings = scenario.queue.rings;
    parameters.clock_mhz = static_cast<double>(scenario.clock_mhz);
    parameters.register_latency = nanoseconds(register_latency_ns);
    return parameters;
}

dram::parameters dram_parameters(const config::dram_params& from)
{
    dram::parameters to;
    to.channels = from.channels;
    to.channel_bits = from.channel_bits;
    to.burst_beats = from.burst_beats;
    to.bank_groups = from.bank_groups;
    to.banks_per_group = from.banks_per_group;
    to.row_bytes = from.row_bytes;
    to.timing = {from.t_ck_ns,  from.t_rcd_ns,   from.t_rp_ns,    from.t_cl_ns,  from.t_cwl_ns, from.t_ras_ns,
                 from.t_rc_ns,  from.t_ccd_s_ns, from.t_ccd_l_ns, from.t_rrd_ns, from.t_faw_ns, from.t_wr_ns,
                 from.t_wtr_ns, from.t_rtp_ns,   from.t_refi_ns,  from.t_rfc_ns};
    to.mapping = from.mapping;
    to.channel_hash = from.channel_hash;
    to.refresh_staggered = from.refresh_staggered;
    to.page = from.page_policy == "closed" ? dram::page_policy::closed : dram::page_policy::open;
    to.scheduler = from.scheduler == "fcfs" ? dram::scheduling::fcfs : dram::scheduling::fr_fcfs;
    to.read_window = from.read_window;
    to.write_window = from.write_window;
    to.write_high = from.write_high;
    to.write_low = from.write_low;
    if (const std::string mistake = dram::mistake_in(to); !mistake.empty())
        throw text::user_error("[dram] " + mistake);
    return to;
}

memory::cache_parameters cache_parameters(const config::cache_params& from)
{
    memory::cache_parameters to;
    to.geometry.size_bytes = std::uint64_t{from.size_kib} * 1024;
    to.geometry.line_bytes = from.line_bytes;
    to.geometry.banks = from.banks;
    to.geometry.ways = from.ways;
    to.geometry.policy = from.policy == "lru"      ? cache::replacement::lru
                         : from.policy == "random" ? cache::replacement::random
                                                   : cache::replacement::a_first;
    to.geometry.seed = static_cast<std::uint64_t>(from.seed);
    to.mshrs = from.mshrs;
    to.write_buffers = from.write_buffers;
    to.ideal = from.ideal;
    return to;
}

/// What an access takes while nothing else is under way: the row closed, the line not in the cache.
sc_time unloaded_latency(const config::scenario& scenario)
{
    if (scenario.memory.backend == "ideal")
        return sc_core::SC_ZERO_TIME;
    if (scenario.memory.backend == "fixed")
        return nanoseconds(static_cast<double>(scenario.memory.latency_ns));
    const config::dram_params& dram = scenario.dram;
    return nanoseconds(dram.t_rcd_ns + dram.t_cl_ns + dram.burst_beats / 2.0 * dram.t_ck_ns);
}

memory::memory_system_parameters memory_parameters(const config::scenario& scenario)
{
    memory::memory_system_parameters to;
    to.cached = scenario.memory.backend == "dram" && scenario.timing == "at";
    const bool unlimited = scenario.timing == "lt" || scenario.memory.backend == "ideal";
    to.fixed = {unloaded_latency(scenario), unlimited ? 0 : scenario.memory.bandwidth_gb_per_s};
    to.xbar.clock = kernel::clock(static_cast<double>(scenario.clock_mhz));
    to.xbar.line_bytes = scenario.cache.line_bytes;
    to.xbar.banks = scenario.cache.banks;
    to.xbar.bank_ports = scenario.cache.bank_ports;
    to.xbar.hit_latency = scenario.cache.ideal ? 0 : scenario.cache.hit_latency;
    to.xbar.latency = scenario.xbar.ideal ? 0 : scenario.xbar.latency;
    to.xbar.policy = scenario.xbar.arbitration == "fixed-priority" ? memory::arbitration::fixed_priority
                                                                   : memory::arbitration::round_robin;
    to.xbar.ideal = scenario.xbar.ideal;
    to.cache = cache_parameters(scenario.cache);
    to.dram = dram_parameters(scenario.dram);
    to.dram_ideal = scenario.dram.ideal;
    to.check_commands = scenario.run.check_protocol;
    to.lose_response = static_cast<std::uint64_t>(scenario.dram.lose_response);
    return to;
}

} // namespace

machine::machine(const sc_core::sc_module_name& name, const config::scenario& scenario,
                 std::function<void(loas_log_level, const char*)> log)
    : sc_module(name), m_links(scenario.run.check_protocol),
      m_ram("ram", ram_bytes(scenario), nanoseconds(ram_latency_ns)),
      m_interrupts("interrupts", scenario.queue.rings, nanoseconds(register_latency_ns)),
      m_cpu("cpu", cpu_parameters(scenario, std::move(log))), m_queue("queue", queue_parameters(scenario)),
      m_accelerator(designs::design_of(scenario).build(scenario, m_wheel)),
      m_memory("memory", memory_parameters(scenario), m_wheel, m_links),
      m_ring_interrupts("ring_interrupts", scenario.queue.rings)
{
    m_links.connect(
        "bus_to_interrupts",
        m_bus.map("to_interrupts", board::interrupt_controller.base, board::interrupt_controller.size_bytes),
        m_interrupts.bus_in);
    connect_rings();
    m_links.connect("bus_to_ram", m_bus.map("to_ram", board::ram.base, ram_bytes(scenario)), m_ram.bus_in);

    // Software and the queue's descriptors go past the cache; the cache sees them go.
    m_links.connect("cpu_to_coherence", m_cpu.bus_out, m_coherence.bus_in);
    m_links.connect("queue_to_coherence", m_queue.dma_out, m_coherence.bus_in);
    m_links.connect("coherence_to_bus", m_coherence.bus_out, m_bus.bus_in);
    m_coherence.set_cache(m_memory.cache_control());
    m_memory.connect_storage(m_bus.bus_in);
    m_debug_out.bind(m_bus.bus_in);

    for (kernel::memory_port* port : m_accelerator->memory_ports())
        m_memory.connect("accelerator_to_memory", port->socket);
    m_accelerator->set_cache(m_memory.cache_control());
    m_queue.executor.bind(*m_accelerator);
    m_queue.set_meter(&m_memory);

    m_interrupts.interrupt_out.bind(m_cpu_interrupt);
    m_cpu.interrupt_in.bind(m_cpu_interrupt);
}

/// A block of registers and an interrupt each.
void machine::connect_rings()
{
    for (unsigned i = 0; i < m_queue.rings(); ++i) {
        control::command_ring& ring = m_queue.ring(i);
        const std::string number = i == 0 ? "" : std::to_string(i);
        const std::uint64_t base = board::accelerator.base + std::uint64_t{i} * LOAS_REGISTER_BLOCK_BYTES;
        m_links.connect("bus_to_registers" + number,
                        m_bus.map("to_accelerator" + number, base, LOAS_REGISTER_BLOCK_BYTES), ring.bus_in);
        ring.interrupt_out.bind(m_ring_interrupts[i]);
        m_interrupts.interrupts_in[board::accelerator.interrupt + i].bind(m_ring_interrupts[i]);
    }
}

std::string machine::describe() const
{
    std::string text = m_cpu.describe() + "; " + m_queue.describe();
    for (const std::string& part : {m_accelerator->describe(), m_memory.describe()})
        if (!part.empty())
            text += "; " + part;
    return text;
}

std::vector<std::string> machine::violations() const
{
    std::vector<std::string> all = m_links.violations();
    for (const std::string& each : m_memory.violations())
        all.push_back("DRAM: " + each);
    return all;
}

bool machine::debug_read(std::uint64_t address, void* data, std::size_t bytes)
{
    tlm::tlm_generic_payload access;
    kernel::prepare(access, tlm::TLM_READ_COMMAND, address, data, bytes);
    return bytes == 0 || m_debug_out->transport_dbg(access) == bytes;
}

} // namespace loas::machine
