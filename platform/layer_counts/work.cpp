#include "platform/layer_counts/work.h"

#include "platform/layer_counts/merging.h"

#include "models/functional/bits.h"

#include <algorithm>
#include <cstring>

namespace loas::dataflow
{

void work_counts::add(const work_counts& other)
{
    matches += other.matches;
    joins += other.joins;
    empty_joins += other.empty_joins;
    merge_passes += other.merge_passes;
    merged_elements += other.merged_elements;
    outputs += other.outputs;
    latency_cycles += other.latency_cycles;
}

work_counter::work_counter(const sparse_layer& layer, const item_counter& fetches, const unrolling& space,
                           const work_rules& rules)
    : m_layer(layer), m_fetches(fetches), m_space(space), m_rules(rules)
{
}

const work_counter::output_work& work_counter::at_outputs(unsigned empty_join_cycles)
{
    std::optional<output_work>& kept = empty_join_cycles > 0 ? m_joined : m_unjoined;
    if (!kept)
        kept = count_outputs(empty_join_cycles);
    return *kept;
}

namespace
{

/// Of a row against all columns: matches at each timestep, and joins with one. Counted a chunk at a time, in 16 bits
/// for each timestep, of which a column's four are added at once.
class row_joins
{
public:
    row_joins(const sparse_layer& layer, unsigned chunk_bits)
        : full_any(layer.n), m_layer(layer), m_chunk_bits(chunk_bits), m_words((layer.t + 3) / 4), m_chunk(layer.n * m_words),
          m_steps(4 * m_chunk.size())
    {
        matches.resize(m_steps.size());
        full.resize(m_steps.size());
        for (unsigned word = 0; word < 16; ++word) {
            const std::uint16_t spread[4] = {static_cast<std::uint16_t>(word & 1), static_cast<std::uint16_t>(word >> 1 & 1),
                                             static_cast<std::uint16_t>(word >> 2 & 1), static_cast<std::uint16_t>(word >> 3)};
            std::memcpy(&m_spread[word], spread, sizeof spread);
        }
    }

    void count(std::size_t m)
    {
        std::fill(matches.begin(), matches.end(), 0);
        std::fill(full.begin(), full.end(), 0);
        std::fill(full_any.begin(), full_any.end(), 0);
        const lists& spikes = m_layer.spikes;
        for (std::size_t i = spikes.first[m]; i < spikes.first[m + 1];) {
            const std::uint32_t end = (spikes.places[i] / m_chunk_bits + 1) * m_chunk_bits;
            for (; i < spikes.first[m + 1] && spikes.places[i] < end; ++i)
                add(spikes.places[i], spikes.words[i]);
            end_chunk();
        }
    }

    unsigned words() const { return m_words; }
    /// Timesteps of a column, with those that fill its words.
    unsigned steps() const { return 4 * m_words; }
    std::vector<std::uint32_t> matches, full; ///< [n][steps()]
    std::vector<std::uint32_t> full_any;      ///< [n]; of all timesteps together

private:
    void add(std::uint32_t k, unsigned word)
    {
        const lists& weights = m_layer.weights;
        if (m_words == 1) {
            const std::uint64_t spread = m_spread[word];
            for (std::size_t j = weights.first[k]; j < weights.first[k + 1]; ++j)
                m_chunk[weights.places[j]] += spread;
        } else
            for (std::size_t j = weights.first[k]; j < weights.first[k + 1]; ++j)
                for (unsigned w = 0; w < m_words; ++w)
                    m_chunk[weights.places[j] * m_words + w] += m_spread[word >> (4 * w) & 15];
    }
    void end_chunk()
    {
        std::memcpy(m_steps.data(), m_chunk.data(), 8 * m_chunk.size());
        for (std::size_t cell = 0; cell < m_steps.size(); ++cell) { // vectors of the compiler's
            matches[cell] += m_steps[cell];
            full[cell] += m_steps[cell] != 0;
        }
        for (std::size_t n = 0; n < m_layer.n; ++n) {
            std::uint64_t any = 0;
            for (unsigned w = 0; w < m_words; ++w)
                any |= m_chunk[n * m_words + w];
            full_any[n] += any != 0;
        }
        std::fill(m_chunk.begin(), m_chunk.end(), 0);
    }

