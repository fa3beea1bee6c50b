// How the mock device reads and writes tensors in each format: bit by bit, position by position.
#include "tests/unit/sw/mock_device.h"

#include <stdexcept>

namespace loas_test
{

bool mock_device::mask_bit(uint64_t mask, uint64_t position) const
{
    return device_load<uint8_t>(mask + position / 8) >> position % 8 & 1;
}

// Calls visit(position, address of what is behind it) for all values of a fiber with a head.
template <typename Visit>
void mock_device::visit_coordinates(uint64_t tensor, const loas_tensor_layout& layout, uint64_t fiber, uint64_t length,
                                    uint64_t behind, Visit visit) const
{
    const uint64_t head = tensor + layout.pointer_offset + 8 * fiber;
    uint64_t at = tensor + layout.values_offset + device_load<uint32_t>(head);
    for (uint32_t number = device_load<uint32_t>(head + 4); number > 0; number--) {
        const uint64_t position = length > 256 ? device_load<uint16_t>(at) : device_load<uint8_t>(at);
        at += length > 256 ? 2 : 1;
        if (position >= length) {
            throw std::runtime_error("a position that does not exist");
        }
        visit(position, at);
        at += behind;
    }
}

std::vector<uint16_t> mock_device::load_spikes(unsigned format, uint64_t tensor, uint64_t pixels, uint64_t channels,
                                               unsigned timesteps) const
{
    const auto layout = loas_spike_layout(format, pixels, channels, timesteps);
    std::vector<uint16_t> words(pixels * channels);
    const auto spike = [&](uint64_t pixel, uint64_t channel, unsigned t) {
        words[pixel * channels + channel] = uint16_t(words[pixel * channels + channel] | 1u << t);
    };
    for (uint64_t pixel = 0; pixel < pixels; pixel++) {
        uint64_t bit = 0;
        if (format == LOAS_SPIKES_PACKED) {
            bit =
                8 * (tensor + layout.values_offset + device_load<uint32_t>(tensor + layout.pointer_offset + 4 * pixel));
        }
        for (uint64_t c = 0; format == LOAS_SPIKES_PACKED && c < channels; c++) {
            for (unsigned t = 0; mask_bit(tensor + pixel * layout.mask_stride, c) && t < timesteps; t++, bit++) {
                if (mask_bit(0, bit)) {
                    spike(pixel, c, t);
                }
            }
        }
        for (unsigned t = 0; format == LOAS_SPIKES_BITMAP && t < timesteps; t++) {
            for (uint64_t c = 0; c < channels; c++) {
                if (mask_bit(tensor + (t * pixels + pixel) * layout.mask_stride, c)) {
                    spike(pixel, c, t);
                }
            }
        }
        for (unsigned t = 0; format == LOAS_SPIKES_COORDINATES && t < timesteps; t++) {
            visit_coordinates(tensor, layout, t * pixels + pixel, channels, 0,
                              [&](uint64_t c, uint64_t) { spike(pixel, c, t); });
        }
    }
    return words;
}

std::vector<int> mock_device::load_weights(unsigned format, uint64_t tensor, uint64_t columns, uint64_t inputs) const
{
    const auto layout = loas_weight_layout(format, columns, inputs);
    std::vector<int> weights(columns * inputs);
    for (uint64_t n = 0; format == LOAS_WEIGHTS_COLUMNS && n < columns; n++) {
        uint64_t value = tensor + layout.values_offset + device_load<uint32_t>(tensor + layout.pointer_offset + 4 * n);
        for (uint64_t k = 0; k < inputs; k++) {
            weights[n * inputs + k] = mask_bit(tensor + n * layout.mask_stride, k) ? device_load<int8_t>(value++) : 0;
        }
    }
    for (uint64_t k = 0; format == LOAS_WEIGHTS_ROWS && k < inputs; k++) {
        visit_coordinates(tensor, layout, k, columns, 1,
                          [&](uint64_t n, uint64_t at) { weights[n * inputs + k] = device_load<int8_t>(at); });
    }
    for (uint64_t i = 0; format == LOAS_WEIGHTS_DENSE && i < weights.size(); i++) {
        weights[i] = device_load<int8_t>(tensor + i);
    }
    return weights;
}

void mock_device::store_packed(uint64_t tensor, const std::vector<uint16_t>& words, uint64_t pixels, uint64_t channels,
                               unsigned timesteps)
{
    const auto layout = loas_spike_layout(LOAS_SPIKES_PACKED, pixels, channels, timesteps);
    for (uint64_t f = 0; f < pixels; f++) {
        uint64_t bit = 8 * (tensor + layout.values_offset + f * layout.slot_bytes);
        device_store(tensor + layout.pointer_offset + 4 * f, uint32_t(f * layout.slot_bytes));
        for (uint64_t i = 0; i < layout.mask_stride; i++) {
            device_store(tensor + f * layout.mask_stride + i, uint8_t(0));
        }
        for (uint64_t n = 0; n < channels; n++) {
            const uint16_t word = words[f * channels + n];
            const uint64_t mask = tensor + f * layout.mask_stride + n / 8;
            if (word != 0) {
                device_store(mask, uint8_t(device_load<uint8_t>(mask) | 1 << n % 8));
            }
            for (unsigned t = 0; word != 0 && t < timesteps; t++, bit++) {
                const unsigned old = device_load<uint8_t>(bit / 8) & ~(1u << bit % 8);
                device_store(bit / 8, uint8_t(old | (word >> t & 1u) << bit % 8));
            }
        }
    }
}

// Spikes by timestep: a fiber for each timestep and pixel.
void mock_device::store_timesteps(unsigned format, uint64_t tensor, const std::vector<uint16_t>& words, uint64_t pixels,
                                  uint64_t channels, unsigned timesteps)
{
    const auto layout = loas_spike_layout(format, pixels, channels, timesteps);
    for (uint64_t f = 0; f < timesteps * pixels; f++) {
        const uint64_t slot = f * layout.slot_bytes;
        uint32_t number = 0;
        std::vector<uint8_t> mask(layout.mask_stride);
        for (uint64_t c = 0; c < channels; c++) {
            if ((words[f % pixels * channels + c] >> f / pixels & 1) == 0) {
                continue;
            }
            if (format == LOAS_SPIKES_BITMAP) {
                mask[c / 8] = uint8_t(mask[c / 8] | 1 << c % 8);
            } else if (channels > 256) {
                device_store(tensor + layout.values_offset + slot + 2 * number++, uint16_t(c));
            } else {
                device_store(tensor + layout.values_offset + slot + number++, uint8_t(c));
            }
        }
        if (format == LOAS_SPIKES_BITMAP) {
            poke(tensor + f * layout.mask_stride, mask);
        } else {
            device_store(tensor + layout.pointer_offset + 8 * f, uint32_t(slot));
            device_store(tensor + layout.pointer_offset + 8 * f + 4, number);
        }
    }
}

} // namespace loas_test
