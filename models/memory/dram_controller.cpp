#include "models/memory/dram_controller.h"

#include <algorithm>
#include <sstream>

namespace loas::memory
{

using kernel::event_wheel;
using observe::counter;
using observe::operand;

namespace
{

constexpr unsigned entry_bits = 32;               // of a request's id: the transaction; above it the burst in it
constexpr std::uint64_t room = ~std::uint64_t{0}; // an event: there is a place in a queue

} // namespace

dram_controller::dram_controller(const sc_core::sc_module_name& name, const dram::parameters& parameters,
                                 event_wheel& wheel, std::uint64_t lose_response)
    : memory_backend(name), m_mapping(parameters), m_wheel(wheel),
      m_burst_shift(static_cast<unsigned>(__builtin_ctz(parameters.burst_bytes()))),
      m_clock(kernel::clock::of_period_ps(parameters.clock_ps())), m_clock_ps(m_clock.period_ps()),
      m_group_shift(static_cast<unsigned>(__builtin_ctz(dram::channel_group::size_of(parameters)))),
      m_planned_ps(parameters.channels >> m_group_shift, event_wheel::never), m_lose_response(lose_response)
{
    m_groups.reserve(m_planned_ps.size());
    for (std::uint32_t i = 0; i < m_planned_ps.size(); ++i)
        m_groups.emplace_back(parameters, i);
    memory_in.register_b_transport(this, &dram_controller::b_transport);
    memory_in.register_nb_transport_fw(this, &dram_controller::nb_transport_fw);
    memory_in.register_transport_dbg(this, &dram_controller::transport_dbg);
}

void dram_controller::idle_until(std::uint64_t time_ps)
{
    for (dram::channel_group& each : m_groups)
        each.idle_until(time_ps / m_clock_ps);
}

void dram_controller::set_observer(dram::command_observer* observer)
{
    for (dram::channel_group& each : m_groups)
        each.set_observer(observer);
}

void dram_controller::check_commands(const dram::parameters& parameters)
{
    m_checker = std::make_unique<dram::command_checker>(parameters);
    set_observer(m_checker.get());
}

std::vector<std::string> dram_controller::violations() const
{
    return m_checker ? m_checker->violations() : std::vector<std::string>();
}

void dram_controller::b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    storage.move(access);
    if (!access.is_response_ok())
        return;
    m_transactions.block(m_wheel, delay, [&] { return begin(source, access, kernel::absolute_ps(delay)); });
}

tlm::tlm_sync_enum dram_controller::nb_transport_fw(int source, tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                                    sc_core::sc_time& delay)
{
    if (phase != tlm::BEGIN_REQ)
        return tlm::TLM_ACCEPTED;
    storage.move(access);
    if (!access.is_response_ok())
        return tlm::TLM_COMPLETED;
    return m_transactions.accept(access, phase, [&] { begin(source, access, kernel::absolute_ps(delay)); });
}

unsigned dram_controller::transport_dbg(int, tlm::tlm_generic_payload& access)
{
    return storage.socket->transport_dbg(access);
}

std::uint32_t dram_controller::begin(int source, tlm::tlm_generic_payload& access, std::uint64_t time_ps)
{
    const std::uint32_t entry = m_transactions.open(access, source);
    const std::uint64_t first = access.get_address() >> m_burst_shift;
    const std::uint64_t last = (access.get_address() + access.get_data_length() - 1) >> m_burst_shift;
    transaction& opened = m_transactions[entry];
    opened.bursts_left = static_cast<std::uint32_t>(last - first + 1);

    const bool write = access.is_write();
    if (const operand kind = opened.kind(); kind != operand::count)
        m_counters[of(write ? counter::dram_write : counter::dram_read, kind)] += access.get_data_length();
    const std::uint64_t clock = m_clock.cycle_of(time_ps);
    opened.first_number = m_bursts;
    for (std::uint64_t burst = first; burst <= last; ++burst) {
        const dram::request request{entry | (burst - first) << entry_bits, m_mapping.of(burst), write, clock};
        if (m_burst_observer != nullptr)
            m_burst_observer->asked(
                {m_bursts, clock * m_clock_ps, burst << m_burst_shift, request.where, write, opened.kind()});
        ++m_bursts;
        const std::uint32_t group = request.where.channel >> m_group_shift;
        m_groups[group].push(request);
        plan(group);
    }
    return entry;
}

