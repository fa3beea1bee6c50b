/* The formats of the contract, fiber by fiber. */
#include "runtime/pack.h"

static uint32_t loas_mask_bit(const uint8_t* mask, uint64_t position)
{
    return (uint32_t)mask[position / 8] >> position % 8 & 1u;
}

static void loas_head_put(uint8_t* head, uint64_t offset, uint64_t number)
{
    loas_put_u32(head, offset);
    loas_put_u32(head + 4, number);
}

/* Writes a position in 1 or 2 bytes. */
static void loas_coordinate_put(uint8_t* bytes, uint64_t position, uint64_t width)
{
    bytes[0] = (uint8_t)position;
    if (width > 1) {
        bytes[1] = (uint8_t)(position >> 8);
    }
}

/* ---------------------------------------------------------------- spikes */

/* The timestep of a fiber, in the formats that have one for each. */
static uint32_t loas_spikes_timestep(const struct loas_spike_tensor* tensor, uint64_t index)
{
    return (uint32_t)(index / ((uint64_t)tensor->height * tensor->width));
}

/* First of the fiber's words. */
static uint64_t loas_spikes_first(const struct loas_spike_tensor* tensor, uint64_t index)
{
    return index % ((uint64_t)tensor->height * tensor->width) * tensor->channels;
}

static uint64_t loas_pack_words(const uint16_t* words, uint32_t channels, uint32_t word_bits,
                                const struct loas_fiber* fiber)
{
    uint64_t bits = 0; /* not yet written, `held` of them, fewer than 32 */
    uint32_t held = 0;
    uint64_t size = 0;
    for (uint32_t channel = 0; channel < channels; channel++) {
        const uint32_t present = words[channel] != 0; /* no branch, which a CPU could not predict */
        fiber->mask[channel / 8] = (uint8_t)(fiber->mask[channel / 8] | present << channel % 8);
        bits |= (uint64_t)words[channel] << held;
        held += present * word_bits;
        if (held >= 32) {
            loas_put_u32(fiber->values + size, bits);
            size += 4;
            bits >>= 32;
            held -= 32;
        }
    }
    for (; held > 0; held -= held < 8 ? held : 8) {
        fiber->values[size++] = (uint8_t)bits;
        bits >>= 8;
    }
    return size;
}

static void loas_pack_bits(const uint16_t* words, uint32_t channels, uint32_t timestep, uint8_t* mask)
{
    for (uint32_t channel = 0; channel < channels; channel++) {
        mask[channel / 8] = (uint8_t)(mask[channel / 8] | ((uint32_t)words[channel] >> timestep & 1u) << channel % 8);
    }
}

static uint64_t loas_pack_channels(const uint16_t* words, uint32_t channels, uint32_t timestep, uint8_t* values)
{
    const uint64_t width = loas_coordinate_bytes(channels);
    uint64_t size = 0;
    for (uint32_t channel = 0; channel < channels; channel++) {
        if ((uint32_t)words[channel] >> timestep & 1u) {
            loas_coordinate_put(values + size, channel, width);
            size += width;
        }
    }
    return size;
}

static uint64_t loas_pack_pairs(const uint16_t* words, uint32_t channels, uint8_t* values)
{
    const uint64_t width = loas_coordinate_bytes(channels);
    uint64_t size = 0;
    for (uint32_t channel = 0; channel < channels; channel++) {
        if (words[channel] != 0) {
            loas_coordinate_put(values + size, channel, width);
            values[size + width] = (uint8_t)words[channel];
            size += width + 1u;
        }
    }
    return size;
}

/* Of a value in the formats with heads. */
static uint64_t loas_spikes_value_bytes(const struct loas_spike_tensor* tensor)
{
    return loas_coordinate_bytes(tensor->channels) + (tensor->format == LOAS_SPIKES_BYTE_PAIRS);
}

static uint32_t loas_spikes_word_bits(const struct loas_spike_tensor* tensor)
{
    return (uint32_t)loas_word_bits(tensor->format, tensor->timesteps);
}

uint64_t loas_spikes_pack(const struct loas_spike_tensor* tensor, const uint16_t* words, uint64_t index,
                          const struct loas_fiber* fiber, uint64_t offset)
{
    const uint16_t* own = words + loas_spikes_first(tensor, index);
    const uint32_t timestep = loas_spikes_timestep(tensor, index);
    uint64_t size = 0;
    switch (tensor->format) {
    case LOAS_SPIKES_BITMAP:
        loas_pack_bits(own, tensor->channels, timestep, fiber->mask);
        break;
    case LOAS_SPIKES_COORDINATES:
        size = loas_pack_channels(own, tensor->channels, timestep, fiber->values);
        loas_head_put(fiber->head, offset, size / loas_spikes_value_bytes(tensor));
        break;
    case LOAS_SPIKES_BYTE_PAIRS:
        size = loas_pack_pairs(own, tensor->channels, fiber->values);
        loas_head_put(fiber->head, offset, size / loas_spikes_value_bytes(tensor));
        break;
    default: /* LOAS_SPIKES_PACKED, LOAS_SPIKES_BYTES */
        size = loas_pack_words(own, tensor->channels, loas_spikes_word_bits(tensor), fiber);
        loas_put_u32(fiber->head, offset);
    }
    return size;
}

