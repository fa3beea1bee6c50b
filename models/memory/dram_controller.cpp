#include "models/memory/dram_controller.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace loas::memory
{

using kernel::event_wheel;
using observe::counter;
using observe::operand;

namespace
{

constexpr unsigned entry_bits = 32; // of a request's id: the transaction; above it the burst in it

// Events: first what has come of requests, then that there is a place in a queue, then answers to who blocks.
constexpr std::uint64_t look = 0;
constexpr std::uint64_t room = 1;
constexpr std::uint64_t first_answer = 2;

std::uint64_t order_of(std::uint64_t what)
{
    return event_wheel::order_of(event_wheel::turn::memory, 0, what);
}

} // namespace

dram_controller::dram_controller(const sc_core::sc_module_name& name, const dram::parameters& parameters,
                                 event_wheel& wheel, std::uint64_t lose_response)
    : memory_backend(name), m_mapping(parameters), m_wheel(wheel),
      m_burst_shift(static_cast<unsigned>(__builtin_ctz(parameters.burst_bytes()))),
      m_clock(kernel::clock::of_period_ps(parameters.clock_ps())), m_clock_ps(m_clock.period_ps()),
      m_answer_clock(m_clock),
      m_group_shift(static_cast<unsigned>(__builtin_ctz(dram::channel_group::size_of(parameters)))),
      m_due_ps(parameters.channels >> m_group_shift, event_wheel::never),
      m_posted(parameters.posted_writes),
      m_sure_places(m_posted ? 0 : std::min(parameters.read_window, parameters.write_window)),
      m_left_of_channel(parameters.channels), m_lose_response(lose_response)
{
    const dram::timing_clocks clocks(parameters);
    m_lead_ps = (std::min(clocks.cl, clocks.cwl) + clocks.burst) * m_clock_ps;
    m_groups.reserve(m_due_ps.size());
    for (std::uint32_t i = 0; i < m_due_ps.size(); ++i)
        m_groups.emplace_back(parameters, i);
    memory_in.register_b_transport(this, &dram_controller::b_transport);
    memory_in.register_nb_transport_fw(this, &dram_controller::nb_transport_fw);
    memory_in.register_transport_dbg(this, &dram_controller::transport_dbg);
}

void dram_controller::idle_until(std::uint64_t time_ps)
{
    if (m_waiter != nullptr)
        m_waiter->flush();
    for (std::size_t i = 0; i < m_groups.size(); ++i) {
        if (time_ps > 0)
            run_group(i, time_ps);
        m_groups[i].idle_until(time_ps / m_clock_ps);
    }
}

std::uint64_t dram_controller::posted_until_ps()
{
    std::uint64_t next = dram::never;
    for (dram::channel_group& each : m_groups)
        if (m_posted && each.waiting() != 0)
            next = std::min(next, each.next_clock());
    return next == dram::never ? 0 : decided_ps(next);
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
    transaction& opened = m_transactions[entry];
    opened.first_number = m_bursts;
    const std::uint64_t address = access.get_address(), bytes = access.get_data_length();
    if (const operand kind = opened.kind(); kind != operand::count)
        m_counters[of(access.is_write() ? counter::dram_write : counter::dram_read, kind)] += bytes;
    const std::uint32_t lines = opened.about == nullptr ? 1 : opened.about->run.lines;
    if (const std::uint64_t lost = m_lose_response - m_accesses - 1; lost < lines)
        opened.lost_line = static_cast<std::uint32_t>(lost);
    m_accesses += lines;
    if (lines == 1) {
        ask(entry, address, bytes, m_clock.cycle_of(time_ps));
        return entry;
    }
    kernel::line_run& run = opened.about->run;
    const std::uint64_t line_bytes = bytes / lines;
    opened.bursts_of_line = static_cast<std::uint32_t>(std::max<std::uint64_t>(line_bytes >> m_burst_shift, 1));
    opened.left_of_line.fill(opened.bursts_of_line);
    run.ready_ps.fill(0);
    run.refresh_ps.fill(0);
    for (std::uint32_t line = 0; line < lines; ++line)
        ask(entry, address + line * line_bytes, line_bytes, m_clock.cycle_of(time_ps + line * run.step_ps));
    return entry;
}

void dram_controller::ask(std::uint32_t entry, std::uint64_t address, std::uint64_t bytes, std::uint64_t clock)
{
    transaction& of = m_transactions[entry];
    const bool write = of.access->is_write();
    const std::uint64_t first = address >> m_burst_shift;
    const std::uint64_t last = (address + bytes - 1) >> m_burst_shift;
    const std::uint64_t bursts = last - first + 1;
    m_bursts_left += bursts;
    m_writes_left += write ? bursts : 0;
    of.bursts_left += static_cast<std::uint32_t>(bursts);
    for (std::uint64_t burst = first; burst <= last; ++burst) {
        const std::uint64_t number = of.bursts++;
        const dram::request request{entry | number << entry_bits, m_mapping.of(burst), write, clock};
        if (m_burst_observer != nullptr)
            m_burst_observer->asked(
                {m_bursts, clock * m_clock_ps, burst << m_burst_shift, request.where, write, of.kind()});
        ++m_bursts;
        ++m_left_of_channel[request.where.channel];
        const std::uint32_t group = request.where.channel >> m_group_shift;
        if (m_groups[group].announce(request) || m_refused || m_at_once)
            look_again(group);
    }
}

bool dram_controller::accepts(std::uint64_t address, std::uint64_t bytes, bool write, std::uint64_t time_ps)
{
    const std::uint64_t last = (address + bytes - 1) >> m_burst_shift;
    if (m_bursts_left + (last - (address >> m_burst_shift)) < m_sure_places)
        return true;
    for (std::uint64_t burst = address >> m_burst_shift; burst <= last; ++burst) {
        const std::uint32_t channel = m_mapping.of(burst).channel;
        std::size_t bursts = 1; // of it to this channel, up to here
        for (std::uint64_t before = address >> m_burst_shift; before < burst; ++before)
            bursts += m_mapping.of(before).channel == channel;
        if (m_left_of_channel[channel] + bursts <= m_sure_places)
            continue;
        const std::size_t group = channel >> m_group_shift;
        if (time_ps > 0)
            run_group(group, time_ps);
        plan(m_due_ps[group]);
        if (!m_groups[group].accepts(channel, write, bursts)) {
            refuse_until_room(time_ps);
            return false;
        }
    }
    return true;
}

/// A place that comes free from now on is told; one that came free before is none.
void dram_controller::refuse_until_room(std::uint64_t time_ps)
{
    if (m_refused)
        return;
    for (std::size_t i = 0; i < m_groups.size() && time_ps > 0; ++i)
        run_group(i, time_ps);
    m_refused = true;
    for (std::size_t i = 0; i < m_groups.size(); ++i)
        look_again(i);
}

void dram_controller::happen(std::uint64_t now_ps, std::uint64_t what)
{
    if (what == room) {
        m_waiter->memory_has_room(now_ps);
        return;
    }
    if (what >= first_answer) {
        m_transactions.respond(memory_in, static_cast<std::uint32_t>(what - first_answer), now_ps);
        return;
    }
    if (m_planned_ps != now_ps)
        return; // an earlier event has done it
    m_planned_ps = event_wheel::never;
    if (m_waiter != nullptr)
        m_waiter->flush();
    // Whatever else is decided by now, or nearly, is taken along.
    for (std::size_t i = 0; i < m_groups.size(); ++i)
        if (m_due_ps[i] <= now_ps + (m_at_once ? 0 : m_lead_ps))
            run_group(i, now_ps);
    plan(*std::min_element(m_due_ps.begin(), m_due_ps.end()));
}

/// What happens up to now_ps, and what will come of it.
void dram_controller::run_group(std::size_t index, std::uint64_t now_ps)
{
    dram::channel_group& group = m_groups[index];
    const std::size_t waiting = group.waiting();
    const std::uint64_t clock = (now_ps - 1) / m_clock_ps; // of later ones not all requests are known
    group.run_to(clock, m_done);
    if (m_refused && group.waiting() < waiting) {
        m_refused = false;
        m_wheel.at(std::max((clock + 1) * m_clock_ps, m_wheel.now_ps()), *this, room, order_of(room));
    }
    for (const dram::completion& done : m_done)
        burst_done(done, now_ps);
    for (const std::uint32_t entry : m_touched) {
        m_transactions[entry].touched = false;
        answer(entry, now_ps);
    }
    m_touched.clear();
    m_done.clear();
    m_due_ps[index] = due_ps(index);
}

void dram_controller::burst_done(const dram::completion& done, std::uint64_t now_ps)
{
    const auto entry = static_cast<std::uint32_t>(done.id);
    transaction& of = m_transactions[entry];
    const std::uint64_t number = done.id >> entry_bits;
    const std::uint64_t end_ps = done.end_clock * m_clock_ps, refresh_ps = done.refresh_clocks * m_clock_ps;
    if (m_burst_observer != nullptr)
        m_burst_observer->answered(of.first_number + number, end_ps);
    --m_bursts_left;
    --m_left_of_channel[done.channel];
    m_writes_left -= of.access->is_write();
    --of.bursts_left;
    of.end_ps = std::max(of.end_ps, end_ps);
    of.refresh_ps = std::max(of.refresh_ps, refresh_ps);
    if (of.bursts_of_line == 0) {
        if (of.bursts_left == 0 && of.lost_line != 0)
            answer(entry, now_ps);
        return;
    }
    kernel::line_run& run = of.about->run;
    const std::uint64_t line = of.bursts_of_line == 1 ? number : number / of.bursts_of_line;
    run.ready_ps[line] = std::max({run.ready_ps[line], end_ps, now_ps});
    run.refresh_ps[line] = std::max(run.refresh_ps[line], refresh_ps);
    if (--of.left_of_line[line] != 0 || line == of.lost_line)
        return;
    run.ready |= 1U << line;
    if (!of.touched)
        m_touched.push_back(entry);
    of.touched = true;
}

/// It is known when all of it is there, or lines of a run.
void dram_controller::answer(std::uint32_t entry, std::uint64_t now_ps)
{
    const transaction& of = m_transactions[entry];
    const std::uint64_t end_ps = std::max(of.end_ps, now_ps); // it may be over, but no edge has come since
    if (of.bursts_of_line != 0 && (of.bursts_left != 0 || of.lost_line != ~0U))
        m_transactions.tell(memory_in, entry, kernel::lines_ready(), now_ps);
    else if (of.blocking_done == nullptr)
        m_transactions.respond(memory_in, entry, end_ps);
    else // who blocks waits until it is that time
        m_wheel.at(end_ps, *this, first_answer + entry, order_of(first_answer + entry));
}

/// When the group has to be run: the first edge at which somebody may see an answer.
std::uint64_t dram_controller::due_ps(std::size_t index)
{
    std::uint64_t due_ps = event_wheel::never;
    if (const std::uint64_t clock = m_groups[index].answers_from(); clock != dram::never)
        due_ps = m_answer_clock.align_up(clock * m_clock_ps);
    if (m_refused || m_at_once)
        if (const std::uint64_t clock = m_groups[index].next_clock(); clock != dram::never)
            due_ps = std::min(due_ps, decided_ps(clock));
    return due_ps;
}

void dram_controller::look_again(std::size_t index)
{
    m_due_ps[index] = due_ps(index);
    plan(m_due_ps[index]);
}

void dram_controller::plan(std::uint64_t due_ps)
{
    if (due_ps >= m_planned_ps)
        return;
    m_planned_ps = std::max(due_ps, m_wheel.now_ps());
    m_wheel.at(m_planned_ps, *this, look, order_of(look));
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
    if (text.tellp() == 0)
        return {}; // nobody waits for what has been answered already
    for (const dram::channel_group& group : m_groups)
        for (const dram::channel& each : group.channels())
            if (const std::size_t waiting = group.waiting(each.index()); waiting > 0)
                text << ", channel " << each.index() << " has " << waiting << " bursts waiting";
    return text.str();
}

} // namespace loas::memory
