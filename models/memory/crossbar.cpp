#include "models/memory/crossbar.h"

#include <algorithm>
#include <sstream>

namespace loas::memory
{

using kernel::event_wheel;
using kernel::traffic;
using observe::counter;
using observe::operand;

crossbar::crossbar(const sc_core::sc_module_name& name, const crossbar_parameters& parameters, event_wheel& wheel)
    : sc_module(name), m_parameters(parameters), m_wheel(wheel), m_place(wheel.take_place()),
      m_line_shift(static_cast<unsigned>(__builtin_ctz(parameters.line_bytes))),
      m_sides(2 * std::size_t{parameters.banks})
{
    ports_in.register_b_transport(this, &crossbar::b_transport);
    ports_in.register_nb_transport_fw(this, &crossbar::nb_transport_fw);
    ports_in.register_transport_dbg(this, &crossbar::transport_dbg);
}

void crossbar::end_of_elaboration()
{
    m_ports.resize(ports_in.size());
    m_cache = cache.operator->();
    m_cache->set_client(*this);
}

void crossbar::b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (!ordinary(access)) {
        cache->refuse(access);
        return;
    }
    m_transactions.block(m_wheel, delay, [&] { return begin(source, access, kernel::absolute_ps(delay)); });
}

tlm::tlm_sync_enum crossbar::nb_transport_fw(int source, tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay)
{
    if (phase != tlm::BEGIN_REQ)
        return tlm::TLM_ACCEPTED;
    if (!ordinary(access)) {
        cache->refuse(access);
        return tlm::TLM_COMPLETED;
    }
    return m_transactions.accept(access, phase, [&] { begin(source, access, kernel::absolute_ps(delay)); });
}

unsigned crossbar::transport_dbg(int, tlm::tlm_generic_payload& access)
{
    return cache->debug(access);
}

bool crossbar::ordinary(const tlm::tlm_generic_payload& access)
{
    const std::uint64_t bytes = access.get_data_length();
    return (access.is_read() || access.is_write()) && bytes > 0 && access.get_address() + (bytes - 1) >= bytes - 1 &&
           access.get_byte_enable_ptr() == nullptr && access.get_streaming_width() >= bytes &&
           access.get_data_ptr() != nullptr;
}

std::uint32_t crossbar::begin(int source, tlm::tlm_generic_payload& access, std::uint64_t time_ps)
{
    const std::uint32_t entry = m_transactions.open(access, source);
    const auto port_index = static_cast<std::uint32_t>(source);
    transaction& added = m_transactions[entry];
    added.address = access.get_address();
    added.end = access.get_address() + access.get_data_length();
    added.data = access.get_data_ptr();
    added.write = access.is_write();
    added.lines_missing = ((added.end - 1) >> m_line_shift) - (added.address >> m_line_shift) + 1;
    added.start_cycle = m_parameters.clock.cycle_of(time_ps);
    if (added.about != nullptr) {
        added.kind = added.about->kind;
        added.broadcast = added.about->broadcast;
        added.ports_before = added.about->ports_before;
        added.ports_behind = added.about->ports_behind;
        added.last_use = added.about->last_use;
    } else {
        added.kind = operand::count;
    }
    if (added.kind != operand::count)
        m_counters[of(counter::request_bytes, added.kind)] += access.get_data_length();

    port& at = m_ports[port_index];
    if (at.first == nobody) {
        at.first = entry;
        m_active.insert(std::lower_bound(m_active.begin(), m_active.end(), port_index), port_index);
        plan(added.start_cycle);
    } else {
        m_transactions[at.last].next = entry;
    }
    at.last = entry;
    return entry;
}

void crossbar::plan(std::uint64_t cycle)
{
    const std::uint64_t time_ps = cycle * m_parameters.clock.period_ps();
    if (time_ps >= m_planned_ps)
        return;
    m_planned_ps = time_ps;
    m_wheel.at(time_ps, *this, arbitrate_now, event_wheel::order_of(event_wheel::turn::arbitration));
}

void crossbar::happen(std::uint64_t now_ps, std::uint64_t what)
{
    if (what != arbitrate_now) {
        respond(static_cast<std::uint32_t>(what), now_ps);
        return;
    }
    if (m_planned_ps != now_ps)
        return; // an earlier event took its place
    const std::uint64_t period_ps = m_parameters.clock.period_ps();
    std::uint64_t cycle = m_parameters.clock.cycles_in(now_ps);
    for (;;) {
        m_planned_ps = event_wheel::never;
        arbitrate(cycle);
        const std::uint64_t next = next_wanted(cycle);
        if (next == event_wheel::never || next != cycle + 1)
            m_cache->flush();
        else
            m_cache->flush_before(next * period_ps);
        if (next == event_wheel::never)
            return;
        cycle = next;
        if (!m_wheel.nothing_before(cycle * period_ps)) {
            plan(cycle);
            return;
        }
    }
}

