#include "platform/run/tensor_reader.h"

#include "models/functional/bits.h"

#include <cstring>
#include <stdexcept>

namespace loas::run
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

std::uint64_t number_at(const std::vector<std::uint8_t>& bytes, std::uint64_t at, unsigned count)
{
    std::uint64_t number = 0;
    for (unsigned byte = 0; byte < count; ++byte)
        number |= std::uint64_t{bytes[at + byte]} << 8 * byte;
    return number;
}

/// Values of a fiber, or none. A fiber that points out of memory cannot have been read by the hardware either, or the
/// layer would have failed: it belongs to a pixel that no row uses.
void read_values(const memory_reader& read, std::uint64_t address, std::uint64_t count,
                 std::vector<std::uint8_t>& values)
{
    values.resize(count);
    if (count > 0 && !read(address, values.data(), count))
        values.clear();
}

/// Fibers with masks and pointers. Calls visit(fiber, position, n, values) for the n-th set mask bit of each fiber;
/// a value has value_bits.
template <class Visit>
void walk_masks(const memory_reader& read, std::uint64_t address, std::uint64_t fibers, std::uint64_t length,
                unsigned value_bits, const loas_tensor_layout& layout, Visit visit)
{
    const std::vector<std::uint8_t> masks = read_bytes(read, address, fibers * layout.mask_stride);
    const std::vector<std::uint8_t> pointers = read_bytes(read, address + layout.pointer_offset, 4 * fibers);
    std::vector<std::uint64_t> mask(functional::words_of(length));
    std::vector<std::uint8_t> values;
    for (std::uint64_t fiber = 0; fiber < fibers; ++fiber) {
        std::memcpy(mask.data(), masks.data() + fiber * layout.mask_stride, (length + 7) / 8);
        mask.back() &= functional::low_bits(static_cast<unsigned>(length - 64 * (mask.size() - 1)));
        const std::uint64_t set = functional::popcount(mask.data(), mask.size());
        const std::uint64_t from = address + layout.values_offset + number_at(pointers, 4 * fiber, 4);
        read_values(read, from, (set * value_bits + 7) / 8, values);
        std::uint64_t n = 0;
        for (std::uint64_t i = 0; i < mask.size() && !values.empty(); ++i)
            for (std::uint64_t bits = mask[i]; bits != 0; bits &= bits - 1)
                visit(fiber, 64 * i + functional::lowest_bit(bits), n++, values);
    }
}

/// Fibers with heads. Calls visit(fiber, position, byte behind the position) for each value; extra: bytes of a value
/// behind its position. A fiber of too many values or with positions that do not exist is like one out of memory.
template <class Visit>
void walk_heads(const memory_reader& read, std::uint64_t address, std::uint64_t fibers, std::uint64_t length,
                unsigned extra, const loas_tensor_layout& layout, Visit visit)
{
    const std::vector<std::uint8_t> heads = read_bytes(read, address + layout.pointer_offset, 8 * fibers);
    const unsigned position_bytes = length > 256 ? 2 : 1;
    const unsigned value_bytes = position_bytes + extra;
    std::vector<std::uint8_t> values;
    for (std::uint64_t fiber = 0; fiber < fibers; ++fiber) {
        const std::uint64_t from = address + layout.values_offset + number_at(heads, 8 * fiber, 4);
        const std::uint64_t count = number_at(heads, 8 * fiber + 4, 4);
        if (count > length)
            continue;
        read_values(read, from, count * value_bytes, values);
        std::uint64_t at = 0;
        while (at < values.size() && number_at(values, at, position_bytes) < length)
            at += value_bytes;
        if (at < values.size())
            continue;
        for (at = 0; at < values.size(); at += value_bytes)
            visit(fiber, number_at(values, at, position_bytes), values[at + value_bytes - 1]);
    }
}

/// Calls visit(column, input, weight) for every weight that is stored.
template <class Visit>
void walk_weights(const memory_reader& read, unsigned format, std::uint64_t address, std::uint64_t columns,
                  std::uint64_t inputs, Visit visit)
{
    const loas_tensor_layout layout = loas_weight_layout(format, columns, inputs);
    if (format == LOAS_WEIGHTS_COLUMNS) {
        walk_masks(read, address, columns, inputs, 8, layout,
                   [&](std::uint64_t column, std::uint64_t input, std::uint64_t n,
                       const std::vector<std::uint8_t>& values) { visit(column, input, values[n]); });
    } else if (format == LOAS_WEIGHTS_ROWS) {
        walk_heads(
            read, address, inputs, columns, 1, layout,
            [&](std::uint64_t input, std::uint64_t column, std::uint8_t weight) { visit(column, input, weight); });
    } else {
        const std::vector<std::uint8_t> bytes = read_bytes(read, address, columns * inputs);
        const std::uint8_t* weight = bytes.data();
        for (std::uint64_t column = 0; column < columns; ++column)
            for (std::uint64_t input = 0; input < inputs; ++input)
                visit(column, input, *weight++);
    }
}

} // namespace

