// Accesses that the page pointers of execute.inc do not cover: the first to a page, devices, pages with code, regions
// of PMP smaller than a page, atomics, and what crosses pages.
#include "models/cores/rv64/hart.h"

#include <algorithm>
#include <cstring>

namespace loas::rv64
{
namespace
{

constexpr std::uint64_t page_of(std::uint64_t address)
{
    return address & ~(page_bytes - 1);
}

std::uint64_t combine(std::int64_t funct5, std::uint64_t memory, std::uint64_t source)
{
    const auto signed_memory = static_cast<std::int64_t>(memory), signed_source = static_cast<std::int64_t>(source);
    switch (funct5) {
    case 0x00:
        return memory + source;
    case 0x01:
        return source;
    case 0x04:
        return memory ^ source;
    case 0x08:
        return memory | source;
    case 0x0c:
        return memory & source;
    case 0x10:
        return signed_memory < signed_source ? memory : source;
    case 0x14:
        return signed_memory > signed_source ? memory : source;
    case 0x18:
        return std::min(memory, source);
    default: // 0x1c
        return std::max(memory, source);
    }
}

std::uint64_t sign_extended(std::uint64_t value, unsigned bytes)
{
    return bytes == 8 ? value : static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(value)});
}

constexpr std::int64_t load_reserved_funct5 = 2, store_conditional_funct5 = 3;

} // namespace

const page& hart::page_at(std::uint64_t address)
{
    const std::uint64_t first = page_of(address);
    if (first != m_last_page) { // a program that polls asks for the same one again and again
        const auto known = m_pages.find(first);
        m_last =
            known != m_pages.end() ? &known->second : &m_pages.emplace(first, m_bus.find_page(first)).first->second;
        m_last_page = first;
    }
    return *m_last;
}

void hart::forget_pages(std::uint64_t first, std::uint64_t last)
{
    for (auto each = m_pages.begin(); each != m_pages.end();)
        each = each->first <= last && (each->first | (page_bytes - 1)) >= first ? m_pages.erase(each) : std::next(each);
    m_last_page = no_page;
    forget_all_translations();
}

void hart::forget_all_translations()
{
    for (translation_table& table : m_translations)
        table.fill({});
}

void hart::forget_writable(std::uint64_t page)
{
    for (translation_table& table : m_translations) {
        translation& entry = table[page / page_bytes % translations];
        if (entry.writable == page)
            entry.writable = 1;
    }
}

/// From now on execute.inc finds this page by itself, as far as it may be used as a whole.
void hart::remember(std::uint64_t address, const page& where)
{
    const std::uint64_t first = page_of(address);
    const bool as_machine = m_data == &m_translations[1];
    const unsigned rights = m_pmp.rights(first, first + page_bytes - 1, as_machine).value_or(0);
    translation& entry = (*m_data)[first / page_bytes % translations];
    entry.readable = (rights & may_read) != 0 ? first : 1;
    entry.writable = (rights & may_write) != 0 && where.writable && !m_blocks.is_marked(first) ? first : 1;
    entry.host = reinterpret_cast<std::uintptr_t>(where.bytes) - first;
}

/// Traps, unless PMP and what lies there allow the access.
bool hart::may_access(const instruction* at, access kind, std::uint64_t address, unsigned bytes)
{
    const bool loads = kind == access::load || kind == access::load_reserved;
    const bool atomic = kind != access::load && kind != access::store;
    const unsigned needed = kind == access::read_and_write ? may_read | may_write : loads ? may_read : may_write;
    const std::uint64_t last = address + bytes - 1;
    const bool as_machine = m_data == &m_translations[1];
    const bool misaligned = address % bytes != 0;
    const bool memory = page_at(address).is_memory && (!misaligned || page_at(last).is_memory);
    if (misaligned && (atomic || !memory)) {
        trap_at(at, loads ? cause::load_misaligned : cause::store_misaligned, address);
        return false;
    }
    if (last < address || (m_pmp.rights(address, last, as_machine).value_or(0) & needed) != needed ||
        (atomic && !memory)) {
        trap_at(at, loads ? cause::load_access : cause::store_access, address);
        return false;
    }
    return true;
}

/// One call of the bus; traps when it fails.
bool hart::call(const instruction* at, access kind, std::uint64_t address, unsigned bytes, void* to, const void* from)
{
    const std::uint64_t cycle = m_cycle, instret = m_instret;
    go_back_to(at);
    m_cycle -= static_cast<std::uint64_t>(m_cost[static_cast<std::size_t>(at->what)]);
    --m_instret;
    m_pc = address_of(at);
    const access_end end = to != nullptr ? m_bus.read(address, to, bytes) : m_bus.write(address, from, bytes);
    m_cycle = cycle + end.cycles;
    m_instret = instret;
    if (!end.ok) {
        const bool loads = kind == access::load || kind == access::load_reserved;
        trap_at(at, loads ? cause::load_access : cause::store_access, address);
    }
    return end.ok;
}

