#include "models/cost/compression.h"

#include "models/functional/bits.h"
#include "models/functional/spike_words.h"

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

tensor_size spikes_in_memory(const functional::layer_shape& shape, const std::vector<std::uint16_t>& words)
{
    const loas_tensor_layout layout = shape.input_layout();
    const std::uint64_t pixels = shape.input_pixels(), timesteps = shape.timesteps, channels = shape.in_channels;
    std::uint64_t non_silent = 0, spikes = 0, packed_bytes = 0;
    for (std::uint64_t pixel = 0; pixel < pixels; ++pixel) {
        std::uint64_t of_pixel = 0;
        for (std::uint64_t i = pixel * channels; i < (pixel + 1) * channels; ++i) {
            of_pixel += words[i] != 0;
            spikes += functional::popcount(words[i]);
        }
        non_silent += of_pixel;
        packed_bytes += functional::packed_bytes(of_pixel, shape.word_bits());
    }
    tensor_size size{0, pixels * channels * shape.word_bits(), non_silent * shape.word_bits()};
    if (shape.spike_format == LOAS_SPIKES_BITMAP)
        size.bytes = layout.total_bytes;
    else if (shape.spike_format == LOAS_SPIKES_COORDINATES)
        size.bytes = pixels * timesteps * LOAS_HEAD_BYTES + spikes * loas_coordinate_bytes(channels);
    else if (shape.spike_format == LOAS_SPIKES_BYTE_PAIRS)
        size.bytes = pixels * LOAS_HEAD_BYTES + non_silent * (loas_coordinate_bytes(channels) + 1);
    else
        size.bytes = pixels * (layout.mask_stride + fiber_pointer_bits / 8) + packed_bytes;
    return size;
}

tensor_size weights_in_memory(const functional::layer_shape& shape, std::uint64_t nonzeros)
{
    const loas_tensor_layout layout = shape.weight_layout();
    tensor_size size{0, 8 * shape.n * shape.k, 8 * nonzeros};
    if (shape.weight_format == LOAS_WEIGHTS_DENSE)
        size.bytes = layout.total_bytes;
    else if (shape.weight_format == LOAS_WEIGHTS_ROWS)
        size.bytes = shape.k * LOAS_HEAD_BYTES + nonzeros * (loas_coordinate_bytes(shape.n) + 1);
    else
        size.bytes = shape.n * (layout.mask_stride + fiber_pointer_bits / 8) + nonzeros;
    return size;
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