std::vector<std::uint16_t> read_spike_tensor(const memory_reader& read, unsigned format, std::uint64_t address,
                                             std::uint64_t pixels, std::uint64_t channels, unsigned timesteps)
{
    const loas_tensor_layout layout = loas_spike_layout(format, pixels, channels, timesteps);
    std::vector<std::uint16_t> words(pixels * channels);
    const auto spike = [&](std::uint64_t pixel, std::uint64_t channel, std::uint64_t t) {
        words[pixel * channels + channel] |= static_cast<std::uint16_t>(1U << t);
    };
    if (format == LOAS_SPIKES_PACKED || format == LOAS_SPIKES_BYTES) {
        const auto word_bits = static_cast<unsigned>(loas_word_bits(format, timesteps));
        walk_masks(
            read, address, pixels, channels, word_bits, layout,
            [&](std::uint64_t pixel, std::uint64_t channel, std::uint64_t n, const std::vector<std::uint8_t>& values) {
                const std::uint64_t bit = n * word_bits, end = bit + word_bits; // in at most three bytes
                const std::uint64_t bytes = number_at(values, bit / 8, static_cast<unsigned>((end + 7) / 8 - bit / 8));
                words[pixel * channels + channel] =
                    static_cast<std::uint16_t>(bytes >> bit % 8 & functional::low_bits(word_bits));
            });
    } else if (format == LOAS_SPIKES_BITMAP) {
        const std::vector<std::uint8_t> masks = read_bytes(read, address, layout.total_bytes);
        for (unsigned t = 0; t < timesteps; ++t)
            for (std::uint64_t pixel = 0; pixel < pixels; ++pixel)
                for (std::uint64_t channel = 0; channel < channels; ++channel)
                    if (bit_of(masks, (t * pixels + pixel) * layout.mask_stride * 8 + channel))
                        spike(pixel, channel, t);
    } else if (format == LOAS_SPIKES_BYTE_PAIRS) {
        walk_heads(read, address, pixels, channels, 1, layout,
                   [&](std::uint64_t pixel, std::uint64_t channel, std::uint8_t value) {
                       words[pixel * channels + channel] = value;
                   });
    } else {
        walk_heads(read, address, timesteps * pixels, channels, 0, layout,
                   [&](std::uint64_t fiber, std::uint64_t channel, std::uint8_t) {
                       spike(fiber % pixels, channel, fiber / pixels);
                   });
    }
    return words;
}

std::vector<std::int8_t> read_weight_tensor(const memory_reader& read, unsigned format, std::uint64_t address,
                                            std::uint64_t columns, std::uint64_t inputs)
{
    std::vector<std::int8_t> weights(columns * inputs);
    walk_weights(read, format, address, columns, inputs,
                 [&](std::uint64_t column, std::uint64_t input, std::uint8_t weight) {
                     weights[column * inputs + input] = static_cast<std::int8_t>(weight);
                 });
    return weights;
}

functional::bit_matrix read_non_zero_weights(const memory_reader& read, unsigned format, std::uint64_t address,
                                             std::uint64_t columns, std::uint64_t inputs)
{
    functional::bit_matrix found(columns, inputs);
    walk_weights(read, format, address, columns, inputs,
                 [&](std::uint64_t column, std::uint64_t input, std::uint8_t weight) {
                     if (weight != 0)
                         found.set(column, input);
                 });
    return found;
}

std::vector<std::int32_t> read_numbers(const memory_reader& read, std::uint64_t address, std::uint64_t count)
{
    const std::vector<std::uint8_t> bytes = read_bytes(read, address, 4 * count);
    std::vector<std::int32_t> numbers(count);
    for (std::uint64_t i = 0; i < count; ++i)
        numbers[i] = static_cast<std::int32_t>(number_at(bytes, 4 * i, 4));
    return numbers;
}

} // namespace loas::run
