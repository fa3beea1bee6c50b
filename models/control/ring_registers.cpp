// The registers of a ring. A new one is a row here; then update the header and the pages as sw/abi/README.md says.
#include "models/control/ring_registers.h"

#include "abi/loas_abi.h"

namespace loas::control
{
namespace
{

using kernel::field_row;
using kernel::register_row;
using kernel::right;

field_row whole(right rights, std::uint32_t reset = 0)
{
    return {"", 0, 32, rights, reset, ""};
}

field_row bit(const char* name, unsigned at, right rights, const char* meaning)
{
    return {name, at, 1, rights, 0, meaning};
}

register_row constant(std::uint32_t offset, const char* name, std::uint32_t value, const char* meaning)
{
    return {offset, name, {whole(right::ro, value)}, meaning};
}

register_row of_design(std::uint32_t offset, const char* name, const char* meaning)
{
    return {offset, name, {whole(right::ro)}, meaning, kernel::by_design};
}

register_row told(std::uint32_t offset, const char* name, const char* meaning)
{
    return {offset, name, {whole(right::ro)}, meaning, kernel::changes};
}

register_row set_up(std::uint32_t offset, const char* name, const char* meaning)
{
    return {offset, name, {whole(right::rw)}, meaning, kernel::while_disabled};
}

std::vector<register_row> what_the_device_is()
{
    const right ro = right::ro;
    return {
        constant(0x000, "ID", LOAS_ID_VALUE, "\"LoAS\" in memory order, LOAS_ID_VALUE"),
        constant(0x004, "VERSION", LOAS_ABI_MAJOR << 16 | LOAS_ABI_MINOR,
                 "of the contract: major in the upper half, minor in the lower"),
        of_design(0x008, "ACCELERATOR", "which design answers, enum loas_accelerator"),
        {0x00C,
         "FEATURES",
         {bit("CONVOLUTION", 0, ro, "kernel or stride above 1, or padding"), bit("POOLING", 1, ro, "windows above 1"),
          bit("SOFT_RESET_NEURON", 2, ro, "neurons that keep what is above the threshold"),
          bit("SINGLE_SPIKE_MASK", 3, ro, "single spikes of outputs are silenced"),
          bit("CURRENTS", 4, ro, "int32 currents as output"),
          bit("DELAYED_RESET_NEURON", 5, ro, "neurons from which the threshold is subtracted a timestep later"),
          bit("CARRY", 6, ro, "potentials that are carried from layer to layer"),
          bit("THRESHOLDS", 7, ro, "a threshold for each column"),
          bit("FIRST_SPIKE_NEURON", 8, ro, "neurons that spike at most once"),
          bit("FEW_SPIKES_NEURON", 9, ro, "neurons whose spikes are the bits of a number")},
         "what the design can do",
         kernel::by_design,
         "LOAS_FEATURE_"},
        of_design(0x010, "TILES", "compute tiles (TPPEs)"),
        of_design(0x014, "MAX_TIMESTEPS", "largest T of a layer"),
        of_design(0x018, "CHUNK_BITS", "mask bits joined at once"),
        of_design(0x01C, "CLOCK_KHZ", "clock of the accelerator"),
    };
}

std::vector<register_row> the_ring()
{
    const right ro = right::ro, rw = right::rw, wo = right::wo, w1c = right::w1c;
    return {
        {0x020,
         "CONTROL",
         {bit("ENABLE", 0, rw, "the ring runs while set"),
          bit("RESUME", 1, wo, "leave the halt after an error, go on with the next entry"),
          bit("SOFT_RESET", 2, wo, "abandon the work in flight, all registers to reset values")},
         "starts and stops the ring",
         kernel::checked | kernel::refuses_reserved,
         "LOAS_CONTROL_"},
        {0x024,
         "STATUS",
         {{"IDLE", 0, 1, ro, 1, "nothing in flight and the ring empty, disabled or halted"},
          bit("BUSY", 1, ro, "a descriptor is in flight"),
          bit("HALTED", 2, ro, "stopped by an error until RESUME or SOFT_RESET")},
         "what the ring does",
         kernel::changes,
         "LOAS_STATE_"},
        {0x028,
         "IRQ_STATUS",
         {bit("COMPLETION", 0, w1c, "a descriptor with LOAS_FLAG_INTERRUPT completed"),
          bit("ERROR", 1, w1c, "a descriptor failed")},
         "why the ring interrupts",
         kernel::changes,
         "LOAS_IRQ_"},
        {0x02C,
         "IRQ_ENABLE",
         {bit("COMPLETION", 0, rw, "may interrupt"), bit("ERROR", 1, rw, "may interrupt")},
         "the same bits: which of them interrupt",
         kernel::plain,
         "LOAS_IRQ_"},
        set_up(0x030, "QUEUE_BASE_LO", "descriptor ring, 64-byte aligned"),
        set_up(0x034, "QUEUE_BASE_HI", "its upper half"),
        set_up(0x038, "COMPLETION_BASE_LO", "completion ring, 32-byte aligned"),
        set_up(0x03C, "COMPLETION_BASE_HI", "its upper half"),
        set_up(0x040, "QUEUE_SIZE", "entries of both rings, a power of two 2..4096"),
        told(0x044, "QUEUE_HEAD", "next entry that the device takes, 0..size-1"),
        {0x048,
         "QUEUE_TAIL",
         {whole(rw)},
         "the doorbell: first entry that is not the device's, 0..size-1",
         kernel::checked},
        {0x04C,
         "FORMATS",
         {{"SPIKES", 0, 4, ro, 0, "enum loas_spike_format, of inputs and of outputs"},
          {"WEIGHTS", 4, 4, ro, 0, "enum loas_weight_format"},
          bit("WORK_AREA", 16, ro, "the output must be followed by a work area, see loas_work_bytes")},
         "the formats that the design reads and writes",
         kernel::by_design,
         "LOAS_FORMATS_"},
        told(0x050, "ERROR_CODE", "enum loas_status of the first error since the last clear or reset"),
        told(0x054, "ERROR_INDEX", "ring entry of that descriptor"),
        told(0x058, "ERROR_ADDRESS_LO", "address that caused it, 0: none"),
        told(0x05C, "ERROR_ADDRESS_HI", "its upper half"),
        of_design(0x060, "RINGS", "number of rings; the registers of ring i lie i blocks further on"),
    };
}

/// 64 bits each, in the order of enum loas_counter.
std::vector<register_row> counters()
{
    return {
        {0x100,
         "COUNTERS",
         {whole(right::ro)},
         "counters, 8 bytes apart, lower halves",
         kernel::changes,
         nullptr,
         "latches the upper",
         LOAS_COUNTER_COUNT,
         8},
        {0x104,
         "COUNTERS_HI",
         {whole(right::ro)},
         "upper halves, as latched",
         kernel::changes,
         nullptr,
         nullptr,
         LOAS_COUNTER_COUNT,
         8},
    };
}

} // namespace

const kernel::register_table& ring_registers()
{
    static const kernel::register_table table = [] {
        kernel::register_table all{"accelerator", "LOAS_REG_", LOAS_REGISTER_BLOCK_BYTES, {}};
        for (const auto& part : {what_the_device_is(), the_ring(), counters()})
            all.rows.insert(all.rows.end(), part.begin(), part.end());
        return all;
    }();
    return table;
}

} // namespace loas::control
