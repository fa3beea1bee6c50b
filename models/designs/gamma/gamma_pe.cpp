#include "models/designs/gamma/gamma_pe.h"

#include "models/functional/bits.h"

#include <algorithm>
#include <cstring>

namespace loas::designs
{

using observe::counter;
using observe::operand;

gamma_pe::gamma_pe(const sc_core::sc_module_name& name, const pe_parameters& parameters, const kernel::clock& clock,
                   kernel::event_wheel& wheel, std::size_t index, block_ports& ports, kernel::memory_fault& fault,
                   owner& owner)
    : sc_module(name), m_parameters(parameters), m_clock(clock), m_wheel(wheel), m_place(wheel.take_place()),
      m_index(index), m_ports(ports), m_fault(fault), m_owner(owner),
      m_rows(parameters.rows_ahead + 1, spike_row(ports, index, fault, this)),
      m_rounds(2, round(ports, index, fault, this))
{
}

void gamma_pe::begin_layer(pe_layer& layer, std::uint64_t cycle)
{
    const functional::layer_shape& shape = layer.operands.shape;
    m_layer = &layer;
    m_running = true;
    m_element_bytes = layer.operands.column_bytes + sizeof(std::int32_t);
    m_rows_taken = m_rows_planned = m_rows_merged = 0;
    m_planned_timestep = 0;
    m_plan = {};
    m_rounds_planned = m_rounds_merged = 0;
    m_partial_rows.assign(layer.partial_rows, {});
    m_waiting.clear();
    m_partial_rows_writing = 0;
    m_merging = m_sums_held = m_row_out = false;
    m_sums_free_cycle = m_look_cycle = cycle;
    m_sums.resize(shape.n);
    m_partial_sums.assign(shape.n, 0);
    m_touched.assign(functional::words_of(shape.n), 0);
    m_counted_cycle = cycle;
    m_counters = {};
}

void gamma_pe::take_rows(std::size_t count, std::uint64_t cycle)
{
    std::uint32_t row = 0;
    while (m_rows_taken - m_rows_merged < count && m_owner.take_row(row))
        m_rows[m_rows_taken++ % m_rows.size()].start(m_layer->operands, row, cycle);
    go_on(cycle);
}

void gamma_pe::go_on(std::uint64_t cycle)
{
    if (!m_running || m_fault.happened)
        return;
    plan_rounds(cycle);
    if (try_round(cycle))
        plan_rounds(cycle); // the round that began left partial rows free
}

void gamma_pe::arrived(kernel::arrival& what)
{
    if (!m_running)
        return;
    for (std::size_t i = 0; i < m_partial_rows.size(); ++i) {
        partial_row& each = m_partial_rows[i];
        if (&each.arrival != &what)
            continue;
        if (each.at == partial_row::state::writing) {
            --m_partial_rows_writing;
            each.at = partial_row::state::written;
            if (each.wanted)
                read_partial_row(each, i, what.ready_cycle);
        } else {
            each.at = partial_row::state::back;
        }
    }
    go_on(what.ready_cycle);
}

/// Starts to fetch rounds as long as there is room for one and their row of A is there.
void gamma_pe::plan_rounds(std::uint64_t cycle)
{
    while (m_rounds_planned - m_rounds_merged < m_rounds.size() && m_rows_planned < m_rows_taken) {
        const spike_row& row = m_rows[m_rows_planned % m_rows.size()];
        if (!row.ready())
            return;
        if (m_plan.done()) {
            if (m_planned_timestep == 0)
                row.count_reads(m_counters);
            m_plan = merge_plan(row.count(m_planned_timestep), m_parameters.radix,
                                std::min(m_layer->partial_rows, m_parameters.radix) - 1);
        }
        const auto free = std::find_if(m_partial_rows.begin(), m_partial_rows.end(),
                                       [](const partial_row& each) { return each.at == partial_row::state::free; });
        if (!m_plan.next_is_last() && free == m_partial_rows.end())
            return; // until the round before begins

        const merge_round planned = m_plan.next();
        round& next = round_at(m_rounds_planned++);
        next.last = planned.last;
        next.timestep = m_planned_timestep;
        next.row = row.row();
        next.row_cycle = row.arrival().ready_cycle;
        next.row_refresh_cycles = row.arrival().refresh_cycles;
        next.rows.start(m_layer->operands, row.inputs(m_planned_timestep) + planned.first, planned.rows, cycle);
        const std::uint8_t* const factors = row.factors(m_planned_timestep) + planned.first;
        next.factors.assign(factors, factors + planned.rows);
        next.partial_rows.clear();
        for (std::uint32_t i = 0; i < planned.partial_rows; ++i) {
            const std::size_t taken = m_waiting.front();
            m_waiting.pop_front();
            next.partial_rows.push_back(taken);
            m_partial_rows[taken].wanted = true;
            if (m_partial_rows[taken].at == partial_row::state::written)
                read_partial_row(m_partial_rows[taken], taken, cycle);
        }
        if (!planned.last) {
            free->at = partial_row::state::planned;
            free->wanted = false;
            next.output = static_cast<std::size_t>(free - m_partial_rows.begin());
            m_waiting.push_back(next.output);
            continue;
        }
        if (++m_planned_timestep == m_layer->operands.shape.timesteps) {
            m_planned_timestep = 0;
            ++m_rows_planned;
        }
    }
}

std::uint64_t gamma_pe::partial_row_address(std::size_t index) const
{
    return m_layer->work_address + (m_index * m_layer->partial_rows + index) * m_layer->partial_row_bytes;
}

void gamma_pe::read_partial_row(partial_row& from, std::size_t index, std::uint64_t cycle)
{
    from.at = partial_row::state::reading;
    from.in.resize(from.out.size());
    from.arrival.begin(cycle);
    m_ports.read(m_index, partial_row_address(index), from.in.data(), from.in.size(), operand::partial_sums, cycle,
                 from.arrival, true);
    if (from.in.empty())
        from.at = partial_row::state::back;
}

bool gamma_pe::may_begin(const round& next, std::uint64_t cycle)
{
    if (!next.rows.ready() || !m_layer->bias->complete())
        return false;
    for (const std::size_t i : next.partial_rows)
        if (m_partial_rows[i].at != partial_row::state::back)
            return false;
    if (!next.last)
        return m_partial_rows_writing < 2;
    if (m_sums_held)
        return false;
    if (m_sums_free_cycle <= cycle)
        return true;
    if (m_look_cycle != m_sums_free_cycle) {
        m_look_cycle = m_sums_free_cycle;
        ask_for(look_again, m_look_cycle);
    }
    return false;
}

bool gamma_pe::try_round(std::uint64_t cycle)
{
    if (m_merging || m_rounds_merged == m_rounds_planned)
        return false;
    round& next = round_at(m_rounds_merged);
    if (!may_begin(next, cycle))
        return false;
    count_wait(next, cycle);
    const std::uint64_t elements = merge(next);
    if (m_fault.happened)
        return false;
    const unsigned fill = next.rows.size() > 0 ? m_parameters.merger_latency : 0; // every round takes rows, or nothing
    m_counters[counter::stall_fill] += fill;
    m_counted_cycle = cycle + elements + fill;
    m_merging = true;
    ++m_layer->rounds;
    ask_for(round_over, m_counted_cycle);
    return true;
}

/// Why the merger waited. What came before the PE was free took no time of it.
void gamma_pe::count_wait(const round& next, std::uint64_t cycle)
{
    const auto up_to = [&](std::uint64_t ready, counter cause, std::uint64_t refresh) {
        wait_until(std::min(ready, cycle), cause, refresh);
    };
    up_to(next.row_cycle, counter::stall_waiting_a, next.row_refresh_cycles);
    up_to(m_layer->bias->ready_cycle, counter::stall_waiting_b, m_layer->bias->refresh_cycles);
    up_to(next.rows.arrival().ready_cycle, counter::stall_waiting_b, next.rows.arrival().refresh_cycles);
    for (const std::size_t i : next.partial_rows)
        up_to(m_partial_rows[i].arrival.ready_cycle, counter::stall_partial_sums,
              m_partial_rows[i].arrival.refresh_cycles);
    wait_until(cycle, next.last ? counter::stall_neurons : counter::stall_partial_sums);
}

void gamma_pe::wait_until(std::uint64_t cycle, counter cause, std::uint64_t refresh_cycles)
{
    if (cycle <= m_counted_cycle)
        return;
    const std::uint64_t wait = cycle - m_counted_cycle, refresh = std::min(wait, refresh_cycles);
    m_counters[cause] += wait - refresh;
    m_counters[counter::stall_dram_refresh] += refresh;
    m_counted_cycle = cycle;
}

/// What comes out at the end of the round. Returns how many elements go in.
std::uint64_t gamma_pe::merge(round& next)
{
    if (next.last)
        std::fill(m_sums.begin(), m_sums.end(), 0);
    const std::uint64_t again = next.last ? add_fibers<false>(next) : add_fibers<true>(next);
    next.rows.count_reads(m_counters);
    m_counters[counter::busy_cycles] += next.rows.elements();
    m_counters[counter::matches] += next.rows.elements();
    m_counters[counter::stall_merging] += again;
    m_counters[counter::partial_sums_read] += again;
    m_counters[counter::sram_read_partial_sums] += 8 * m_element_bytes * again;
    if (!next.last)
        make_partial_row(m_partial_rows[next.output]);
    for (const std::size_t i : next.partial_rows)
        m_partial_rows[i].at = partial_row::state::free;
    return next.rows.elements() + again;
}

/// Adds up the fibers of a round. Returns how many elements are of partial rows.
template <bool partial> std::uint64_t gamma_pe::add_fibers(round& next)
{
    std::int32_t* const sums = partial ? m_partial_sums.data() : m_sums.data();
    const auto add = [&](std::uint32_t column, std::int32_t value) {
        sums[column] = static_cast<std::int32_t>( // 32-bit adders wrap
            static_cast<std::uint32_t>(sums[column]) + static_cast<std::uint32_t>(value));
        if constexpr (partial)
            m_touched[column / 64] |= std::uint64_t{1} << column % 64;
    };
    for (std::size_t i = 0; i < next.rows.size(); ++i) {
        const std::int32_t factor = next.factors[i];
        if (!next.rows.visit(i, [&](std::uint32_t column, std::int32_t weight) { add(column, factor * weight); }))
            return 0;
    }
    std::uint64_t again = 0;
    const std::size_t column_bytes = m_layer->operands.column_bytes;
    for (const std::size_t i : next.partial_rows) {
        const std::vector<std::uint8_t>& elements = m_partial_rows[i].in;
        for (std::size_t at = 0; at < elements.size(); at += m_element_bytes) {
            const std::uint32_t column = elements[at] | (column_bytes == 2 ? std::uint32_t{elements[at + 1]} << 8 : 0);
            if (column >= m_layer->operands.shape.n) { // somebody else wrote here
                m_fault.note(LOAS_STATUS_BAD_TENSOR, partial_row_address(i));
                return 0;
            }
            std::int32_t sum = 0;
            std::memcpy(&sum, &elements[at + column_bytes], sizeof sum);
            add(column, sum);
        }
        again += elements.size() / m_element_bytes;
    }
    return again;
}

void gamma_pe::make_partial_row(partial_row& into)
{
    const std::size_t column_bytes = m_layer->operands.column_bytes;
    into.out.clear();
    for (std::size_t word = 0; word < m_touched.size(); ++word) {
        for (std::uint64_t left = m_touched[word]; left != 0; left &= left - 1) {
            const std::size_t column = word * 64 + functional::lowest_bit(left);
            std::uint8_t element[6] = {static_cast<std::uint8_t>(column), static_cast<std::uint8_t>(column >> 8)};
            std::memcpy(element + column_bytes, &m_partial_sums[column], sizeof(std::int32_t));
            into.out.insert(into.out.end(), element, element + m_element_bytes);
            m_partial_sums[column] = 0;
        }
        m_touched[word] = 0;
    }
    m_counters[counter::partial_sums_written] += into.out.size() / m_element_bytes;
    m_counters[counter::sram_write_partial_sums] += 8 * into.out.size();
}

void gamma_pe::happen(std::uint64_t now_ps, std::uint64_t what)
{
    --m_events;
    if (!m_running || m_fault.happened)
        return;
    const std::uint64_t cycle = m_clock.cycles_in(now_ps);
    if (what == round_over)
        end_round(cycle);
    else if (what == results_out)
        m_owner.row_complete(m_index, m_complete_row, cycle);
    else
        go_on(cycle);
}

void gamma_pe::end_round(std::uint64_t cycle)
{
    const round& over = round_at(m_rounds_merged++);
    m_merging = false;
    if (over.last) {
        const bool row_over = over.timestep + 1 == m_layer->operands.shape.timesteps;
        m_sums_held = row_over && m_row_out;
        if (m_sums_held)
            m_held_row = over.row;
        else
            hand_over(over.timestep, over.row, cycle);
        if (row_over) {
            ++m_rows_merged;
            take_rows(m_parameters.rows_ahead + 1, cycle);
            return;
        }
    } else {
        partial_row& made = m_partial_rows[over.output];
        made.at = partial_row::state::writing;
        made.arrival.begin(cycle);
        made.arrival.then = this;
        ++m_partial_rows_writing;
        m_ports.write(m_index, partial_row_address(over.output), made.out.data(), made.out.size(),
                      operand::partial_sums, cycle, made.arrival);
        if (made.out.empty()) {
            arrived(made.arrival);
            return;
        }
    }
    go_on(cycle);
}

/// The sums of a timestep go to the neurons.
void gamma_pe::hand_over(unsigned timestep, std::uint32_t row, std::uint64_t cycle)
{
    m_sums_free_cycle = send_sums(m_sums, timestep, cycle);
    if (timestep + 1 < m_layer->operands.shape.timesteps)
        return;
    m_row_out = true;
    m_complete_row = row;
    ask_for(results_out, std::max(cycle, m_owner.neurons_done(m_index)));
}

std::uint64_t gamma_pe::send_sums(functional::span<const std::int32_t> sums, unsigned timestep, std::uint64_t cycle)
{
    return sums_out->take_sums({m_index, timestep, m_index, 0, false}, sums, cycle);
}

void gamma_pe::row_packed(std::uint64_t packed_cycle, std::uint64_t cycle)
{
    m_row_out = false;
    if (!m_running || m_fault.happened || !m_sums_held)
        return;
    wait_until(std::min(packed_cycle, cycle), counter::stall_packing);
    wait_until(cycle, counter::stall_write_back);
    m_sums_held = false;
    hand_over(m_layer->operands.shape.timesteps - 1, m_held_row, cycle);
    go_on(cycle);
}

void gamma_pe::finish(std::uint64_t cycle)
{
    wait_until(std::min(cycle, m_owner.neurons_done(m_index)), counter::stall_neurons);
    wait_until(cycle, counter::stall_idle);
    m_running = false;
}

void gamma_pe::ask_for(event what, std::uint64_t cycle)
{
    ++m_events;
    using kernel::event_wheel;
    m_wheel.at(cycle * m_clock.period_ps(), *this, what,
               event_wheel::order_of(event_wheel::turn::units, m_place, static_cast<std::uint64_t>(what)));
}

} // namespace loas::designs
