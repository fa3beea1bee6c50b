/* Direct encoding: the first layer of a network, on integers, by the host. */
#include "runtime/loas_runtime.h"

uint64_t loas_encode_scratch(const struct loas_layer_config* config)
{
    /* one gathered patch, plus room to align it */
    return sizeof(int32_t) * ((uint64_t)loas_layer_inputs(config) + 1u);
}

/*
 * floor(value * leak_q8 / 256) without a product that could overflow: with value = 256 q + r, 0 <= r < 256, it is
 * q * leak_q8 + floor(r * leak_q8 / 256).
 */
static int64_t loas_leak(int64_t value, int64_t leak_q8)
{
    int64_t quotient = value / 256;
    int64_t rest = value % 256;
    if (rest < 0) {
        rest += 256;
        quotient -= 1;
    }
    return quotient * leak_q8 + rest * leak_q8 / 256;
}

/* Spike word of a neuron whose input current is the same in every timestep. */
static uint32_t loas_fire(const struct loas_layer_config* config, int64_t threshold, int64_t current)
{
    const bool soft_reset = (config->neuron & LOAS_NEURON_SOFT_RESET) != 0;
    const bool delayed_reset = (config->neuron & LOAS_NEURON_DELAYED_RESET) != 0;
    int64_t potential = 0;
    uint32_t word = 0;
    for (unsigned t = 0; t < config->timesteps; t++) {
        const int64_t x = current + potential;
        if (x <= threshold) {
            potential = loas_leak(x, config->leak_q8);
            continue;
        }
        word |= 1u << t;
        potential = soft_reset      ? loas_leak(x - threshold, config->leak_q8)
                    : delayed_reset ? loas_leak(x, config->leak_q8) - threshold
                                    : 0;
    }
    return word;
}

/* Copies the inputs of output pixel (row, column) to patch[kernel row][kernel column][channel]; padding is 0. */
static void loas_gather(const struct loas_layer_config* config, const int32_t* image, uint32_t row, uint32_t column,
                        int32_t* patch)
{
    for (uint32_t kh = 0; kh < config->kernel_h; kh++) {
        for (uint32_t kw = 0; kw < config->kernel_w; kw++) {
            const int64_t y = (int64_t)row * config->stride_h + kh - config->pad_h;
            const int64_t x = (int64_t)column * config->stride_w + kw - config->pad_w;
            const bool inside = y >= 0 && y < config->in_height && x >= 0 && x < config->in_width;
            const int32_t* pixel = inside ? image + (y * config->in_width + x) * config->in_channels : NULL;
            for (uint32_t c = 0; c < config->in_channels; c++) {
                *patch++ = pixel ? pixel[c] : 0;
            }
        }
    }
}

/* ORs the spikes of one output pixel into words[N]. At most 2^20 products below 2^39: 64 bits suffice. */
static void loas_encode_pixel(const struct loas_layer_config* config, const int8_t* weights, const int32_t* bias,
                              const int32_t* thresholds, const int32_t* patch, uint16_t* words)
{
    const uint32_t inputs = loas_layer_inputs(config);
    for (uint32_t n = 0; n < config->out_channels; n++) {
        const int8_t* column = weights + (uint64_t)n * inputs;
        int64_t current = bias ? bias[n] : 0;
        for (uint32_t k = 0; k < inputs; k++) {
            current += (int64_t)column[k] * patch[k];
        }
        words[n] = (uint16_t)(words[n] | loas_fire(config, thresholds ? thresholds[n] : config->threshold, current));
    }
}

int loas_encode_direct(const struct loas_layer_config* config, const int8_t* weights, const int32_t* bias,
                       const int32_t* thresholds, const int32_t* image, uint16_t* words_out,
                       struct loas_scratch scratch)
{
    if (loas_layer_config_check(config) != LOAS_OK || loas_layer_has_currents(config) || !weights || !image ||
        !words_out || loas_layer_has_thresholds(config) != (thresholds != NULL)) {
        return LOAS_E_ARGUMENT;
    }
    if (!scratch.memory || scratch.bytes < loas_encode_scratch(config)) {
        return LOAS_E_MEMORY;
    }
    int32_t* patch = (int32_t*)loas_align_up((uintptr_t)scratch.memory, sizeof(int32_t));
    const uint32_t height = loas_layer_pooled_height(config);
    const uint32_t width = loas_layer_pooled_width(config);
    uint16_t* words = words_out;
    for (uint32_t pixel = 0; pixel < height * width; pixel++, words += config->out_channels) {
        const uint32_t top = pixel / width * config->pool;
        const uint32_t left = pixel % width * config->pool;
        for (uint32_t n = 0; n < config->out_channels; n++) {
            words[n] = 0;
        }
        for (uint32_t i = 0; i < (uint32_t)config->pool * config->pool; i++) {
            loas_gather(config, image, top + i / config->pool, left + i % config->pool, patch);
            loas_encode_pixel(config, weights, bias, thresholds, patch, words);
        }
        for (uint32_t n = 0; config->single_spike_mask && n < config->out_channels; n++) {
            words[n] = (words[n] & (words[n] - 1)) == 0 ? 0 : words[n];
        }
    }
    return LOAS_OK;
}
