#include "app/tensor_reader.h"

#include "functional/bits.h"

#include <stdexcept>

namespace loas::app
{
namespace
{

std::vector<std::uint8_t> read_bytes(const memory_reader& read, std::uint64_t address, std::uint64_t count)
{
    std::vector<std::uint8_t> bytes(count);
    if (count > 0 && !read(address, bytes.data(), count))
        throw std::runtime_error("tensor at " + std::to_string(address) + " is not in memory");
    return bytes;
}

bool bit_of(const std::vector<std::uint8_t>& bytes, std::uint64_t index)
{
    return (bytes[index / 8] >> index % 8 & 1) != 0;
}

/// Calls visit(fiber, position, n) for the n-th set mask bit of each fiber, and load(fiber, count, pointer) before.
template <class Load, class Visit>
void walk(const memory_reader& read, std::uint64_t address, std::uint64_t fibers, std::uint64_t length,
          const loas_tensor_layout& layout, Load load, Visit visit)
{
    const std::vector<std::uint8_t> masks = read_bytes(read, address, fibers * layout.mask_stride);
    const std::vector<std::uint8_t> pointers = read_bytes(read, address + layout.pointer_offset, 4 * fibers);
    std::vector<std::uint64_t> set;
    for (std::uint64_t fiber = 0; fiber < fibers; ++fiber) {
        set.clear();
        const std::uint8_t* mask = masks.data() + fiber * layout.mask_stride;
        for (std::uint64_t byte = 0; 8 * byte < length; ++byte)
            for (unsigned bits = mask[byte]; bits != 0; bits &= bits - 1)
                if (const std::uint64_t i = 8 * byte + functional::lowest_bit(bits); i < length)
                    set.push_back(i);
        std::uint64_t pointer = 0;
        for (unsigned byte = 0; byte < 4; ++byte)
            pointer |= std::uint64_t{pointers[4 * fiber + byte]} << 8 * byte;
        // A fiber that points out of memory cannot have been read by the hardware either, or the layer would have
        // failed: it belongs to a pixel that no row uses.
        std::vector<std::uint8_t> values;
        try {
            values = load(set.size(), address + layout.values_offset + pointer);
        } catch (const std::runtime_error&) {
            continue;
        }
        for (std::uint64_t n = 0; n < set.size(); ++n)
            visit(fiber, set[n], n, values);
    }
}

} // namespace

std::vector<std::uint16_t> read_spike_tensor(const memory_reader& read, std::uint64_t address, std::uint64_t pixels,
                                             std::uint64_t channels, unsigned timesteps)
{
    std::vector<std::uint16_t> words(pixels * channels);
    walk(
        read, address, pixels, channels, loas_spike_layout(pixels, channels, timesteps),
        [&](std::uint64_t count, std::uint64_t from) { return read_bytes(read, from, (count * timesteps + 7) / 8); },
        [&](std::uint64_t pixel, std::uint64_t channel, std::uint64_t n, const std::vector<std::uint8_t>& values) {
            for (unsigned t = 0; t < timesteps; ++t)
                if (bit_of(values, n * timesteps + t))
                    words[pixel * channels + channel] |= static_cast<std::uint16_t>(1U << t);
        });
    return words;
}

std::vector<std::int8_t> read_weight_tensor(const memory_reader& read, std::uint64_t address, std::uint64_t columns,
                                            std::uint64_t inputs)
{
    std::vector<std::int8_t> weights(columns * inputs);
    walk(
        read, address, columns, inputs, loas_weight_layout(columns, inputs),
        [&](std::uint64_t count, std::uint64_t from) { return read_bytes(read, from, count); },
        [&](std::uint64_t column, std::uint64_t input, std::uint64_t n, const std::vector<std::uint8_t>& values) {
            weights[column * inputs + input] = static_cast<std::int8_t>(values[n]);
        });
    return weights;
}

std::vector<std::int32_t> read_numbers(const memory_reader& read, std::uint64_t address, std::uint64_t count)
{
    const std::vector<std::uint8_t> bytes = read_bytes(read, address, 4 * count);
    std::vector<std::int32_t> numbers(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint32_t value = 0;
        for (unsigned byte = 0; byte < 4; ++byte)
            value |= std::uint32_t{bytes[4 * i + byte]} << 8 * byte;
        numbers[i] = static_cast<std::int32_t>(value);
    }
    return numbers;
}

} // namespace loas::app