bool crossbar::may_ask(const port& port, std::uint64_t cycle) const
{
    return !port.blocked && port.first != nobody && port.next_cycle <= cycle &&
           m_transactions[port.first].start_cycle <= cycle;
}

/// First cycle after this one in which a port has something to ask for.
std::uint64_t crossbar::next_wanted(std::uint64_t cycle) const
{
    std::uint64_t next = event_wheel::never;
    for (const std::uint32_t index : m_active)
        if (!m_ports[index].blocked) {
            next = std::min(next, m_transactions[m_ports[index].first].start_cycle);
            if (next <= cycle + 1)
                return cycle + 1;
        }
    return next;
}

std::size_t crossbar::side_of(const transaction& head) const
{
    return 2 * std::size_t{cache::bank_of(head.address >> m_line_shift, m_parameters.banks)} + (head.write ? 1 : 0);
}

// A cycle may be arbitrated more than once: an access can begin, or a blocked one go on, in a cycle in which others
// have asked already. Ports and banks know by themselves what they have done in it.
void crossbar::arbitrate(std::uint64_t cycle)
{
    if (m_parameters.ideal) {
        for (std::size_t i = 0; i < m_active.size();) {
            const std::uint32_t index = m_active[i];
            while (may_ask(m_ports[index], cycle))
                ask(index, cycle);
            i += i < m_active.size() && m_active[i] == index; // else it has left the list
        }
        return;
    }
    if (m_active.size() == 1) { // nobody to arbitrate with
        const std::uint32_t index = m_active[0];
        if (!may_ask(m_ports[index], cycle))
            return;
        bank_side& side = m_sides[side_of(m_transactions[m_ports[index].first])];
        if (has_port(side, cycle))
            grant(index, side, cycle);
        return;
    }
    const auto ports = static_cast<std::uint32_t>(m_ports.size());
    const auto rank = [&](std::uint32_t index, std::uint32_t turn) {
        return index < turn ? index + ports - turn : index - turn;
    };
    const auto lose = [&](std::uint32_t index) {
        ++m_counters[counter::bank_conflicts];
        m_ports[index].next_cycle = cycle + 1;
    };
    for (unsigned pass = 1; pass <= m_parameters.bank_ports; ++pass) {
        // Who loses may still get the bank's next port.
        const auto lose_for_now = [&](std::uint32_t index) {
            if (pass == m_parameters.bank_ports)
                lose(index);
        };
        m_wanted.clear();
        for (const std::uint32_t index : m_active) {
            if (!may_ask(m_ports[index], cycle))
                continue;
            const std::size_t wanted = side_of(m_transactions[m_ports[index].first]);
            bank_side& side = m_sides[wanted];
            if (has_port(side, cycle) && side.candidate == nobody) {
                side.candidate = index;
                m_wanted.push_back(wanted);
            } else if (has_port(side, cycle) && m_parameters.policy == arbitration::round_robin &&
                       rank(index, side.turn) < rank(side.candidate, side.turn)) {
                lose_for_now(side.candidate);
                side.candidate = index;
            } else {
                lose_for_now(index);
            }
        }
        for (const std::size_t wanted : m_wanted) {
            bank_side& side = m_sides[wanted];
            const std::uint32_t chosen = side.candidate;
            side.candidate = nobody;
            grant(chosen, side, cycle);
        }
    }
}

void crossbar::grant(std::uint32_t port_index, bank_side& side, std::uint64_t cycle)
{
    if (!ask(port_index, cycle))
        return;
    m_ports[port_index].next_cycle = cycle + 1;
    side.taken = side.cycle == cycle ? side.taken + 1 : 1;
    side.cycle = cycle;
    side.turn = port_index + 1 == m_ports.size() ? 0 : port_index + 1;
}