bool dram_controller::accepts(std::uint64_t address, std::uint64_t bytes, bool write)
{
    const std::uint64_t last = (address + bytes - 1) >> m_burst_shift;
    for (std::uint64_t burst = address >> m_burst_shift; burst <= last; ++burst) {
        const std::uint32_t channel = m_mapping.of(burst).channel;
        if (!m_groups[channel >> m_group_shift].accepts(channel, write)) {
            m_refused = true;
            return false;
        }
    }
    return true;
}

void dram_controller::happen(std::uint64_t now_ps, std::uint64_t what)
{
    if (what == room) {
        m_waiter->memory_has_room(now_ps);
        return;
    }
    if (what < m_groups.size())
        run_group(what, now_ps);
    else
        respond(static_cast<std::uint32_t>(what - m_groups.size()), now_ps);
}

void dram_controller::run_group(std::size_t index, std::uint64_t now_ps)
{
    if (m_planned_ps[index] != now_ps)
        return; // an earlier event has done it
    m_planned_ps[index] = event_wheel::never;
    dram::channel_group& group = m_groups[index];
    std::uint64_t clock = group.next_clock();
    while (clock != dram::never && (decided_ps(clock) <= now_ps || m_wheel.nothing_before(decided_ps(clock)))) {
        const std::size_t waiting = group.waiting();
        group.advance(clock, m_done);
        if (m_refused && group.waiting() < waiting) {
            m_refused = false;
            m_wheel.at(std::max((clock + 1) * m_clock_ps, m_wheel.now_ps()), *this, room);
        }
        for (const dram::completion& done : m_done) {
            const auto entry = static_cast<std::uint32_t>(done.id);
            transaction& of = m_transactions[entry];
            if (m_burst_observer != nullptr)
                m_burst_observer->answered(of.first_number + (done.id >> entry_bits), done.end_clock * m_clock_ps);
            of.end_ps = std::max(of.end_ps, done.end_clock * m_clock_ps);
            of.refresh_ps = std::max(of.refresh_ps, done.refresh_clocks * m_clock_ps);
            if (--of.bursts_left == 0)
                m_wheel.at(of.end_ps, *this, m_groups.size() + entry);
        }
        m_done.clear();
        clock = group.next_clock();
    }
    plan(index);
}

void dram_controller::plan(std::size_t index)
{
    const std::uint64_t clock = m_groups[index].next_clock();
    if (clock == dram::never || decided_ps(clock) >= m_planned_ps[index])
        return;
    m_planned_ps[index] = std::max(decided_ps(clock), m_wheel.now_ps());
    m_wheel.at(m_planned_ps[index], *this, index);
}

void dram_controller::respond(std::uint32_t entry, std::uint64_t now_ps)
{
    if (++m_accesses != m_lose_response)
        m_transactions.respond(memory_in, entry, now_ps);
}

void dram_controller::collect(observe::counter_set& counters, observe::memory_statistics& statistics) const
{
    counters.merge_with(m_counters);
    for (const dram::channel_group& group : m_groups)
        for (const dram::channel& each : group.channels())
            statistics.channels.push_back(each.statistics());
}

std::string dram_controller::describe() const
{
    std::ostringstream text;
    for (const transaction& each : m_transactions)
        if (each.access != nullptr && text.tellp() == 0)
            text << basename() << " has not answered a " << (each.access->is_read() ? "read" : "write") << " at 0x"
                 << std::hex << each.access->get_address() << std::dec;
    for (const dram::channel_group& group : m_groups)
        for (const dram::channel& each : group.channels())
            if (const std::size_t waiting = group.waiting(each.index()); waiting > 0)
                text << ", channel " << each.index() << " has " << waiting << " bursts waiting";
    return text.str();
}

} // namespace loas::memory