bool loas_spikes_locate(const struct loas_spike_tensor* tensor, const struct loas_fiber* fiber, uint64_t* offset,
                        uint64_t* size)
{
    uint64_t number = 0;
    *offset = 0;
    *size = 0;
    switch (tensor->format) {
    case LOAS_SPIKES_BITMAP:
        return true;
    case LOAS_SPIKES_COORDINATES:
    case LOAS_SPIKES_BYTE_PAIRS:
        number = loas_get_u32(fiber->head + 4);
        *size = number * loas_spikes_value_bytes(tensor);
        break;
    default: /* LOAS_SPIKES_PACKED, LOAS_SPIKES_BYTES */
        for (uint32_t channel = 0; channel < tensor->channels; channel++) {
            number += loas_mask_bit(fiber->mask, channel);
        }
        *size = (number * loas_spikes_word_bits(tensor) + 7u) / 8u;
    }
    *offset = loas_get_u32(fiber->head);
    return number <= tensor->channels;
}

static void loas_unpack_words(const struct loas_fiber* fiber, uint32_t channels, uint32_t word_bits, uint16_t* words)
{
    const uint8_t* values = fiber->values;
    uint32_t bits = 0;
    uint32_t held = 0;
    for (uint32_t channel = 0; channel < channels; channel++) {
        if (!loas_mask_bit(fiber->mask, channel)) {
            continue;
        }
        for (; held < word_bits; held += 8) {
            bits |= (uint32_t)*values++ << held;
        }
        words[channel] = (uint16_t)(bits & ((1u << word_bits) - 1u));
        bits >>= word_bits;
        held -= word_bits;
    }
}

/* bytes: behind each channel lies its byte; else a bit of the timestep is set. */
static bool loas_unpack_channels(const struct loas_fiber* fiber, uint32_t channels, uint32_t timestep, bool bytes,
                                 uint16_t* words)
{
    const uint64_t width = loas_coordinate_bytes(channels);
    const uint8_t* values = fiber->values;
    uint32_t least = 0; /* the next channel may be */
    for (uint32_t number = loas_get_u32(fiber->head + 4); number > 0; number--) {
        const uint32_t channel = values[0] | (width > 1 ? (uint32_t)values[1] << 8 : 0u);
        if (channel < least || channel >= channels) {
            return false;
        }
        words[channel] = (uint16_t)(bytes ? values[width] : words[channel] | 1u << timestep);
        least = channel + 1u;
        values += width + bytes;
    }
    return true;
}

bool loas_spikes_unpack(const struct loas_spike_tensor* tensor, uint64_t index, const struct loas_fiber* fiber,
                        uint16_t* words)
{
    uint16_t* own = words + loas_spikes_first(tensor, index);
    const uint32_t timestep = loas_spikes_timestep(tensor, index);
    switch (tensor->format) {
    case LOAS_SPIKES_BITMAP:
        for (uint32_t channel = 0; channel < tensor->channels; channel++) {
            own[channel] = (uint16_t)(own[channel] | loas_mask_bit(fiber->mask, channel) << timestep);
        }
        return true;
    case LOAS_SPIKES_COORDINATES:
    case LOAS_SPIKES_BYTE_PAIRS:
        return loas_unpack_channels(fiber, tensor->channels, timestep, tensor->format == LOAS_SPIKES_BYTE_PAIRS, own);
    default: /* LOAS_SPIKES_PACKED, LOAS_SPIKES_BYTES */
        loas_unpack_words(fiber, tensor->channels, loas_spikes_word_bits(tensor), own);
        return true;
    }
}

/* ---------------------------------------------------------------- weights */

/* Not 0 if one of eight bytes is not. */
static uint32_t loas_any_of_eight(const uint8_t* bytes)
{
    return loas_get_u32(bytes) | loas_get_u32(bytes + 4);
}

static uint64_t loas_pack_column(const int8_t* weights, uint64_t inputs, const struct loas_fiber* fiber)
{
    uint64_t size = 0;
    for (uint64_t first = 0; first < inputs; first += 8) {
        const uint64_t count = inputs - first < 8 ? inputs - first : 8;
        if (count == 8 && loas_any_of_eight((const uint8_t*)weights + first) == 0) {
            continue; /* as nearly always */
        }
        uint32_t mask = 0;
        for (uint64_t i = 0; i < count; i++) {
            if (weights[first + i] != 0) {
                mask |= 1u << i;
                fiber->values[size++] = (uint8_t)weights[first + i];
            }
        }
        fiber->mask[first / 8] = (uint8_t)mask;
    }
    return size;
}

/* weights[0] is the row's weight of column 0; that of the next column is `stride` behind. */
static uint64_t loas_pack_row(const int8_t* weights, uint64_t columns, uint64_t stride, uint8_t* values)
{
    const uint64_t width = loas_coordinate_bytes(columns);
    uint64_t size = 0;
    for (uint64_t column = 0; column < columns; column++) {
        const int8_t weight = weights[column * stride];
        if (weight != 0) {
            loas_coordinate_put(values + size, column, width);
            values[size + width] = (uint8_t)weight;
            size += width + 1u;
        }
    }
    return size;
}

uint64_t loas_weights_pack(const struct loas_weight_tensor* tensor, const int8_t* weights, uint64_t index,
                           const struct loas_fiber* fiber, uint64_t offset)
{
    if (tensor->format == LOAS_WEIGHTS_ROWS) {
        const uint64_t size = loas_pack_row(weights + index, tensor->columns, tensor->inputs, fiber->values);
        loas_head_put(fiber->head, offset, size / (loas_coordinate_bytes(tensor->columns) + 1u));
        return size;
    }
    loas_put_u32(fiber->head, offset);
    return loas_pack_column(weights + index * tensor->inputs, tensor->inputs, fiber);
}