hart::outcome hart::read(const instruction* at, access kind, std::uint64_t address, unsigned bytes,
                         std::uint64_t& value)
{
    outcome how = outcome::done;
    unsigned char data[8] = {};
    for (unsigned done = 0; done < bytes;) {
        const std::uint64_t from = address + done;
        const unsigned part = std::min(bytes - done, static_cast<unsigned>(page_bytes - from % page_bytes));
        const page& where = page_at(from);
        if (where.bytes != nullptr) {
            std::memcpy(data + done, where.bytes + from % page_bytes, part);
            remember(from, where);
        } else if (call(at, kind, from, part, data + done, nullptr)) {
            how = outcome::called;
        } else {
            return outcome::trapped;
        }
        done += part;
    }
    std::memcpy(&value, data, sizeof value);
    return how;
}

hart::outcome hart::write(const instruction* at, access kind, std::uint64_t address, unsigned bytes,
                          std::uint64_t value)
{
    outcome how = outcome::done;
    unsigned char data[8];
    std::memcpy(data, &value, sizeof data);
    for (unsigned done = 0; done < bytes;) {
        const std::uint64_t to = address + done;
        const unsigned part = std::min(bytes - done, static_cast<unsigned>(page_bytes - to % page_bytes));
        const page& where = page_at(to);
        if (where.bytes != nullptr && where.writable) {
            std::memcpy(where.bytes + to % page_bytes, data + done, part);
            remember(to, where);
        } else if (call(at, kind, to, part, nullptr, data + done)) {
            how = outcome::called;
        } else {
            return outcome::trapped;
        }
        done += part;
    }
    if (!page_at(address).is_memory || !m_blocks.made_of(address, bytes))
        return how;
    m_stale = true;
    return how == outcome::called ? how : outcome::changed_code;
}

hart::outcome hart::load(const instruction* at, std::uint64_t address, unsigned bytes, std::uint64_t& value)
{
    return may_access(at, access::load, address, bytes) ? read(at, access::load, address, bytes, value)
                                                        : outcome::trapped;
}

hart::outcome hart::store(const instruction* at, std::uint64_t address, unsigned bytes, std::uint64_t value)
{
    return may_access(at, access::store, address, bytes) ? write(at, access::store, address, bytes, value)
                                                         : outcome::trapped;
}

hart::outcome hart::reserve(const instruction* at, unsigned bytes)
{
    const std::uint64_t address = m_x[at->rs1];
    if (!may_access(at, access::load_reserved, address, bytes))
        return outcome::trapped;
    std::uint64_t value = 0;
    const outcome how = read(at, access::load_reserved, address, bytes, value);
    if (how == outcome::trapped)
        return how;
    m_reserved = true;
    m_reservation = address;
    m_reservation_bytes = bytes;
    m_x[at->rd] = sign_extended(value, bytes);
    return how;
}

hart::outcome hart::store_reserved(const instruction* at, unsigned bytes)
{
    const std::uint64_t address = m_x[at->rs1];
    if (!may_access(at, access::store_conditional, address, bytes))
        return outcome::trapped;
    const bool holds = m_reserved && m_reservation == address && m_reservation_bytes == bytes;
    m_reserved = false;
    const outcome how = holds ? write(at, access::store_conditional, address, bytes, m_x[at->rs2]) : outcome::done;
    if (how != outcome::trapped)
        m_x[at->rd] = holds ? 0 : 1;
    return how;
}

hart::outcome hart::atomic(const instruction* at, unsigned bytes)
{
    if (at->immediate == load_reserved_funct5)
        return reserve(at, bytes);
    if (at->immediate == store_conditional_funct5)
        return store_reserved(at, bytes);
    const std::uint64_t address = m_x[at->rs1];
    if (!may_access(at, access::read_and_write, address, bytes))
        return outcome::trapped;
    std::uint64_t memory = 0;
    const outcome how_read = read(at, access::read_and_write, address, bytes, memory);
    if (how_read == outcome::trapped)
        return how_read;
    memory = sign_extended(memory, bytes);
    // Sign-extended numbers keep their order, signed and unsigned.
    const std::uint64_t result = combine(at->immediate, memory, sign_extended(m_x[at->rs2], bytes));
    const outcome how_written = write(at, access::read_and_write, address, bytes, result);
    if (how_written != outcome::trapped)
        m_x[at->rd] = memory;
    return how_read == outcome::called && how_written == outcome::done ? how_read : how_written;
}

} // namespace loas::rv64
