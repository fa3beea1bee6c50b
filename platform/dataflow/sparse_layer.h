// A layer by where its spikes and weights are: the operands of the matrix product, unfolded, as lists of non-zeros.
#pragma once

#include "models/functional/bits.h"
#include "platform/mapping/mapping.h"
#include "platform/lowering/network.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace loas::dataflow
{

/// Non-zeros of a matrix, line after line, ascending within a line.
struct lists {
    std::vector<std::uint32_t> first; ///< of a line's entries; one more than there are lines
    std::vector<std::uint32_t> places;
    std::vector<std::uint16_t> words;  ///< of spikes, bit t = timestep t; of weights none
    std::vector<std::uint32_t> counts; ///< of grouped entries, the non-zeros in each; else none

    std::size_t lines() const { return first.size() - 1; }
    std::uint32_t length(std::size_t line) const { return first[line + 1] - first[line]; }
};

/// f(t) for each timestep of a word, ascending.
template <typename function> void for_each_bit(std::uint16_t word, function f)
{
    for (unsigned bits = word; bits != 0; bits &= bits - 1)
        f(functional::lowest_bit(bits));
}

/// Columns in the place of rows.
lists transposed(const lists& of, std::size_t columns);

struct sparse_layer {
    std::uint64_t m = 0, n = 0, k = 0; ///< sizes
    unsigned t = 1;
    lists spikes;  ///< by row of A, in the order in which machines take them; places are inputs
    lists weights; ///< by input; places are columns
};

/// spikes: [height][width][channel], bit t = timestep t, 1 to 16 timesteps. Rows are in the order of
/// functional::row_order(): those outside every pooling window are left out. k = (kernel row, kernel column, channel).
sparse_layer unfold(const lowering::layer_model& layer, unsigned timesteps, const std::vector<std::uint16_t>& spikes);

/// The same with words of so many timesteps in the place of spikes: bit i = a spike in any of the i-th of them.
sparse_layer packed(const sparse_layer& layer, unsigned word_timesteps);

/// Groups of so many rows, inputs or columns in the place of each: a group is silent if all of it is. `counts` of an
/// entry are its spikes (words, with packed()) or weights.
struct group_sizes {
    std::uint64_t m = 1, n = 1, k = 1;
};
group_sizes group_of(const unrolling& space);
sparse_layer grouped(const sparse_layer& layer, const group_sizes& sizes);

constexpr std::uint64_t groups_of(std::uint64_t elements, std::uint64_t size)
{
    return (elements + size - 1) / size;
}

/// Elements of group i; the last one may have fewer.
constexpr std::uint64_t in_group(std::uint64_t elements, std::uint64_t size, std::uint64_t i)
{
    return elements - i * size < size ? elements - i * size : size;
}

} // namespace loas::dataflow
