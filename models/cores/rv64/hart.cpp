#include "models/cores/rv64/hart.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace loas::rv64
{
namespace
{

std::array<std::int64_t, operations> cost_table(const class_cycles& of)
{
    enum { alu, mul, div, load, store, atomic, taken_branch, csr, fp, nothing };
    const std::int64_t classes[] = {
        of.alu, of.mul, of.div, of.load, of.store, std::int64_t{of.load} + of.store, of.taken_branch, of.csr, of.fp, 0};
    return {{
#define RV64_OPERATION(name, cost) classes[cost],
#include "models/cores/rv64/operations.inc"
#undef RV64_OPERATION
    }};
}

} // namespace

hart::hart(bus& outside, const hart_settings& settings)
    : m_bus(outside), m_settings(settings), m_cost(cost_table(settings.cycles)),
      m_taken_branch_extra(std::uint64_t{settings.cycles.taken_branch} - settings.cycles.alu)
{
    if (m_settings.form == dispatch::threaded)
        execute_threaded(nullptr, 0); // only says where its labels are
    reset(0);
}

void hart::reset(std::uint64_t pc)
{
    m_x.fill(0);
    m_f.fill(0);
    m_rounding = m_flags = 0;
    m_blocks.clear();
    m_link = nullptr;
    m_stale = m_waiting = m_reserved = false;
    m_instret = m_traps = m_alike = 0;
    m_in_handler = false;
    m_mie = m_mtvec = m_mscratch = m_mepc = m_mcause = m_mtval = m_mcounteren = m_menvcfg = 0;
    m_mcycle_offset = std::uint64_t{0} - m_cycle;
    m_minstret_offset = 0;
    m_mstatus = status::uxl_64;
    m_pmp = {};
    m_pc = pc & ~std::uint64_t{1};
    forget_all_translations();
    set_mode(true);
}

hart::stop hart::run(std::uint64_t until_cycle)
{
    // Cycles left are a signed number; nobody notices a stop after 2^62 of them.
    until_cycle = std::min(until_cycle, m_cycle + (std::uint64_t{1} << 62));
    while (m_cycle < until_cycle) {
        drop_stale();
        if (m_alike >= most_alike)
            return stop::lost;
        if (take_interrupt() || m_waiting) {
            m_link = nullptr;
            if (m_waiting)
                return stop::waiting;
        }
        block* at = block_here();
        if (at == nullptr)
            continue; // cannot be fetched: trapped
        const auto cycles_left = static_cast<std::int64_t>(until_cycle - m_cycle);
        if (at->cycles_before_last >= cycles_left)
            at = cut(*at, cycles_left);
        const left how =
            m_settings.form == dispatch::threaded ? execute_threaded(at, until_cycle) : execute_plain(at, until_cycle);
        if (how == left::accessed)
            return stop::accessed;
    }
    return stop::time_up;
}

hart::stop hart::run_instructions(std::uint64_t count, std::uint64_t until_cycle)
{
    // Each takes a cycle at least, so as many cycles hold no more of them.
    const std::uint64_t end = m_instret + m_traps + count;
    while (m_instret + m_traps < end && m_cycle < until_cycle) {
        const std::uint64_t cycles = std::min(end - (m_instret + m_traps), until_cycle - m_cycle);
        const stop why = run(m_cycle + cycles);
        if (why != stop::time_up)
            return why;
    }
    return stop::time_up;
}

void hart::drop_stale()
{
    if (!m_stale)
        return;
    m_blocks.clear();
    m_link = nullptr;
    m_stale = false;
}

block* hart::block_here()
{
    block** link = std::exchange(m_link, nullptr);
    block* found = m_blocks.find(m_pc, m_machine_mode);
    if (found == nullptr) {
        std::array<instruction, block::longest + 1> records;
        block fresh;
        fresh.pc = fresh.end = m_pc;
        do {
            std::uint16_t low = 0, high = 0;
            const bool first = fresh.count == 0;
            const std::uint64_t pc = fresh.end;
            std::uint64_t missing = pc;
            bool there = fetch_parcel(pc, low);
            if (there && !is_compressed(low)) {
                missing = pc + 2;
                there = fetch_parcel(pc + 2, high);
            }
            if (!there) {
                if (!first)
                    break; // whoever comes there will trap
                m_cycle += m_settings.cycles.alu;
                trap(cause::fetch_access, missing);
                return nullptr;
            }
            instruction& here = records[fresh.count++];
            here = decode(static_cast<std::uint32_t>(high) << 16 | low, pc);
            fresh.cycles_before_last = fresh.cycles;
            fresh.cycles += m_cost[static_cast<std::size_t>(here.what)];
            fresh.end += here.length;
        } while (!ends_block(records[fresh.count - 1].what) && fresh.count < block::longest &&
                 (fresh.end ^ fresh.pc) < page_bytes);
        std::size_t length = fresh.count;
        if (!ends_block(records[length - 1].what))
            records[length++].what = operation::go_on;
        if (m_labels != nullptr)
            for (std::size_t i = 0; i < length; ++i)
                records[i].label = m_labels[static_cast<std::size_t>(records[i].what)];
        const std::uint64_t generation = m_blocks.generation();
        found = m_blocks.add(fresh, m_machine_mode, records.data(), length);
        if (generation != m_blocks.generation())
            link = nullptr;
        forget_writable(fresh.pc & ~(page_bytes - 1));
        forget_writable((fresh.end - 1) & ~(page_bytes - 1));
    }
    if (link != nullptr)
        *link = found;
    return found;
}

bool hart::fetch_parcel(std::uint64_t address, std::uint16_t& parcel)
{
    if ((m_pmp.rights(address, address + 1, m_machine_mode).value_or(0) & may_execute) == 0)
        return false;
    const page& where = page_at(address);
    if (!where.is_memory)
        return false;
    if (where.bytes == nullptr)
        return m_bus.fetch(address, &parcel, sizeof parcel);
    std::memcpy(&parcel, where.bytes + address % page_bytes, sizeof parcel);
    return true;
}

/// As much of a block as begins within so many cycles; one instruction at least.
block* hart::cut(const block& whole, std::int64_t cycles_left)
{
    m_cut = whole;
    m_cut.first = m_cut_records.data();
    m_cut.taken = m_cut.next = nullptr;
    m_cut.end = whole.pc;
    m_cut.count = 0;
    m_cut.cycles = 0;
    while (m_cut.count < whole.count && m_cut.cycles < cycles_left) {
        const instruction& each = whole.first[m_cut.count];
        m_cut_records[m_cut.count++] = each;
        m_cut.end += each.length;
        m_cut.cycles_before_last = m_cut.cycles;
        m_cut.cycles += m_cost[static_cast<std::size_t>(each.what)];
    }
    instruction& last = m_cut_records[m_cut.count];
    last = {};
    last.what = operation::stop_here;
    if (m_labels != nullptr)
        last.label = m_labels[static_cast<std::size_t>(last.what)];
    return &m_cut;
}

bool hart::take_interrupt()
{
    const std::uint64_t pending = m_mip & m_mie;
    if (pending == 0)
        return false;
    m_waiting = false;
    if (m_machine_mode && (m_mstatus & status::mie) == 0)
        return false;
    for (const interrupt_line line : {interrupt_line::external, interrupt_line::software, interrupt_line::timer})
        if ((pending >> static_cast<unsigned>(line) & 1) != 0) {
            trap(cause::interrupt | static_cast<unsigned>(line), 0);
            break;
        }
    return true;
}

/// A program may leave a handler without mret, and trap again; nobody does so thousands of times at the same place.
void hart::note_exception(std::uint64_t cause, std::uint64_t value)
{
    m_bus.trapped(*this, cause, value);
    if (!m_in_handler)
        m_first_trap = {m_pc, cause, value};
    m_alike = m_in_handler && m_trapped_at == m_pc ? m_alike + 1 : 0;
    m_in_handler = true;
    m_trapped_at = m_pc;
}

void hart::trap(std::uint64_t cause, std::uint64_t value)
{
    if ((cause & cause::interrupt) == 0)
        note_exception(cause, value);
    m_mepc = m_pc;
    m_mcause = cause;
    m_mtval = value;
    const bool enabled = (m_mstatus & status::mie) != 0;
    m_mstatus &= ~(status::mie | status::mpie | status::mpp);
    m_mstatus |= (enabled ? status::mpie : 0) | (m_machine_mode ? status::mpp : 0);
    const bool vectored = (m_mtvec & 1) != 0 && (cause & cause::interrupt) != 0;
    m_pc = (m_mtvec & ~std::uint64_t{3}) + (vectored ? 4 * (cause & ~cause::interrupt) : 0);
    ++m_traps;
    set_mode(true);
}

/// The instruction traps: it has taken its time, but has not retired.
void hart::trap_at(const instruction* at, std::uint64_t cause, std::uint64_t value)
{
    go_back_to(at);
    m_pc = address_of(at);
    --m_instret;
    trap(cause, value);
}

/// A block counts all of its instructions when it is entered; here those behind one of them have not run.
void hart::go_back_to(const instruction* at)
{
    const instruction* end = m_block->first + m_block->count;
    for (const instruction* each = at + 1; each < end; ++each) {
        m_cycle -= static_cast<std::uint64_t>(m_cost[static_cast<std::size_t>(each->what)]);
        --m_instret;
    }
}

std::uint64_t hart::address_of(const instruction* at) const
{
    std::uint64_t address = m_block->pc;
    for (const instruction* each = m_block->first; each != at; ++each)
        address += each->length;
    return address;
}

/// The block ends behind this instruction.
hart::left hart::after(const instruction* at, outcome how)
{
    if (how == outcome::trapped)
        return left::look_up;
    go_back_to(at);
    m_pc = address_of(at) + at->length;
    return how == outcome::called ? left::accessed : left::look_up;
}

void hart::set_mode(bool machine)
{
    m_machine_mode = machine;
    m_reserved = false;
    choose_data_mode();
}

/// Loads and stores in machine mode have the privilege in mpp when mprv says so.
void hart::choose_data_mode()
{
    const bool as_before = m_machine_mode && (m_mstatus & status::mprv) != 0;
    const bool as_machine = as_before ? (m_mstatus & status::mpp) != 0 : m_machine_mode;
    m_data = &m_translations[as_machine ? 1 : 0];
}

void hart::set_line(interrupt_line line, bool high)
{
    const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(line);
    m_mip = high ? m_mip | bit : m_mip & ~bit;
}

void hart::advance_to(std::uint64_t cycle)
{
    m_cycle = std::max(m_cycle, cycle);
}

void hart::set_pc(std::uint64_t pc)
{
    m_pc = pc & ~std::uint64_t{1};
    m_link = nullptr;
    m_waiting = false;
}

void hart::set_x(unsigned number, std::uint64_t value)
{
    if (number != 0)
        m_x[number] = value;
}

void hart::written_by_others(std::uint64_t address, std::uint64_t bytes)
{
    if (m_blocks.made_of(address, bytes))
        m_stale = true;
    if (m_reserved && (address - m_reservation < m_reservation_bytes || m_reservation - address < bytes))
        m_reserved = false;
}

} // namespace loas::rv64
