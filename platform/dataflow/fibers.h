// What an order fetches of a layer into a buffer of any capacity, exactly: fibers of each operand.
#pragma once

#include "platform/dataflow/bits_of.h"
#include "platform/dataflow/sparse_layer.h"
#include "platform/reuse/reuse.h"

#include <cstdint>
#include <list>
#include <vector>

namespace loas::dataflow
{

struct fiber_curves {
    reuse_curve a, b;
    reuse_curve o; ///< partial sums: what is not first is read, and has been written
};

/// Fibers of B that a run of a layer takes, each once, by their first and by their last access. Those that all runs take
/// together and in the same order may be one.
struct touched_fibers {
    std::vector<std::uint64_t> sizes_bits;    ///< of all fibers that there are
    std::vector<std::uint32_t> first, last; ///< the oldest access first
};

/// Of a layer with one unrolling, order after order. Where there is one timestep (or word), t is to be the outermost loop.
/// The layer and the capacities must outlive it.
class fiber_counter
{
public:
    /// layer: with words of word_timesteps in the place of spikes (packed()). capacities_bits: ascending.
    fiber_counter(const sparse_layer& layer, const unrolling& space, unsigned word_timesteps,
                  const std::vector<std::uint64_t>& capacities_bits);

    const fiber_curves& buffered(const loop_order& order, const formats& format);
    touched_fibers touched_weights(const loop_order& order, const formats& format);

private:
    class numbering;
    struct known_curves {
        loop_order order;
        formats format;
        fiber_curves curves;
    };
    /// In bits, of fibers of groups; with t of (group, t), t fastest.
    struct fiber_sizes {
        formats format;
        std::vector<std::uint64_t> rows, rows_t;     ///< of A, along k
        std::vector<std::uint64_t> inputs, inputs_t; ///< of A, along m
        std::vector<std::uint64_t> columns;          ///< of B, along k
        std::vector<std::uint64_t> input_weights;    ///< of B, along n
        fiber_bits spike;

        /// Of A along m, those of the timesteps of a word.
        std::uint64_t inputs_in(std::uint16_t word, std::size_t k, unsigned timesteps) const
        {
            std::uint64_t bits = 0;
            for_each_bit(word, [&](unsigned t) { bits += inputs_t[k * timesteps + t]; });
            return bits;
        }
    };
    fiber_curves count(const loop_order& order, const formats& format);
    const fiber_sizes& sizes_of(const formats& format);
    fiber_sizes count_sizes(const formats& format) const;
    reuse_curve inputs_inside(const loop_order& order, const fiber_sizes& sizes) const;
    reuse_curve columns_inside(const loop_order& order, const fiber_sizes& sizes) const;
    reuse_curve words_again(const fiber_sizes& sizes) const;
    reuse_curve inputs_once(const loop_order& order, const fiber_sizes& sizes) const;
    reuse_curve weights_of_inputs(const loop_order& order, const fiber_sizes& sizes) const;
    reuse_curve sums_of_words() const;
    std::vector<std::uint64_t> sum_fibers(const loop_order& order, const numbering& fibers, std::uint64_t elements,
                                          std::uint64_t group, std::uint64_t along) const;
    reuse_curve inputs_again(const loop_order& order, const fiber_sizes& sizes) const;
    reuse_curve inputs_in_turn(const loop_order& order, const fiber_sizes& sizes) const;
    fiber_curves with_rows(const loop_order& order, const fiber_sizes& sizes) const;
    fiber_curves with_columns(const loop_order& order, const fiber_sizes& sizes) const;
    template <typename function> void by_rows(const loop_order& order, function access) const;
    template <typename function> void by_columns(const loop_order& order, function access) const;

    const sparse_layer& m_layer;
    unsigned m_word_timesteps;
    const std::vector<std::uint64_t>& m_capacities;
    group_sizes m_group;
    sparse_layer m_grouped;
    lists m_spikes_by_input, m_weights_by_column; ///< of groups
    std::vector<std::uint64_t> m_row_spikes, m_input_spikes; ///< of groups and timesteps, t fastest
    std::vector<std::uint16_t> m_input_words;     ///< of each group of inputs: timesteps with any spike
    std::list<fiber_sizes> m_sizes;               ///< of the formats that were asked for
    std::list<known_curves> m_known;              ///< orders of machines are asked for again
};

} // namespace loas::dataflow
