// What the units have to do for a layer in an order, and how long it takes so many of them.
#pragma once

#include "platform/layer_counts/items.h"

#include <optional>

namespace loas::dataflow
{

struct work_rules {
    unsigned chunk_bits = 128;      ///< of masks that are joined at a time
    unsigned empty_join_cycles = 1; ///< of a join without a match; with matches, one a cycle
    unsigned merge_ways = 64;       ///< rows that are merged at a time by Gustavson
};

struct work_counts {
    std::uint64_t matches = 0;       ///< of words and weights
    std::uint64_t joins = 0, empty_joins = 0;
    std::uint64_t merge_passes = 0;    ///< of the merger over a line, beyond the first (merging.h)
    std::uint64_t merged_elements = 0; ///< that are merged once more
    std::uint64_t outputs = 0;       ///< (m, n, t) with a match
    std::uint64_t latency_cycles = 0;

    void add(const work_counts& other);
};

/// (m, n, t) with a match.
std::uint64_t outputs_with_matches(const sparse_layer& layer);

/// Units along one loop of m, n and k. They meet where they share what only one of them could have: with k innermost of m,
/// n and k at each output, which leaves its unit when it is complete; else at each step of the loop that they divide and
/// of those outside it. The latency is the sum over these steps of the largest work of a unit: matches, and with masks a
/// join without a match. An array of rows and columns meets as its inner one of the two does. Units along k add to one
/// output at a time, all in step. Merging once more counts as matches. Units that meet nowhere take lines of the divided
/// loop: where no other loop is outside of it the next one when they are done with theirs, else in turn, since each keeps
/// its sums; the latency is that of the last one, and at least what the stream takes.
class work_counter
{
public:
    /// fetches: of the same layer and unrolling; all arguments must outlive it.
    work_counter(const sparse_layer& layer, const item_counter& fetches, const unrolling& space, const work_rules& rules);

    /// Without the outputs, which are those of the layer in any order.
    work_counts of(const loop_order& order, const formats& format, const meeting& meet);

private:
    struct output_work {
        std::uint64_t full_joins = 0, full_joins_any = 0; ///< with a match: a timestep, and of all timesteps together
        std::uint64_t by_timestep = 0;  ///< latency, where units meet at each (m, n, t)
        std::uint64_t by_output = 0;    ///< at each (m, n), with a join for each timestep
        std::uint64_t by_output_any = 0; ///< the same with one join for all timesteps
        std::vector<std::uint64_t> of_line, of_line_any; ///< work of each line of the divided loop
    };
    struct line_work {
        std::uint64_t by_line = 0, by_timestep = 0; ///< latency, meeting at each group of lines, or line and timestep
        std::uint64_t passes = 0, elements = 0;
        std::vector<std::uint64_t> of_line; ///< work
    };
    const output_work& at_outputs(unsigned empty_join_cycles);
    output_work count_outputs(unsigned empty_join_cycles) const;
    const line_work& at_rows();
    const line_work& at_columns();
    /// Where the fibers that are merged have elements.
    struct fiber_places {
        std::vector<std::uint64_t> masks;
        std::size_t words = 0;   ///< of a fiber
        std::size_t of_input = 1; ///< fibers: one, or one for each timestep

        const std::uint64_t* of(std::uint32_t input, unsigned t) const
        {
            return &masks[(input * of_input + (of_input > 1 ? t : 0)) * words];
        }
    };
    fiber_places places_of_rows() const;
    fiber_places places_of_columns() const;
    line_work count_lines(const lists& work_of, std::uint64_t group, fiber_places (work_counter::*places)() const) const;
    std::uint64_t chunks() const { return groups_of(m_layer.k, m_rules.chunk_bits); }
    std::uint64_t latency(const loop_order& order, const work_counts& counts);
    std::uint64_t latency_apart(const loop_order& order, const work_counts& counts, bool joined, unsigned stream);
    std::vector<std::uint64_t> matches_of_lines() const;

    const sparse_layer& m_layer;
    const item_counter& m_fetches;
    unrolling m_space;
    work_rules m_rules;
    std::optional<output_work> m_joined, m_unjoined;
    std::optional<line_work> m_rows, m_columns;
};

} // namespace loas::dataflow
