/* Direct encoding: the first layer of a network, on integers, by the host. */
#include "runtime/neuron.h"

uint64_t loas_encode_scratch(const struct loas_layer_config* config)
{
    /* one gathered patch and the state of its neurons, plus room to align them */
    return sizeof(struct loas_neuron_state) * ((uint64_t)config->out_channels + 1u) +
           sizeof(int32_t) * ((uint64_t)loas_layer_inputs(config) + 1u);
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

/* At most 2^20 products below 2^39: 64 bits suffice. */
static int64_t loas_encode_current(const struct loas_encoder* encoder, uint32_t n, const int32_t* patch)
{
    const uint32_t inputs = loas_layer_inputs(&encoder->config);
    const int8_t* column = encoder->weights + (uint64_t)n * inputs;
    int64_t current = encoder->bias ? encoder->bias[n] : 0;
    for (uint32_t k = 0; k < inputs; k++) {
        current += (int64_t)column[k] * patch[k];
    }
    return current;
}

/* Number `neuron` of the product, [row][N]. */
static struct loas_neuron_values loas_encoder_neuron(const struct loas_encoder* encoder, uint64_t neuron)
{
    const struct loas_layer_config* config = &encoder->config;
    const uint64_t n = neuron % config->out_channels;
    if (loas_fires_on_host(config)) {
        return *loas_values_of(config, encoder->values, neuron);
    }
    return (struct loas_neuron_values){.threshold = encoder->thresholds ? encoder->thresholds[n] : config->threshold,
                                       .start = encoder->starts ? encoder->starts[n] : 0,
                                       .leak_q16 = 256u * config->leak_q8};
}

/* ORs the spikes of output pixel (row, column), before pooling, into words[N]. */
static void loas_encode_pixel(const struct loas_encoder* encoder, const struct loas_frames* frames, uint32_t row,
                              uint32_t column, struct loas_neuron_state* states, int32_t* patch, uint16_t* words)
{
    const struct loas_layer_config* config = &encoder->config;
    const uint32_t channels = config->out_channels;
    const uint64_t frame_values = (uint64_t)config->in_height * config->in_width * config->in_channels;
    const uint64_t first_neuron = ((uint64_t)row * loas_layer_out_width(config) + column) * channels;
    struct loas_host_neuron* kept = frames->neurons ? frames->neurons + first_neuron : NULL;
    for (uint32_t n = 0; n < channels; n++) {
        states[n] = loas_neuron_begin(kept ? kept + n : NULL, loas_encoder_neuron(encoder, first_neuron + n).start);
    }
    /* a sum serves all timesteps that have the same frame */
    const unsigned repeats = frames->over_time ? 1 : config->timesteps;
    for (unsigned first = 0; first < config->timesteps; first += repeats) {
        loas_gather(config, frames->values + first * frame_values, row, column, patch);
        for (uint32_t n = 0; n < channels; n++) {
            const int64_t current = loas_encode_current(encoder, n, patch);
            const struct loas_neuron_values values = loas_encoder_neuron(encoder, first_neuron + n);
            for (unsigned t = first; t < first + repeats; t++) {
                words[n] = (uint16_t)(words[n] | loas_fire(config, &values, current, t, &states[n]));
            }
        }
    }
    for (uint32_t n = 0; kept && n < channels; n++) {
        loas_neuron_keep(kept + n, &states[n]);
    }
}

int loas_encode_frames(const struct loas_encoder* encoder, const struct loas_frames* frames, uint16_t* words_out,
                       struct loas_scratch scratch)
{
    const struct loas_layer_config* config = encoder ? &encoder->config : NULL;
    if (loas_layer_config_check(config) != LOAS_OK || loas_layer_has_currents(config) || !encoder->weights || !frames ||
        !frames->values || !words_out || loas_layer_has_thresholds(config) != (encoder->thresholds != NULL) ||
        !loas_values_are_valid(config, encoder->values)) {
        return LOAS_E_ARGUMENT;
    }
    if (!scratch.memory || scratch.bytes < loas_encode_scratch(config)) {
        return LOAS_E_MEMORY;
    }
    struct loas_neuron_state* states =
        (struct loas_neuron_state*)loas_align_up((uintptr_t)scratch.memory, sizeof(struct loas_neuron_state));
    int32_t* patch = (int32_t*)(states + config->out_channels);
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
            loas_encode_pixel(encoder, frames, top + i / config->pool, left + i % config->pool, states, patch, words);
        }
        loas_mask_single_spikes(config, words, config->out_channels);
    }
    return LOAS_OK;
}

int loas_encode_direct(const struct loas_layer_config* config, const int8_t* weights, const int32_t* bias,
                       const int32_t* thresholds, const int32_t* image, uint16_t* words_out,
                       struct loas_scratch scratch)
{
    if (!config) {
        return LOAS_E_ARGUMENT;
    }
    const struct loas_encoder encoder = {.config = *config, .weights = weights, .bias = bias, .thresholds = thresholds};
    const struct loas_frames frames = {.values = image};
    return loas_encode_frames(&encoder, &frames, words_out, scratch);
}

bool loas_numbers_are_valid(const struct loas_network* net, const struct loas_layer* layer)
{
    const struct loas_layer_config* config = &layer->config;
    const struct loas_layer_config* of = layer->numbers ? &layer->numbers->config : NULL;
    const struct loas_layer_config* input = net->encoder ? &net->encoder->config : NULL;
    if (!of) {
        return true;
    }
    return input && layer->factors_q24 && layer->numbers->weights && loas_fires_on_host(config) &&
           loas_layer_config_check(of) == LOAS_OK && of->in_height == input->in_height &&
           of->in_width == input->in_width && of->in_channels == input->in_channels &&
           of->out_channels == config->out_channels && of->timesteps == config->timesteps &&
           loas_layer_out_height(of) == loas_layer_out_height(config) &&
           loas_layer_out_width(of) == loas_layer_out_width(config);
}

void loas_take_numbers(const struct loas_layer* layer, const struct loas_frames* frames, uint32_t row, uint32_t column,
                       int32_t* patch, int64_t* added)
{
    const struct loas_layer_config* config = &layer->numbers->config;
    const uint64_t frame_values = (uint64_t)config->in_height * config->in_width * config->in_channels;
    const unsigned repeats = frames->over_time ? 1 : config->timesteps;
    for (unsigned first = 0; first < config->timesteps; first += repeats) {
        loas_gather(config, frames->values + first * frame_values, row, column, patch);
        for (uint32_t n = 0; n < config->out_channels; n++) {
            const int64_t sum = loas_encode_current(layer->numbers, n, patch);
            for (unsigned t = first; t < first + repeats; t++) {
                added[(uint64_t)n * config->timesteps + t] = loas_scaled(sum, layer->factors_q24[n], 24);
            }
        }
    }
}
