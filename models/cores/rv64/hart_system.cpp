// Control and status registers, and the instructions that change the state of the hart.
#include "models/cores/rv64/hart.h"

namespace loas::rv64
{
namespace
{

constexpr std::uint64_t extensions(const char* letters)
{
    std::uint64_t all = 0;
    for (; *letters != 0; ++letters)
        all |= std::uint64_t{1} << (*letters - 'A');
    return all;
}

constexpr std::uint64_t misa_value = std::uint64_t{2} << 62 | extensions("ACDFIMU");
constexpr std::uint64_t counters_mask = 7; // cycle, time, instret
constexpr std::uint64_t interrupts_mask = 1U << 3 | 1U << 7 | 1U << 11;
constexpr std::uint64_t fence_of_io_implies_memory = 1; // the only bit of menvcfg without supervisor mode

// Counters, regions and triggers that the ISA has room for and this hart does not have: they read 0, and writes do
// nothing.
bool reads_zero(unsigned number)
{
    const bool counters = (number >= csr::mcycle + 3 && number < csr::mcycle + 32) ||
                          (number >= csr::cycle + 3 && number < csr::cycle + 32) ||
                          (number >= csr::mhpmevent3 && number < csr::mhpmevent3 + 29);
    const bool protection =
        number == csr::pmpcfg0 + 2 || (number >= csr::pmpaddr0 + pmp::regions && number < csr::pmpaddr0 + 16);
    const bool identity = number == csr::mvendorid || number == csr::marchid || number == csr::mimpid ||
                          number == csr::mconfigptr || number == csr::mcountinhibit;
    const bool triggers = number >= csr::tselect && number < csr::tselect + 4; // 0: of no type, so there are none
    return counters || protection || identity || triggers;
}

bool is_address_of_region(unsigned number)
{
    return number >= csr::pmpaddr0 && number < csr::pmpaddr0 + pmp::regions;
}

} // namespace

hart::left hart::system(const instruction* at)
{
    const std::uint64_t pc = address_of(at);
    switch (at->what) {
    case operation::ecall:
        trap_at(at, m_machine_mode ? cause::ecall_from_m : cause::ecall_from_u, 0);
        return left::look_up;
    case operation::ebreak:
        m_pc = pc;
        if (!m_bus.breakpoint(*this)) {
            trap_at(at, cause::breakpoint, 0);
            return left::look_up;
        }
        m_pc += at->length;
        return left::accessed;
    case operation::mret: {
        if (!m_machine_mode)
            break;
        const bool to_machine = (m_mstatus & status::mpp) != 0, enabled = (m_mstatus & status::mpie) != 0;
        m_mstatus &= ~(status::mie | status::mpp | (to_machine ? 0 : status::mprv));
        m_mstatus |= status::mpie | (enabled ? status::mie : 0);
        m_pc = m_mepc;
        m_in_handler = false;
        set_mode(to_machine);
        return left::look_up;
    }
    case operation::wfi:
        if (!m_machine_mode && (m_mstatus & status::tw) != 0)
            break;
        m_pc = pc + at->length;
        m_waiting = true;
        return left::look_up;
    case operation::fence_i:
        m_pc = pc + at->length;
        m_stale = true;
        return left::look_up;
    default:
        if (!csr_instruction(at))
            break;
        m_pc = pc + at->length;
        return left::look_up;
    }
    return illegal(at);
}

/// The bits of the instruction go into mtval; a decoded one no longer has them.
hart::left hart::illegal(const instruction* at)
{
    std::uint16_t low = 0, high = 0;
    const std::uint64_t pc = address_of(at);
    if (fetch_parcel(pc, low) && at->length == 4)
        fetch_parcel(pc + 2, high);
    trap_at(at, cause::illegal, std::uint64_t{high} << 16 | low);
    return left::look_up;
}

bool hart::csr_instruction(const instruction* at)
{
    const auto number = static_cast<unsigned>(at->immediate);
    const bool replaces = at->what == operation::csrrw || at->what == operation::csrrwi;
    const bool is_immediate = at->what >= operation::csrrwi;
    const bool writes = replaces || at->rs1 != 0;
    if (!may_access_csr(number, writes))
        return false;
    // Counters read what they were before this instruction, and what is written to one holds after it.
    const auto cycles = static_cast<std::uint64_t>(m_cost[static_cast<std::size_t>(at->what)]);
    m_cycle -= cycles;
    --m_instret;
    std::uint64_t old = 0;
    const bool exists = read_csr(number, old);
    m_cycle += cycles;
    ++m_instret;
    if (!exists)
        return false;
    const std::uint64_t source = is_immediate ? at->rs1 : m_x[at->rs1];
    const bool sets = at->what == operation::csrrs || at->what == operation::csrrsi;
    if (writes && !write_csr(number, replaces ? source : sets ? old | source : old & ~source))
        return false;
    m_x[at->rd] = old;
    return true;
}

bool hart::may_access_csr(unsigned number, bool writes) const
{
    const bool read_only = number >> 10 == 3, for_user = (number >> 8 & 3) == 0;
    if (writes && read_only)
        return false;
    const bool floats = number >= csr::fflags && number <= csr::fcsr;
    if (floats && (m_mstatus & status::fs) == 0)
        return false;
    if (m_machine_mode)
        return true;
    const bool counter = number >= csr::cycle && number < csr::cycle + 32;
    return for_user && (!counter || (m_mcounteren >> (number - csr::cycle) & 1) != 0);
}

bool hart::read_counter(unsigned number, std::uint64_t& value)
{
    switch (number) {
    case csr::cycle:
    case csr::mcycle:
        value = m_cycle + m_mcycle_offset;
        return true;
    case csr::instret:
    case csr::minstret:
        value = m_instret + m_minstret_offset;
        return true;
    case csr::time:
        value = m_bus.time();
        return true;
    default:
        value = 0;
        return reads_zero(number);
    }
}

bool hart::read_csr(unsigned number, std::uint64_t& value)
{
    if (is_address_of_region(number)) {
        value = m_pmp.address(number - csr::pmpaddr0);
        return true;
    }
    switch (number) {
    case csr::mhartid:
        value = m_settings.id;
        return true;
    case csr::mstatus:
        value = m_mstatus;
        return true;
    case csr::misa:
        value = misa_value;
        return true;
    case csr::mie:
        value = m_mie;
        return true;
    case csr::mip:
        value = m_mip;
        return true;
    case csr::mtvec:
        value = m_mtvec;
        return true;
    case csr::mcounteren:
        value = m_mcounteren;
        return true;
    case csr::menvcfg:
        value = m_menvcfg;
        return true;
    case csr::mscratch:
        value = m_mscratch;
        return true;
    case csr::mepc:
        value = m_mepc;
        return true;
    case csr::mcause:
        value = m_mcause;
        return true;
    case csr::mtval:
        value = m_mtval;
        return true;
    case csr::pmpcfg0:
        value = m_pmp.configurations();
        return true;
    default:
        return read_floating_csr(number, value) || read_counter(number, value);
    }
}

bool hart::write_csr(unsigned number, std::uint64_t value)
{
    switch (number) {
    case csr::mstatus:
        write_status(value);
        return true;
    case csr::misa: // nothing can be switched off
    case csr::mip:  // all bits are levels of lines
        return true;
    case csr::mie:
        m_mie = value & interrupts_mask;
        return true;
    case csr::mtvec:
        if ((value & 2) == 0) // other modes than direct and vectored are reserved
            m_mtvec = value;
        return true;
    case csr::mcounteren:
        m_mcounteren = value & counters_mask;
        return true;
    case csr::menvcfg:
        m_menvcfg = value & fence_of_io_implies_memory;
        return true;
    case csr::mscratch:
        m_mscratch = value;
        return true;
    case csr::mepc:
        m_mepc = value & ~std::uint64_t{1};
        return true;
    case csr::mcause:
        m_mcause = value;
        return true;
    case csr::mtval:
        m_mtval = value;
        return true;
    case csr::mcycle:
        m_mcycle_offset = value - m_cycle;
        return true;
    case csr::minstret:
        m_minstret_offset = value - m_instret;
        return true;
    default:
        return write_floating_csr(number, value) || write_protection(number, value) ||
               (reads_zero(number) && number >> 10 != 3);
    }
}

/// Blocks were fetched, and pages found, under the rights of before.
bool hart::write_protection(unsigned number, std::uint64_t value)
{
    if (number == csr::pmpcfg0)
        m_pmp.set_configurations(value);
    else if (is_address_of_region(number))
        m_pmp.set_address(number - csr::pmpaddr0, value);
    else
        return false;
    forget_all_translations();
    m_stale = true;
    return true;
}

void hart::write_status(std::uint64_t value)
{
    constexpr std::uint64_t writable = status::mie | status::mpie | status::mprv | status::tw | status::fs;
    m_mstatus = (m_mstatus & ~writable) | (value & writable);
    m_mstatus = (m_mstatus & status::fs) == status::fs ? m_mstatus | status::sd : m_mstatus & ~status::sd;
    const std::uint64_t mpp = value & status::mpp;
    if (mpp == 0 || mpp == status::mpp) // there are no other modes
        m_mstatus = (m_mstatus & ~status::mpp) | mpp;
    choose_data_mode();
}

} // namespace loas::rv64