/// The port's next line goes to its bank. False: it could not be taken.
bool crossbar::ask(std::uint32_t port_index, std::uint64_t cycle)
{
    port& from = m_ports[port_index];
    const std::uint32_t entry = from.first;
    transaction& of = m_transactions[entry];
    const std::uint64_t first = of.address & (m_parameters.line_bytes - 1);
    const std::uint64_t bytes = std::min(m_parameters.line_bytes - first, of.end - of.address);
    const line_answer answer =
        m_cache->access({of.address >> m_line_shift, static_cast<std::uint32_t>(first),
                         static_cast<std::uint32_t>(bytes), of.data, of.write, of.last_use, of.kind, entry},
                        cycle * m_parameters.clock.period_ps());
    if (answer == line_answer::blocked || answer == line_answer::no_room) {
        from.blocked = true;
        from.no_room = answer == line_answer::no_room;
        ++m_blocked;
        from.blocked_cycle = cycle;
        return false;
    }
    m_counters[counter::cache_requests] += of.kind != operand::count;
    of.data += bytes;
    of.address += bytes;
    if (of.address == of.end) { // all asked for
        from.first = of.next;
        if (from.first == nobody)
            m_active.erase(std::lower_bound(m_active.begin(), m_active.end(), port_index));
    }
    if (answer == line_answer::ready) {
        deliver(of, of.write ? cycle : cycle + m_parameters.hit_latency);
        finish_if_complete(entry);
    }
    return true;
}

/// A line's data leave the bank at `cycle`, and reach their port when the data crossbar has brought them there.
void crossbar::deliver(transaction& of, std::uint64_t cycle)
{
    --of.lines_missing;
    std::uint64_t leaves = cycle;
    if (!of.write && !m_parameters.ideal) {
        port* const first = &m_ports[static_cast<std::size_t>(of.source) - of.ports_before];
        port* const end = first + of.ports_before + 1 + of.ports_behind;
        leaves = std::max(leaves, of.broadcast ? m_latest_free_cycle : m_broadcast_free_cycle);
        for (const port* each = first; each != end; ++each)
            leaves = std::max(leaves, each->free_cycle);
        m_counters[counter::port_conflicts] += leaves - cycle;
        for (port* each = first; each != end; ++each)
            each->free_cycle = leaves + 1;
        m_latest_free_cycle = std::max(m_latest_free_cycle, leaves + 1);
        if (of.broadcast)
            m_broadcast_free_cycle = leaves + 1;
    }
    of.ready_cycle = std::max(of.ready_cycle, leaves + m_parameters.latency);
}

void crossbar::finish_if_complete(std::uint32_t entry)
{
    const transaction& of = m_transactions[entry];
    if (of.lines_missing != 0)
        return;
    const std::uint64_t ready_ps = of.ready_cycle * m_parameters.clock.period_ps();
    if (of.blocking_done == nullptr)
        respond(entry, ready_ps);
    else // who blocks waits until it is that time
        m_wheel.at(ready_ps, *this, entry,
                   event_wheel::order_of(event_wheel::turn::ports, m_place, static_cast<std::uint64_t>(of.source)));
}

void crossbar::respond(std::uint32_t entry, std::uint64_t ready_ps)
{
    const transaction& done = m_transactions[entry];
    ++m_latency[observe::bucket_of(done.ready_cycle - done.start_cycle)];
    done.access->set_response_status(done.status);
    m_transactions.respond(ports_in, entry, ready_ps);
}

void crossbar::line_arrived(std::uint32_t entry, std::uint64_t time_ps, std::uint64_t refresh_ps,
                            tlm::tlm_response_status status)
{
    transaction& of = m_transactions[entry];
    of.refresh_ps = std::max(of.refresh_ps, refresh_ps);
    if (status != tlm::TLM_OK_RESPONSE)
        of.status = status;
    // The line passes the array like a hit: look-up before the miss and read after the fill are one hit latency
    // together.
    const std::uint64_t cycle = m_parameters.clock.cycle_of(time_ps);
    deliver(of, of.write ? cycle : cycle + m_parameters.hit_latency);
    if (of.address == of.end)
        finish_if_complete(entry);
}

void crossbar::line_unblocked(std::uint64_t time_ps)
{
    if (m_blocked == 0)
        return;
    const std::uint64_t cycle = m_parameters.clock.cycle_of(time_ps);
    for (const std::uint32_t index : m_active) {
        port& waiting = m_ports[index];
        if (!waiting.blocked)
            continue;
        waiting.blocked = false;
        m_counters[waiting.no_room ? counter::dram_queue_full : counter::mshr_full] += cycle - waiting.blocked_cycle;
    }
    m_blocked = 0;
    plan(cycle);
}

void crossbar::collect(observe::counter_set& counters, observe::memory_statistics& statistics) const
{
    counters.merge_with(m_counters);
    for (std::size_t i = 0; i < observe::histogram_buckets; ++i)
        statistics.access_latency_cycles[i] += m_latency[i];
}

std::string crossbar::describe() const
{
    std::ostringstream text;
    for (const transaction& each : m_transactions)
        if (each.access != nullptr) {
            text << basename() << ": port " << each.source << " waits for " << each.lines_missing
                 << (each.lines_missing == 1 ? " line" : " lines") << " from 0x" << std::hex
                 << each.access->get_address();
            break;
        }
    return text.str();
}

} // namespace loas::memory
