// Which fibers an order accesses, and when. A fiber is what an operand has along its innermost loop, the others fixed;
// t makes no fiber of its own where another loop of the operand stands directly outside: then both make it. A fiber is
// accessed whole, as machines do, once for each step of the loops outside it at which neither operand is known to be
// zero by what those loops fix.
#include "platform/dataflow/fibers.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::dataflow
{
namespace
{

using functional::popcount;

/// Lines that have a step of the loop `outer` each and entries of the loop `inner`, in the order of these and t: at(line,
/// t) where t is outside the entries, else whole(line).
template <typename at_timestep, typename whole_line>
void in_order(const loop_order& order, loop outer, loop inner, std::size_t lines, unsigned timesteps, at_timestep at,
              whole_line whole)
{
    const std::size_t place = order.place_of(loop::t);
    if (place < order.place_of(outer)) {
        for (unsigned t = 0; t < timesteps; ++t)
            for (std::size_t line = 0; line < lines; ++line)
                at(line, t);
        return;
    }
    for (std::size_t line = 0; line < lines; ++line)
        if (place < order.place_of(inner))
            for (unsigned t = 0; t < timesteps; ++t)
                at(line, t);
        else
            whole(line);
}

} // namespace

/// Fibers of groups along the loop `own` and of timesteps, numbered as the loops come to them: a pass of `own` ascends.
class fiber_counter::numbering
{
public:
    /// other: the loop with which it makes the steps.
    numbering(const loop_order& order, loop own, loop other, std::size_t groups, unsigned timesteps)
        : m_groups(groups), m_timesteps(order.loops[3] == loop::t ? 1 : timesteps), m_t_outside(order.outside(loop::t, own)),
          m_t_outermost(order.loops[0] == loop::t), m_own_outermost(order.outside(own, other))
    {
    }
    std::size_t count() const { return m_groups * m_timesteps; }
    std::size_t of(std::size_t group, unsigned t) const { return m_t_outside ? t * m_groups + group : group * m_timesteps + t; }
    /// Whether a step of the outermost loop has begun, behind which no fiber comes again.
    bool leaves(std::size_t group, unsigned t)
    {
        const std::size_t step = m_t_outermost ? t : m_own_outermost ? group : 0, before = m_step;
        m_step = step;
        return step != before;
    }
    std::size_t at_a_time() const { return m_t_outermost ? m_groups : m_own_outermost ? m_timesteps : count(); }

private:
    std::size_t m_groups;
    unsigned m_timesteps; ///< that have fibers of their own
    bool m_t_outside, m_t_outermost, m_own_outermost;
    std::size_t m_step = 0;
};

/// Of A, where fibers are rows: each of them is accessed for each column, those that the loops outside n fix one set
/// after the other.
reuse_curve fiber_counter::inputs_inside(const loop_order& order, const fiber_sizes& sizes) const
{
    const unsigned t_count = m_layer.t;
    const bool t_in_fiber = order.loops[3] == loop::t || (order.loops[3] == loop::n && order.loops[2] == loop::t);
    const bool by_m = order.outside(loop::m, loop::n), by_t = !t_in_fiber && order.outside(loop::t, loop::n);
    std::vector<std::uint64_t> sets(by_m ? m_grouped.m * (by_t ? t_count : 1) : by_t ? t_count : 1);
    for (std::size_t m = 0; m < m_grouped.m; ++m) {
        std::uint16_t word = 0;
        for (std::size_t i = m_grouped.spikes.first[m]; i < m_grouped.spikes.first[m + 1]; ++i)
            word = static_cast<std::uint16_t>(word | m_grouped.spikes.words[i]);
        if (t_in_fiber && word != 0)
            sets[by_m ? m : 0] += sizes.rows[m];
        if (!t_in_fiber)
            for_each_bit(word, [&](unsigned t) {
                sets[(by_m ? m * (by_t ? t_count : 1) : 0) + (by_t ? t : 0)] += sizes.rows_t[m * t_count + t];
            });
    }
    std::uint64_t columns = 0;
    for (std::size_t n = 0; n < m_grouped.n; ++n)
        columns += m_weights_by_column.length(n) > 0;
    const std::uint64_t accesses = order.loops[3] == loop::n ? std::min<std::uint64_t>(columns, 1) : columns;
    reuse_sum sum(m_capacities);
    for (const std::uint64_t bits : sets)
        if (bits > 0 && accesses > 0) {
            sum.first(bits, accesses);
            sum.again(bits, accesses - 1, bits);
        }
    return sum.curve();
}

/// Of B, where fibers are columns: all of them for each step of the loops outside n, each again and again in those
/// between n and k.
reuse_curve fiber_counter::columns_inside(const loop_order& order, const fiber_sizes& sizes) const
{
    std::uint64_t rows = 0, pairs = 0;
    std::uint16_t any = 0;
    for (std::size_t m = 0; m < m_grouped.m; ++m) {
        std::uint16_t word = 0;
        for (std::size_t i = m_grouped.spikes.first[m]; i < m_grouped.spikes.first[m + 1]; ++i)
            word = static_cast<std::uint16_t>(word | m_grouped.spikes.words[i]);
        rows += word != 0;
        pairs += popcount(word);
        any = static_cast<std::uint16_t>(any | word);
    }
    const auto steps = [&](bool m, bool t) -> std::uint64_t {
        return m && t ? pairs : m ? rows : t ? popcount(any) : std::min<std::uint64_t>(rows, 1);
    };
    const std::uint64_t outside = steps(order.outside(loop::m, loop::n), order.outside(loop::t, loop::n));
    const std::uint64_t all = steps(order.outside(loop::m, loop::k), order.outside(loop::t, loop::k));
    std::uint64_t whole = 0;
    reuse_sum sum(m_capacities);
    for (std::size_t n = 0; n < m_grouped.n; ++n)
        if (m_weights_by_column.length(n) > 0)
            whole += sizes.columns[n];
    if (all == 0)
        return sum.curve();
    for (std::size_t n = 0; n < m_grouped.n; ++n)
        if (m_weights_by_column.length(n) > 0) {
            sum.first(sizes.columns[n], all);
            sum.again(sizes.columns[n], all - outside, sizes.columns[n]);
        }
    sum.again(whole, outside - 1, whole);
    return sum.curve();
}

/// access(m, k, t) for each spike in the order of m, k and t; with t innermost of all once for all of them (t = 0).
/// Inputs without weights are left out.
template <typename function> void fiber_counter::by_rows(const loop_order& order, function access) const
{
    const bool words = order.loops[3] == loop::t;
    const bool m_first = order.outside(loop::m, loop::k);
    const lists& lines = m_first ? m_grouped.spikes : m_spikes_by_input;
    const auto visit = [&](std::size_t line, std::size_t place, unsigned t) {
        const std::size_t m = m_first ? line : place, k = m_first ? place : line;
        if (m_grouped.weights.length(k) > 0)
            access(m, k, t);
    };
    const auto line_at = [&](std::size_t line, unsigned t) {
        for (std::size_t i = lines.first[line]; i < lines.first[line + 1]; ++i)
            if ((lines.words[i] >> t & 1) != 0)
                visit(line, lines.places[i], t);
    };
    const auto whole_line = [&](std::size_t line) {
        for (std::size_t i = lines.first[line]; i < lines.first[line + 1]; ++i) {
            if (words)
                visit(line, lines.places[i], 0);
            else
                for_each_bit(lines.words[i], [&](unsigned t) { visit(line, lines.places[i], t); });
        }
    };
    in_order(order, m_first ? loop::m : loop::k, m_first ? loop::k : loop::m, lines.lines(), m_layer.t, line_at,
             whole_line);
}

/// access(n, k, t) for each weight and timestep in which its input has a spike, in the order of n, k and t; as above.
template <typename function> void fiber_counter::by_columns(const loop_order& order, function access) const
{
    const bool words = order.loops[3] == loop::t;
    const bool n_first = order.outside(loop::n, loop::k);
    const lists& lines = n_first ? m_weights_by_column : m_grouped.weights;
    const auto line_of = [&](std::size_t line, std::uint16_t timesteps, auto each) {
        for (std::size_t i = lines.first[line]; i < lines.first[line + 1]; ++i) {
            const std::size_t n = n_first ? line : lines.places[i], k = n_first ? lines.places[i] : line;
            if (const auto word = static_cast<std::uint16_t>(m_input_words[k] & timesteps); word != 0)
                each(n, k, word);
        }
    };
    const auto line_at = [&](std::size_t line, unsigned t) {
        line_of(line, static_cast<std::uint16_t>(1U << t),
                [&](std::size_t n, std::size_t k, std::uint16_t) { access(n, k, t); });
    };
    const auto whole_line = [&](std::size_t line) {
        line_of(line, 0xFFFF, [&](std::size_t n, std::size_t k, std::uint16_t word) {
            if (words)
                access(n, k, 0);
            else
                for_each_bit(word, [&](unsigned t) { access(n, k, t); });
        });
    };
    in_order(order, n_first ? loop::n : loop::k, n_first ? loop::k : loop::n, lines.lines(), m_layer.t, line_at,
             whole_line);
}

/// Of A with t innermost and n outside it: a word for each weight of its input.
reuse_curve fiber_counter::words_again(const fiber_sizes& sizes) const
{
    reuse_sum sum(m_capacities);
    for (std::size_t m = 0; m < m_grouped.m; ++m)
        for (std::size_t i = m_grouped.spikes.first[m]; i < m_grouped.spikes.first[m + 1]; ++i) {
            const std::uint32_t k = m_grouped.spikes.places[i], accesses = m_grouped.weights.length(k);
            const std::uint64_t elements =
                in_group(m_layer.m, m_group.m, m) * in_group(m_layer.k, m_group.k, k) * m_layer.t;
            if (accesses > 0)
                sum.of_each(elements * sizes.spike.element + m_grouped.spikes.counts[i] * sizes.spike.non_zero, accesses);
        }
    return sum.curve();
}

/// Of A with n innermost, behind k: each fiber once.
reuse_curve fiber_counter::inputs_once(const loop_order& order, const fiber_sizes& sizes) const
{
    const bool whole = order.loops[2] == loop::t; // then t belongs to the fiber
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < m_grouped.k; ++k)
        if (m_grouped.weights.length(k) > 0 && m_input_words[k] != 0) {
            if (whole)
                bits += sizes.inputs[k];
            else
                for_each_bit(m_input_words[k], [&](unsigned t) { bits += sizes.inputs_t[k * m_layer.t + t]; });
        }
    reuse_sum sum(m_capacities);
    sum.first(bits, 1);
    return sum.curve();
}

