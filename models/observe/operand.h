// What an access to memory is about: tensors and their parts. Counters by kind stand in this order.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loas::observe
{

enum class operand : std::uint8_t {
    a_mask,
    a_pointers,
    a_words,
    b_mask,
    b_pointers,
    b_weights,
    bias,
    c_mask,
    c_pointers,
    c_words,
    currents,
    partial_sums,
    count
};

constexpr std::size_t operand_count = static_cast<std::size_t>(operand::count);
constexpr std::size_t read_operand_count = 7;  ///< the first ones are read by an accelerator ...
constexpr std::size_t write_operand_count = 5; ///< ... the others written, partial sums both

constexpr bool is_a(operand kind)
{
    return kind <= operand::a_words;
}

/// Position among the written kinds.
constexpr std::size_t write_index(operand kind)
{
    return static_cast<std::size_t>(kind) - read_operand_count;
}

} // namespace loas::observe
