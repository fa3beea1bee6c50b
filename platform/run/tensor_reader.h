// Tensors out of the machine's memory into plain arrays, by the layout of the contract (sw/abi). Written apart from the
// hardware's own packing on purpose: what checks a result should not share code with what made it.
#pragma once

#include "abi/loas_abi.h"
#include "models/functional/bit_matrix.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace loas::run
{

using memory_reader = std::function<bool(std::uint64_t address, void* data, std::size_t bytes)>;

/// Spike words [pixel][channel], bit t = timestep t. format: loas_spike_format. Throws std::runtime_error when the
/// tensor is not in memory.
std::vector<std::uint16_t> read_spike_tensor(const memory_reader& read, unsigned format, std::uint64_t address,
                                             std::uint64_t pixels, std::uint64_t channels, unsigned timesteps);

/// Weights [column][input]. format: loas_weight_format. Throws as above.
std::vector<std::int8_t> read_weight_tensor(const memory_reader& read, unsigned format, std::uint64_t address,
                                            std::uint64_t columns, std::uint64_t inputs);

/// Where these weights are not zero, [column][input]. Throws as above.
functional::bit_matrix read_non_zero_weights(const memory_reader& read, unsigned format, std::uint64_t address,
                                             std::uint64_t columns, std::uint64_t inputs);

/// int32 numbers, `count` of them.
std::vector<std::int32_t> read_numbers(const memory_reader& read, std::uint64_t address, std::uint64_t count);

} // namespace loas::run
