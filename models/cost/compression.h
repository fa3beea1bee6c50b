// How well the spikes of a layer are compressed: bits that carry information, T for each non-silent
// input, per bit stored, for LoAS's packed fibers and for the two ways of storing each timestep by itself.
#pragma once

#include "models/functional/layer_shape.h"

#include <cstdint>
#include <vector>

namespace loas::cost
{

/// Spikes of fibers (rows or pixels) of `length` inputs each.
struct spike_statistics {
    std::uint64_t fibers = 0;
    std::uint64_t length = 0;
    unsigned timesteps = 4;
    std::uint64_t non_silent = 0; ///< inputs with a spike in some timestep
    std::uint64_t spikes = 0;
};

struct spike_storage {
    std::uint64_t information_bits = 0;      ///< T for each non-silent input
    std::uint64_t packed_mask_bits = 0;      ///< one for each input
    std::uint64_t packed_pointer_bits = 0;   ///< one pointer for each fiber
    std::uint64_t packed_word_bits = 0;      ///< T for each non-silent input
    std::uint64_t csr_coordinate_bits = 0;   ///< one coordinate for each spike; the spike itself needs no value
    std::uint64_t csr_pointer_bits = 0;      ///< one pointer for each fiber and timestep
    std::uint64_t timestep_bitmask_bits = 0; ///< one for each input and timestep: the mask is the value, no pointer

    std::uint64_t packed_bits() const { return packed_mask_bits + packed_pointer_bits + packed_word_bits; }
    std::uint64_t csr_bits() const { return csr_coordinate_bits + csr_pointer_bits; }

    double packed_efficiency() const { return efficiency(packed_bits()); }
    double csr_efficiency() const { return efficiency(csr_bits()); }
    double timestep_bitmask_efficiency() const { return efficiency(timestep_bitmask_bits); }

private:
    double efficiency(std::uint64_t stored_bits) const
    {
        return stored_bits == 0 ? 0.0 : static_cast<double>(information_bits) / static_cast<double>(stored_bits);
    }
};

/// How the tiles or fibers of an operand are stored by one of the designs that the publication compares.
enum class stored_as {
    masked,      ///< non-zeros, and one mask bit for each element
    raw,         ///< every element: of single spikes, the mask is the value
    coordinates, ///< non-zeros, each with its coordinate
};
struct tile_format {
    stored_as how = stored_as::masked;
    unsigned coordinate_bits = 0;
};
constexpr tile_format masked_tiles{stored_as::masked, 0};
constexpr tile_format raw_tiles{stored_as::raw, 0};
constexpr tile_format coordinate_tiles(unsigned coordinate_bits)
{
    return {stored_as::coordinates, coordinate_bits};
}

struct stored_size {
    std::uint64_t items = 0; ///< elements of which the value is stored
    std::uint64_t index_bits = 0;
};
stored_size size_in(const tile_format& format, std::uint64_t nonzeros, std::uint64_t elements);

/// Spikes in the format of a design, without pointers. Masked spikes are packed: an item is T bits. The other formats
/// store each timestep by itself: an item is a bit.
std::uint64_t stored_spike_bits(const tile_format& format, const spike_statistics& statistics);

/// An operand of a layer as it lies in memory in the format of its design (sw/abi): masks or coordinates, pointers or
/// heads, and values; without what slots leave free.
struct tensor_size {
    std::uint64_t bytes = 0;
    std::uint64_t dense_bits = 0; ///< a bit for each channel, pixel and timestep, or 8 for each weight or input byte
    std::uint64_t information_bits = 0; ///< T for each channel of a pixel that is not silent, 8 for each weight or byte not 0

    double efficiency() const
    {
        return bytes == 0 ? 0.0 : static_cast<double>(information_bits) / static_cast<double>(8 * bytes);
    }
    void add(const tensor_size& other)
    {
        bytes += other.bytes;
        dense_bits += other.dense_bits;
        information_bits += other.information_bits;
    }
};

/// words: [pixel][channel], bit t = timestep t.
tensor_size spikes_in_memory(const functional::layer_shape& shape, const std::vector<std::uint16_t>& words);
tensor_size weights_in_memory(const functional::layer_shape& shape, std::uint64_t nonzeros);

/// Pointers of fibers in memory are 32 bits (sw/abi); the same is charged for CSR.
constexpr unsigned fiber_pointer_bits = 32;

/// @param pointer_bits 0 leaves pointers out, as the publication's traffic counters do
spike_storage stored_spikes(const spike_statistics& statistics, unsigned pointer_bits = fiber_pointer_bits);

} // namespace loas::cost