/// Of B with k outside n, n outside m: a row of it for each step of the loops outside n.
reuse_curve fiber_counter::weights_of_inputs(const loop_order& order, const fiber_sizes& sizes) const
{
    reuse_pass pass(m_capacities, sizes.input_weights);
    const bool t_outermost = order.loops[0] == loop::t;
    const bool for_each_t = !t_outermost && order.outside(loop::t, loop::n);
    for (unsigned t = 0; t < (t_outermost ? m_layer.t : 1); ++t)
        for (std::size_t k = 0; k < m_grouped.k; ++k) {
            if (m_grouped.weights.length(k) == 0)
                continue;
            const unsigned times = t_outermost  ? m_input_words[k] >> t & 1U
                                   : for_each_t ? popcount(m_input_words[k])
                                                : std::min(unsigned{m_input_words[k]}, 1U);
            for (unsigned i = 0; i < times; ++i)
                pass.access(k);
        }
    return pass.curve();
}

/// Of O with t innermost, behind k: the sums of a neuron's timesteps wait in their unit.
reuse_curve fiber_counter::sums_of_words() const
{
    reuse_sum sum(m_capacities);
    std::vector<std::uint64_t> matches(m_grouped.n);
    for (std::size_t m = 0; m < m_grouped.m; ++m) {
        std::fill(matches.begin(), matches.end(), 0);
        for (std::size_t i = m_grouped.spikes.first[m]; i < m_grouped.spikes.first[m + 1]; ++i) {
            const std::uint32_t k = m_grouped.spikes.places[i];
            for (std::size_t j = m_grouped.weights.first[k]; j < m_grouped.weights.first[k + 1]; ++j)
                ++matches[m_grouped.weights.places[j]];
        }
        const std::uint64_t rows = in_group(m_layer.m, m_group.m, m);
        for (std::size_t n = 0; n < matches.size(); ++n)
            if (matches[n] > 0)
                sum.of_each(rows * in_group(m_layer.n, m_group.n, n) * m_layer.t * sum_bits * m_word_timesteps, matches[n]);
    }
    return sum.curve();
}

