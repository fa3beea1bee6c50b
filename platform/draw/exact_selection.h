// Drawing elements that count more than once so that their counts add up to a given number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::draw
{

struct candidate {
    double key = 0; ///< finite; the smallest keys are taken
    std::uint32_t index = 0;
    std::uint32_t multiplicity = 1; ///< how often the element counts; 0: not at all
};

struct selection_result {
    std::vector<std::uint32_t> indices; ///< taken, in the order of their keys
    std::uint64_t sum = 0;              ///< of their multiplicities
};

/// Takes elements in the order of their keys (then indices) until their multiplicities add up to `target`. Where the
/// next one would exceed it, as few as possible at the border are exchanged to meet it. Where no exchange of up to five
/// elements does (no sum of 4s is 6), it comes as near as such an exchange can: compare `sum`.
selection_result take_exactly(std::vector<candidate> candidates, std::uint64_t target);

/// The key that is at place n, 0 to keys.size() - 1, when they are sorted.
double smallest_key(const std::vector<double>& keys, std::size_t n);

} // namespace loas::draw
