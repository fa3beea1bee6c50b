#include "cost/compression.h"

namespace loas::cost
{

namespace
{

/// Bits that tell `count` things apart.
unsigned coordinate_bits(std::uint64_t count)
{
    unsigned bits = 0;
    while (bits < 64 && (std::uint64_t{1} << bits) < count)
        ++bits;
    return bits;
}

} // namespace

spike_storage stored_spikes(const spike_statistics& statistics, unsigned pointer_bits)
{
    spike_storage storage;
    storage.information_bits = statistics.non_silent * statistics.timesteps;
    storage.packed_mask_bits = statistics.fibers * statistics.length;
    storage.packed_pointer_bits = statistics.fibers * pointer_bits;
    storage.packed_word_bits = statistics.non_silent * statistics.timesteps;
    storage.csr_coordinate_bits = statistics.spikes * coordinate_bits(statistics.length);
    storage.csr_pointer_bits = statistics.fibers * statistics.timesteps * pointer_bits;
    storage.timestep_bitmask_bits = statistics.fibers * statistics.length * statistics.timesteps;
    return storage;
}

stored_size size_in(const tile_format& format, std::uint64_t nonzeros, std::uint64_t elements)
{
    switch (format.how) {
    case stored_as::raw:
        return {elements, 0};
    case stored_as::coordinates:
        return {nonzeros, nonzeros * format.coordinate_bits};
    case stored_as::masked:
        break;
    }
    return {nonzeros, elements};
}

std::uint64_t stored_spike_bits(const tile_format& format, const spike_statistics& statistics)
{
    const std::uint64_t inputs = statistics.fibers * statistics.length;
    const bool packed = format.how == stored_as::masked;
    const stored_size size = packed ? size_in(format, statistics.non_silent, inputs)
                                    : size_in(format, statistics.spikes, inputs * statistics.timesteps);
    return size.items * (packed ? statistics.timesteps : 1) + size.index_bits;
}

} // namespace loas::cost