/// Sums of groups of rows or columns, along the other of the two.
std::vector<std::uint64_t> fiber_counter::sum_fibers(const loop_order& order, const numbering& fibers, std::uint64_t elements,
                                                     std::uint64_t group, std::uint64_t along) const
{
    const bool t_in_fiber = order.loops[3] == loop::t;
    std::vector<std::uint64_t> bits(fibers.count());
    for (std::uint64_t i = 0; i < groups_of(elements, group); ++i)
        for (unsigned t = 0; t < (t_in_fiber ? 1 : m_layer.t); ++t)
            bits[fibers.of(i, t)] =
                in_group(elements, group, i) * along * (t_in_fiber ? m_layer.t : 1) * sum_bits * m_word_timesteps;
    return bits;
}

/// Of A with n outside k, m innermost but for t: columns of A for each column of B.
reuse_curve fiber_counter::inputs_again(const loop_order& order, const fiber_sizes& sizes) const
{
    numbering fibers(order, loop::k, loop::n, m_grouped.k, m_layer.t);
    const bool t_between = order.loops[2] == loop::t; // then an input's timesteps always come together, as one fiber
    std::vector<std::uint64_t> bits = sizes.inputs;
    if (t_between)
        for (std::size_t k = 0; k < m_grouped.k; ++k)
            bits[k] = sizes.inputs_in(m_input_words[k], k, m_layer.t);
    else if (order.loops[3] != loop::t) {
        bits.resize(fibers.count());
        for (std::size_t k = 0; k < m_grouped.k; ++k)
            for (unsigned t = 0; t < m_layer.t; ++t)
                bits[fibers.of(k, t)] = sizes.inputs_t[k * m_layer.t + t];
    }
    reuse_pass pass(m_capacities, std::move(bits), t_between ? 0 : fibers.at_a_time());
    if (t_between) {
        loop_order words = order;
        std::swap(words.loops[2], words.loops[3]);
        by_columns(words, [&](std::size_t, std::size_t k, unsigned) { pass.access(k); });
    } else
        by_columns(order, [&](std::size_t, std::size_t k, unsigned t) {
            if (fibers.leaves(k, t))
                pass.forget();
            pass.access(fibers.of(k, t));
        });
    return pass.curve();
}

