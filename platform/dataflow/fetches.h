// What an order fetches of a layer at each level, exactly: items into registers, fibers into a buffer of any capacity.
#pragma once

#include "platform/dataflow/mapping.h"
#include "platform/dataflow/reuse.h"
#include "platform/dataflow/sparse_layer.h"

#include <array>
#include <cstdint>
#include <list>
#include <vector>

namespace loas::dataflow
{

/// Of A, B and O; an update of O is a read and a write of a sum, except the first.
struct operand_counts {
    std::uint64_t a = 0, b = 0, o = 0;

    void add(const operand_counts& other)
    {
        a += other.a;
        b += other.b;
        o += other.o;
    }
};

/// Bits of a fiber: for each of its elements, and for each of its non-zeros.
struct fiber_bits {
    std::uint64_t element = 0, non_zero = 0;
};

inline constexpr unsigned coordinate_bits = 16;    ///< as in the contract's formats (sw/abi)
inline constexpr unsigned weight_bits = 8;
inline constexpr unsigned sum_bits = 32;           ///< partial sums and potentials, as the machines move them

fiber_bits spike_bits(stored how, unsigned word_timesteps);
fiber_bits weight_bits_of(stored how);

/// The dense closed form, with units along one loop. Loops of one unrolled are as many times shorter for the operands
/// that are not indexed by it: one fetch is for all units.
struct dense_form {
    operand_counts fetches;           ///< of items, without a buffer: a register for each operand and unit
    operand_counts once_if_items;     ///< each item is fetched once if a buffer holds so many of them
    std::uint64_t live_sums = 0;      ///< partial sums that wait for more inputs
    std::uint64_t live_potentials = 0; ///< of neurons that wait for the next timestep; 0: none waits
    std::uint64_t stored_potentials = 0; ///< of them, those that are not in a unit's register until then
};
struct layer_sizes {
    std::uint64_t m = 0, n = 0, k = 0, t = 0;

    std::uint64_t of(loop each) const { return each == loop::m ? m : each == loop::n ? n : each == loop::k ? k : t; }
};
/// sizes: with t in words; word_timesteps: sums of a word.
dense_form dense_of(const loop_order& order, const layer_sizes& sizes, const unrolling& space, unsigned word_timesteps);

/// Fetches of a layer with one unrolling, order after order. Where there is one timestep (or word), t is to be the
/// outermost loop. The layer and the capacities must outlive it.
class fetch_counter
{
public:
    /// layer: with words of word_timesteps in the place of spikes (packed()). capacities_bits: ascending.
    fetch_counter(const sparse_layer& layer, const unrolling& space, unsigned word_timesteps,
                  const std::vector<std::uint64_t>& capacities_bits);

    /// Items without a buffer; O: outputs_with_matches if k is innermost.
    operand_counts items(const loop_order& order, std::uint64_t outputs_with_matches) const;
    std::uint64_t matches() const { return m_matches; }

    struct curves {
        reuse_curve a, b;
        reuse_curve o; ///< partial sums: what is not first is read, and has been written
    };
    curves buffered(const loop_order& order, const formats& format);
    /// The same where nothing is skipped, by the dense rule.
    curves buffered_dense(const loop_order& order) const;

    /// Of input k: spikes in groups of rows, and the like.
    struct degrees {
        std::uint32_t spikes = 0;        ///< (m, t)
        std::uint32_t rows = 0;          ///< m
        std::uint32_t timesteps = 0;     ///< t
        std::uint32_t weights = 0;       ///< n
        std::uint32_t row_groups = 0;    ///< as rows, of groups
        std::uint32_t spike_groups = 0;  ///< (group of rows, t)
        std::uint32_t largest_in_groups = 0; ///< the most spikes of a row, summed over groups of rows
        std::uint32_t weight_groups = 0; ///< groups of n
    };
    const std::vector<degrees>& by_input() const { return m_degrees; }
    /// (m, n, t, group of inputs) with a match.
    std::uint64_t matches_of_input_groups() const;

private:
    /// In bits, of fibers of groups; with t of (group, t), t fastest.
    struct fiber_sizes {
        formats format;
        std::vector<std::uint64_t> rows, rows_t;     ///< of A, along k
        std::vector<std::uint64_t> inputs, inputs_t; ///< of A, along m
        std::vector<std::uint64_t> columns;          ///< of B, along k
        std::vector<std::uint64_t> input_weights;    ///< of B, along n
        fiber_bits spike;
    };
    void count_degrees();
    const fiber_sizes& sizes_of(const formats& format);
    fiber_sizes count_sizes(const formats& format) const;
    reuse_curve inputs_inside(const loop_order& order, const fiber_sizes& sizes) const;
    reuse_curve columns_inside(const loop_order& order, const fiber_sizes& sizes) const;
    reuse_curve words_again(const fiber_sizes& sizes) const;
    reuse_curve inputs_once(const loop_order& order, const fiber_sizes& sizes) const;
    reuse_curve weights_of_inputs(const loop_order& order, const fiber_sizes& sizes) const;
    reuse_curve sums_of_words() const;
    std::vector<std::uint64_t> sum_fibers(bool t_in_fiber, std::uint64_t elements, std::uint64_t group,
                                          std::uint64_t along) const;
    curves with_rows(const loop_order& order, const fiber_sizes& sizes) const;
    curves with_columns(const loop_order& order, const fiber_sizes& sizes) const;
    template <typename function> void by_rows(const loop_order& order, function access) const;
    template <typename function> void by_columns(const loop_order& order, function access) const;

    const sparse_layer& m_layer;
    unrolling m_space;
    unsigned m_word_timesteps;
    const std::vector<std::uint64_t>& m_capacities;
    group_sizes m_group;
    sparse_layer m_grouped;
    lists m_spikes_by_input, m_weights_by_column; ///< of groups
    std::vector<std::uint16_t> m_input_words;     ///< of each group of inputs: timesteps with any spike
    std::vector<degrees> m_degrees;               ///< of the layer itself
    std::list<fiber_sizes> m_sizes;               ///< of the formats that were asked for
    std::uint64_t m_matches = 0;
};

} // namespace loas::dataflow
