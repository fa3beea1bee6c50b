#include "soc/machine.h"

#include "tlm/access_check.h"

#include <algorithm>

namespace loas::soc
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

cpu::native_cpu_parameters cpu_parameters(const config::scenario& scenario,
                                          std::function<void(loas_log_level, const char*)> log)
{
    return {nanoseconds(static_cast<double>(scenario.cpu.quantum_ns)), address_map::ram, ram_bytes(scenario),
            std::move(log)};
}

control::command_queue_parameters queue_parameters(const config::scenario& scenario)
{
    control::command_queue_parameters parameters;
    parameters.accelerator = LOAS_ACCELERATOR_LOAS;
    parameters.limits.features = LOAS_FEATURE_CONVOLUTION | LOAS_FEATURE_POOLING | LOAS_FEATURE_SOFT_RESET_NEURON |
                                 LOAS_FEATURE_SINGLE_SPIKE_MASK | LOAS_FEATURE_CURRENTS;
    parameters.limits.max_timesteps = scenario.tppe.max_timesteps;
    parameters.limits.reachable = {{address_map::ram, ram_bytes(scenario)}};
    parameters.tiles = scenario.tppe.count;
    parameters.chunk_bits = scenario.tppe.chunk_bits;
    parameters.clock_mhz = static_cast<double>(scenario.clock_mhz);
    parameters.register_latency = nanoseconds(register_latency_ns);
    return parameters;
}

accelerators::loas_parameters accelerator_parameters(const config::scenario& scenario)
{
    const config::tppe_params& from = scenario.tppe;
    accelerators::loas_parameters to;
    to.clock_mhz = static_cast<double>(scenario.clock_mhz);
    to.tiles = from.count;
    to.tppe.timing.fast_latency = from.fast_latency;
    to.tppe.timing.laggy_latency = (from.chunk_bits + from.laggy_adders - 1) / from.laggy_adders;
    to.tppe.timing.laggy_interval = from.laggy_pipelined ? 1 : to.tppe.timing.laggy_latency;
    to.tppe.timing.laggy_ideal = from.laggy_ideal;
    to.tppe.timing.fifo_depth = from.fifo_depth;
    to.tppe.timing.weight_buffer_bytes = from.weight_buffer_bytes;
    to.tppe.timing.empty_join_cycles = from.empty_join_cycles;
    to.tppe.chunk_bits = from.chunk_bits;
    to.tppe.accumulator_sets = from.accumulator_sets;
    to.tppe.widths = {from.acc_bits, from.corr_bits};
    to.plif_latency = scenario.plif.latency;
    to.compressor = {scenario.compressor.adders, from.chunk_bits};
    to.columns_per_sync = from.columns_per_sync != 0 ? from.columns_per_sync : from.accumulator_sets;
    to.prefetch_rows = scenario.scheduler.prefetch_rows;
    to.prefetch_columns = scenario.scheduler.prefetch_columns;
    return to;
}

memory::fixed_memory_parameters memory_parameters(const config::scenario& scenario)
{
    if (scenario.memory.backend == "ideal")
        return {sc_core::SC_ZERO_TIME, 0};
    return {nanoseconds(static_cast<double>(scenario.memory.latency_ns)), scenario.memory.bandwidth_gb_per_s};
}

} // namespace

machine::machine(const sc_core::sc_module_name& name, const config::scenario& scenario,
                 std::function<void(loas_log_level, const char*)> log)
    : sc_module(name), m_ram("ram", ram_bytes(scenario), nanoseconds(ram_latency_ns)),
      m_interrupts("interrupts", 1, nanoseconds(register_latency_ns)),
      m_cpu("cpu", cpu_parameters(scenario, std::move(log))), m_queue("queue", queue_parameters(scenario)),
      m_accelerator("loas", accelerator_parameters(scenario)), m_memory("memory", memory_parameters(scenario))
{
    m_bus.map("to_interrupts", address_map::interrupt_controller, devices::interrupt_controller::size_bytes)
        .bind(m_interrupts.bus_in);
    m_bus.map("to_accelerator", address_map::accelerator, LOAS_REGISTER_BLOCK_BYTES)
        .bind(m_queue.registers.registers_in);
    m_bus.map("to_ram", address_map::ram, ram_bytes(scenario)).bind(m_ram.bus_in);

    m_cpu.bus_out.bind(m_bus.bus_in);
    m_queue.dma_out.bind(m_bus.bus_in);
    m_memory.storage_out.bind(m_bus.bus_in);
    m_debug_out.bind(m_bus.bus_in);
    m_accelerator.operands_out().bind(m_memory.memory_in);
    m_accelerator.results_out().bind(m_memory.memory_in);
    m_queue.executor.bind(m_accelerator);

    m_queue.interrupt_out.bind(m_accelerator_interrupt);
    m_interrupts.interrupts_in[0].bind(m_accelerator_interrupt);
    m_interrupts.interrupt_out.bind(m_cpu_interrupt);
    m_cpu.interrupt_in.bind(m_cpu_interrupt);
}

bool machine::debug_read(std::uint64_t address, void* data, std::size_t bytes)
{
    tlm::tlm_generic_payload access;
    tlm_blocks::prepare(access, tlm::TLM_READ_COMMAND, address, data, bytes);
    return bytes == 0 || m_debug_out->transport_dbg(access) == bytes;
}

} // namespace loas::soc