/// Of A with k outside n, m innermost but for t: a column of A again and again for the columns of B with a weight of it,
/// alone or, with t inside n, in turn with those of the other timesteps.
reuse_curve fiber_counter::inputs_in_turn(const loop_order& order, const fiber_sizes& sizes) const
{
    reuse_sum sum(m_capacities);
    for (std::size_t k = 0; k < m_grouped.k; ++k) {
        const std::uint32_t accesses = m_grouped.weights.length(k);
        if (accesses == 0 || m_input_words[k] == 0)
            continue;
        if (order.loops[3] == loop::t)
            sum.of_each(sizes.inputs[k], accesses);
        else if (order.loops[2] == loop::t)
            sum.of_each(sizes.inputs_in(m_input_words[k], k, m_layer.t), accesses);
        else
            for_each_bit(m_input_words[k], [&](unsigned t) { sum.of_each(sizes.inputs_t[k * m_layer.t + t], accesses); });
    }
    return sum.curve();
}

/// Where rows of B are fetched for the spikes of rows of A.
fiber_curves fiber_counter::with_rows(const loop_order& order, const fiber_sizes& sizes) const
{
    numbering sums(order, loop::m, loop::k, m_grouped.m, m_layer.t);
    reuse_pass b(m_capacities, sizes.input_weights);
    reuse_pass o(m_capacities, sum_fibers(order, sums, m_layer.m, m_group.m, m_layer.n), sums.at_a_time());
    by_rows(order, [&](std::size_t m, std::size_t k, unsigned t) {
        b.access(k);
        if (sums.leaves(m, t))
            o.forget();
        o.access(sums.of(m, t));
    });
    return {order.loops[3] == loop::t                         ? words_again(sizes)
            : class_of(order) == order_class::gustavson_row ? inputs_inside(order, sizes)
                                                            : inputs_once(order, sizes),
            b.curve(), o.curve()};
}

/// Where columns of A are fetched for the weights of columns of B.
fiber_curves fiber_counter::with_columns(const loop_order& order, const fiber_sizes& sizes) const
{
    numbering sums(order, loop::n, loop::k, m_grouped.n, m_layer.t);
    reuse_pass o(m_capacities, sum_fibers(order, sums, m_layer.n, m_group.n, m_layer.m), sums.at_a_time());
    by_columns(order, [&](std::size_t n, std::size_t, unsigned t) {
        if (sums.leaves(n, t))
            o.forget();
        o.access(sums.of(n, t));
    });
    if (order.outside(loop::n, loop::k))
        return {inputs_again(order, sizes), columns_inside(order, sizes), o.curve()};
    return {inputs_in_turn(order, sizes), weights_of_inputs(order, sizes), o.curve()};
}

const fiber_curves& fiber_counter::buffered(const loop_order& order, const formats& format)
{
    const auto found = std::find_if(m_known.begin(), m_known.end(), [&](const known_curves& each) {
        return each.order.loops == order.loops && each.format.a == format.a && each.format.b == format.b;
    });
    return found != m_known.end() ? found->curves : m_known.emplace_back(known_curves{order, format, count(order, format)}).curves;
}

fiber_curves fiber_counter::count(const loop_order& order, const formats& format)
{
    const fiber_sizes& sizes = sizes_of(format);
    if (class_of(order) == order_class::inner_product)
        return {inputs_inside(order, sizes), columns_inside(order, sizes),
                order.loops[3] == loop::t ? sums_of_words() : reuse_sum(m_capacities).curve()};
    return order.outside(loop::m, loop::n) ? with_rows(order, sizes) : with_columns(order, sizes);
}

} // namespace loas::dataflow