    const sparse_layer& m_layer;
    unsigned m_chunk_bits, m_words;
    std::vector<std::uint64_t> m_chunk; ///< [n][word of four timesteps]
    std::vector<std::uint16_t> m_steps; ///< the same
    std::uint64_t m_spread[16] = {};    ///< bit t of the index in the t-th 16 bits
};

} // namespace

work_counter::output_work work_counter::count_outputs(unsigned empty_join_cycles) const
{
    const unsigned steps = m_layer.t;
    const std::size_t columns = m_layer.n;
    // All below counts of a row's inputs, each at most so many cycles at so many timesteps: they fit.
    const auto empty = static_cast<std::uint32_t>(empty_join_cycles * chunks());
    const std::uint64_t row_units = m_space.units_of(loop::m), column_units = m_space.units_of(loop::n);
    row_joins row(m_layer, m_rules.chunk_bits);
    std::vector<std::uint32_t> most(columns * row.steps()), most_of_output(columns), most_any(columns); // of the group's rows
    output_work work;
    const bool rows = m_space.over == loop::m;
    work.of_line.resize(rows ? m_layer.m : columns);
    work.of_line_any.resize(work.of_line.size());
    for (std::uint64_t first = 0; first < m_layer.m; first += row_units) {
        std::fill(most.begin(), most.end(), 0);
        std::fill(most_of_output.begin(), most_of_output.end(), 0);
        std::fill(most_any.begin(), most_any.end(), 0);
        for (std::uint64_t m = first; m < std::min(first + row_units, m_layer.m); ++m) {
            row.count(m);
            for (std::size_t cell = 0; cell < most.size(); ++cell) // vectors of the compiler's
                most[cell] = std::max(most[cell], row.matches[cell] - empty_join_cycles * row.full[cell] + empty);
            for (std::size_t n = 0; n < columns; ++n) {
                std::uint32_t added = 0, full = 0;
                for (unsigned word = 0; word < row.words(); ++word) {
                    const std::size_t cell = (n * row.words() + word) * 4;
                    added += row.matches[cell] + row.matches[cell + 1] + row.matches[cell + 2] + row.matches[cell + 3];
                    full += row.full[cell] + row.full[cell + 1] + row.full[cell + 2] + row.full[cell + 3];
                }
                work.full_joins += full;
                work.full_joins_any += row.full_any[n];
                const std::uint32_t of_output = added - empty_join_cycles * full + steps * empty;
                const std::uint32_t any = added - empty_join_cycles * row.full_any[n] + empty;
                most_of_output[n] = std::max(most_of_output[n], of_output);
                most_any[n] = std::max(most_any[n], any);
                work.of_line[rows ? m : n] += of_output;
                work.of_line_any[rows ? m : n] += any;
            }
        }
        for (std::size_t from = 0; from < columns; from += column_units) {
            const std::size_t to = std::min<std::size_t>(from + column_units, columns);
            std::uint32_t of_output = 0, any = 0;
            for (unsigned t = 0; t < steps; ++t) {
                std::uint32_t of_cell = 0;
                for (std::size_t n = from; n < to; ++n)
                    of_cell = std::max(of_cell, most[n * row.steps() + t]);
                work.by_timestep += of_cell;
            }
            for (std::size_t n = from; n < to; ++n) {
                of_output = std::max(of_output, most_of_output[n]);
                any = std::max(any, most_any[n]);
            }
            work.by_output += of_output;
            work.by_output_any += any;
        }
    }
    return work;
}

namespace
{

/// Of each input its columns, in words of 64.
std::vector<std::uint64_t> masks_of_weights(const sparse_layer& layer)
{
    const std::size_t words = groups_of(layer.n, 64);
    std::vector<std::uint64_t> masks(layer.k * words);
    for (std::size_t k = 0; k < layer.k; ++k)
        for (std::size_t j = layer.weights.first[k]; j < layer.weights.first[k + 1]; ++j)
            masks[k * words + layer.weights.places[j] / 64] |= std::uint64_t{1} << layer.weights.places[j] % 64;
    return masks;
}

} // namespace

std::uint64_t outputs_with_matches(const sparse_layer& layer)
{
    const std::size_t words = groups_of(layer.n, 64);
    const std::vector<std::uint64_t> masks = masks_of_weights(layer);
    std::vector<std::uint64_t> seen(layer.t * words);
    std::uint64_t outputs = 0;
    for (std::size_t m = 0; m < layer.m; ++m) {
        std::fill(seen.begin(), seen.end(), 0);
        for (std::size_t i = layer.spikes.first[m]; i < layer.spikes.first[m + 1]; ++i)
            for_each_bit(layer.spikes.words[i], [&](unsigned t) {
                for (std::size_t w = 0; w < words; ++w)
                    seen[t * words + w] |= masks[layer.spikes.places[i] * words + w];
            });
        for (const std::uint64_t each : seen)
            outputs += functional::popcount(each);
    }
    return outputs;
}

work_counter::fiber_places work_counter::places_of_rows() const
{
    return {masks_of_weights(m_layer), groups_of(m_layer.n, 64), 1};
}

work_counter::fiber_places work_counter::places_of_columns() const
{
    fiber_places to{{}, groups_of(m_layer.m, 64), std::max<std::size_t>(m_layer.t, 2)};
    to.masks.resize(m_layer.k * to.of_input * to.words);
    for (std::size_t m = 0; m < m_layer.m; ++m)
        for (std::size_t i = m_layer.spikes.first[m]; i < m_layer.spikes.first[m + 1]; ++i)
            for_each_bit(m_layer.spikes.words[i], [&](unsigned t) {
                to.masks[(m_layer.spikes.places[i] * to.of_input + t) * to.words + m / 64] |= std::uint64_t{1} << m % 64;
            });
    return to;
}

/// work_of: of each line its lists of (input, timesteps), `counts` what each takes in a timestep.
work_counter::line_work work_counter::count_lines(const lists& work_of, std::uint64_t group,
                                                  fiber_places (work_counter::*places)() const) const
{
    const unsigned steps = m_layer.t;
    std::vector<std::uint64_t> elements(steps), most(steps);
    std::vector<std::uint32_t> merged(steps);
    fiber_places fibers; // when the first line needs them
    line_work work;
    const auto merge = [&](std::size_t line, unsigned t) {
        if (fibers.words == 0)
            fibers = (this->*places)();
        fiber_merger merger(m_rules.merge_ways, fibers.words);
        for (std::size_t i = work_of.first[line]; i < work_of.first[line + 1]; ++i)
            if ((work_of.words[i] >> t & 1) != 0)
                merger.add(fibers.of(work_of.places[i], t));
        return merger.merge();
    };
    for (std::uint64_t first = 0; first < work_of.lines(); first += group) {
        std::fill(most.begin(), most.end(), 0);
        std::uint64_t most_of_line = 0;
        for (std::uint64_t line = first; line < std::min<std::uint64_t>(first + group, work_of.lines()); ++line) {
            std::fill(elements.begin(), elements.end(), 0);
            std::fill(merged.begin(), merged.end(), 0);
            for (std::size_t i = work_of.first[line]; i < work_of.first[line + 1]; ++i)
                for_each_bit(work_of.words[i], [&](unsigned t) {
                    elements[t] += work_of.counts[i];
                    ++merged[t];
                });
            std::uint64_t of_line = 0;
            for (unsigned t = 0; t < steps; ++t) {
                if (merged[t] > m_rules.merge_ways) {
                    const fiber_merger::rounds rounds = merge(line, t);
                    work.passes += rounds.again;
                    work.elements += rounds.elements;
                    elements[t] += rounds.elements;
                }
                most[t] = std::max(most[t], elements[t]);
                of_line += elements[t];
            }
            work.of_line.push_back(of_line);
            most_of_line = std::max(most_of_line, of_line);
        }
        work.by_line += most_of_line;
        for (const std::uint64_t each : most)
            work.by_timestep += each;
    }
    return work;
}

const work_counter::line_work& work_counter::at_rows()
{
    if (!m_rows) {
        lists rows = m_layer.spikes; // a spike takes a row of B
        rows.counts.clear();
        for (const std::uint32_t k : rows.places)
            rows.counts.push_back(m_layer.weights.length(k));
        m_rows = count_lines(rows, m_space.units_of(loop::m), &work_counter::places_of_rows);
    }
    return *m_rows;
}

const work_counter::line_work& work_counter::at_columns()
{
    if (!m_columns) {
        // A weight takes a column of A, in each timestep with spikes what that has.
        std::vector<std::uint32_t> spikes(m_layer.k * m_layer.t);
        for (std::size_t i = 0; i < m_layer.spikes.places.size(); ++i)
            for_each_bit(m_layer.spikes.words[i],
                         [&](unsigned t) { ++spikes[std::size_t{m_layer.spikes.places[i]} * m_layer.t + t]; });
        lists columns = transposed(m_layer.weights, m_layer.n), by_timestep;
        by_timestep.first.push_back(0);
        for (std::size_t n = 0; n < m_layer.n; ++n) {
            for (std::size_t i = columns.first[n]; i < columns.first[n + 1]; ++i)
                for (unsigned t = 0; t < m_layer.t; ++t)
                    if (const std::uint32_t each = spikes[std::size_t{columns.places[i]} * m_layer.t + t]; each > 0) {
                        by_timestep.places.push_back(columns.places[i]);
                        by_timestep.words.push_back(static_cast<std::uint16_t>(1U << t));
                        by_timestep.counts.push_back(each);
                    }
            by_timestep.first.push_back(static_cast<std::uint32_t>(by_timestep.places.size()));
        }
        m_columns = count_lines(by_timestep, m_space.units_of(loop::n), &work_counter::places_of_columns);
    }
    return *m_columns;
}

work_counts work_counter::of(const loop_order& order, const formats& format, const meeting& meet)
{
    const bool inner = class_of(order) == order_class::inner_product;
    const bool joined = inner && format.a == stored::bitmask && format.b == stored::bitmask;
    const bool a_join_a_timestep = order.outside(loop::t, loop::k);
    work_counts counts;
    counts.matches = m_fetches.matches();
    if (format.dense()) // each element is a step, which the dense form has
        return counts;
    if (joined) {
        const output_work& outputs = at_outputs(m_rules.empty_join_cycles);
        counts.joins = m_layer.m * m_layer.n * chunks() * (a_join_a_timestep ? m_layer.t : 1);
        counts.empty_joins = counts.joins - (a_join_a_timestep ? outputs.full_joins : outputs.full_joins_any);
    }
    if (class_of(order) == order_class::gustavson_row || class_of(order) == order_class::gustavson_column) {
        const line_work& lines = class_of(order) == order_class::gustavson_row ? at_rows() : at_columns();
        counts.merge_passes = lines.passes;
        counts.merged_elements = lines.elements;
    }
    if (meet.nowhere)
        counts.latency_cycles = latency_apart(order, counts, joined, meet.stream);
    else if (m_space.over == loop::k && m_space.units > 1)
        counts.latency_cycles = m_fetches.matches_of_input_groups();
    else if (!inner)
        counts.latency_cycles = latency(order, counts);
    else {
        const output_work& outputs = at_outputs(joined ? m_rules.empty_join_cycles : 0);
        const bool at_timesteps = order.outside(loop::t, loop::m) || order.outside(loop::t, loop::n);
        counts.latency_cycles = !a_join_a_timestep ? outputs.by_output_any : at_timesteps ? outputs.by_timestep : outputs.by_output;
    }
    return counts;
}

} // namespace loas::dataflow
