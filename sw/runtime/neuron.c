/* Neurons on the host: of an encoder, and of layers whose neurons the device has not. */
#include "runtime/neuron.h"

#include "runtime/fibers.h"

#define LOAS_ONE 65536 /* as a factor of 16 bits */

/* Without a product that could overflow: with value = 2^bits q + r, 0 <= r < 2^bits, it is q * factor +
 * floor(r * factor / 2^bits). */
int64_t loas_scaled(int64_t value, int64_t factor, unsigned bits)
{
    const int64_t one = (int64_t)1 << bits;
    int64_t quotient = value / one;
    int64_t rest = value % one;
    if (rest < 0) {
        rest += one;
        quotient -= 1;
    }
    return quotient * factor + rest * factor / one;
}

struct loas_neuron_state loas_neuron_begin(const struct loas_host_neuron* kept, int32_t start)
{
    struct loas_neuron_state state = {0, start, false};
    if (kept) {
        state.current = kept->current;
        state.potential = kept->potential;
    }
    return state;
}

static int32_t loas_saturated(int64_t value)
{
    return value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

void loas_neuron_keep(struct loas_host_neuron* kept, const struct loas_neuron_state* state)
{
    if (kept) {
        kept->current = loas_saturated(state->current);
        kept->potential = loas_saturated(state->potential);
    }
}

uint64_t loas_neuron_count(const struct loas_layer_config* config)
{
    return (uint64_t)loas_layer_out_height(config) * loas_layer_out_width(config) * config->out_channels;
}

bool loas_fires_on_host(const struct loas_layer_config* config)
{
    return config->host_neurons != LOAS_HOST_NONE;
}

bool loas_values_are_valid(const struct loas_layer_config* config, const struct loas_neuron_values* values)
{
    const uint64_t count =
        config->host_neurons == LOAS_HOST_NEURONS ? loas_neuron_count(config) : config->out_channels;
    for (uint64_t i = 0; values && loas_fires_on_host(config) && i < count; i++) {
        if (values[i].leak_q16 > LOAS_ONE || values[i].synapse_q16 > LOAS_ONE) {
            return false;
        }
    }
    return values || !loas_fires_on_host(config);
}

const struct loas_neuron_values* loas_values_of(const struct loas_layer_config* config,
                                                const struct loas_neuron_values* values, uint64_t neuron)
{
    return values + (config->host_neurons == LOAS_HOST_NEURONS ? neuron : neuron % config->out_channels);
}

void loas_neurons_start(struct loas_host_neuron* neurons, const struct loas_layer_config* config, const int32_t* starts,
                        const struct loas_neuron_values* values)
{
    const uint64_t count = loas_neuron_count(config);
    for (uint64_t i = 0; neurons && i < count; i++) {
        const int32_t start = loas_fires_on_host(config) ? loas_values_of(config, values, i)->start
                              : starts                   ? starts[i % config->out_channels]
                                                         : 0;
        neurons[i] = (struct loas_host_neuron){0, start};
    }
}

/* All timesteps first, one at t counting 2^(T-1-t); then a spike wherever more is left than that many thresholds. */
static uint32_t loas_fire_few(const struct loas_layer_config* config, int64_t threshold, int64_t input, unsigned t,
                              struct loas_neuron_state* state)
{
    const unsigned last = config->timesteps - 1u;
    uint32_t word = 0;
    state->potential += (int64_t)((uint64_t)input << (last - t));
    for (unsigned bit = 0; t == last && bit <= last; bit++) {
        const int64_t step = threshold * ((int64_t)1 << (last - bit));
        if (state->potential > step) {
            state->potential -= step;
            word |= (uint32_t)1 << bit;
        }
    }
    return word;
}

uint32_t loas_fire(const struct loas_layer_config* config, const struct loas_neuron_values* values, int64_t input, unsigned t,
                   struct loas_neuron_state* state)
{
    const int64_t threshold = values->threshold;
    if (config->neuron & LOAS_NEURON_FEW_SPIKES) {
        return loas_fire_few(config, threshold, input, t, state);
    }
    state->current = loas_scaled(state->current, values->synapse_q16, 16) + input;
    const int64_t x = state->current + values->rest + state->potential;
    if (x <= threshold) {
        state->potential = loas_scaled(x, values->leak_q16, 16);
        return 0;
    }
    state->potential = config->neuron & LOAS_NEURON_SOFT_RESET      ? loas_scaled(x - threshold, values->leak_q16, 16)
                       : config->neuron & LOAS_NEURON_DELAYED_RESET ? loas_scaled(x, values->leak_q16, 16) - threshold
                                                                    : 0;
    const bool silent = state->fired && (config->neuron & LOAS_NEURON_FIRST_SPIKE) != 0;
    state->fired = true;
    return silent ? 0 : (uint32_t)1 << t;
}

void loas_mask_single_spikes(const struct loas_layer_config* config, uint16_t* words, uint64_t count)
{
    for (uint64_t i = 0; config->single_spike_mask && i < count; i++) {
        words[i] = (words[i] & (words[i] - 1)) == 0 ? 0 : words[i];
    }
}

struct loas_layer_config loas_device_config(const struct loas_layer_config* config)
{
    struct loas_layer_config device = *config;
    if (loas_fires_on_host(config)) {
        device.neuron = LOAS_NEURON_CURRENTS;
        device.pool = 1;
        device.single_spike_mask = false;
        device.leak_q8 = 0;
        device.threshold = 0;
        device.host_neurons = LOAS_HOST_NONE;
    }
    return device;
}

/* The currents of one row of the product, [N][T]. */
static uint64_t loas_row_bytes(const struct loas_layer_config* config)
{
    return sizeof(int32_t) * (uint64_t)config->out_channels * config->timesteps;
}

static uint64_t loas_output_words(const struct loas_layer_config* config)
{
    return (uint64_t)loas_layer_pooled_height(config) * loas_layer_pooled_width(config) * config->out_channels;
}

/* Of what is added to these, [N][T], and of a window of numbers; 8 bytes to align them. */
static uint64_t loas_added_bytes(const struct loas_layer* layer)
{
    return layer->numbers ? 2u * loas_row_bytes(&layer->config) +
                                sizeof(int32_t) * (uint64_t)loas_layer_inputs(&layer->numbers->config) + sizeof(int64_t)
                          : 0;
}

uint64_t loas_fire_scratch(const struct loas_layer* layer)
{
    const struct loas_layer_config* config = &layer->config;
    const struct loas_spike_tensor output = {.height = loas_layer_pooled_height(config),
                                             .width = loas_layer_pooled_width(config),
                                             .channels = config->out_channels,
                                             .timesteps = config->timesteps};
    if (!loas_fires_on_host(config)) {
        return 0;
    }
    /* one byte to align the words */
    return loas_added_bytes(layer) + loas_row_bytes(config) + sizeof(uint16_t) * loas_output_words(config) + 1u +
           loas_spike_tensor_scratch_usual(&output);
}

/* ORs the spikes of row m of the product into words[N]. added: [N][T], to the currents; NULL: nothing. */
static void loas_fire_row(const struct loas_layer* layer, uint64_t m, const uint8_t* currents, const int64_t* added,
                          uint16_t* words)
{
    const struct loas_layer_config* config = &layer->config;
    for (uint32_t n = 0; n < config->out_channels; n++) {
        const uint64_t neuron = m * config->out_channels + n;
        const struct loas_neuron_values* values = loas_values_of(config, layer->values, neuron);
        struct loas_host_neuron* kept = layer->neurons ? layer->neurons + neuron : NULL;
        struct loas_neuron_state state = loas_neuron_begin(kept, values->start);
        for (unsigned t = 0; t < config->timesteps; t++, currents += sizeof(int32_t)) {
            const int64_t further = added ? added[(uint64_t)n * config->timesteps + t] : 0;
            const int64_t current = (int32_t)loas_get_u32(currents) + further;
            words[n] = (uint16_t)(words[n] | loas_fire(config, values, current, t, &state));
        }
        loas_neuron_keep(kept, &state);
    }
}

int loas_fire_on_host(struct loas_device* dev, struct loas_network* net, uint32_t index)
{
    const struct loas_hal* hal = dev->hal;
    const struct loas_scratch scratch = net->scratch;
    struct loas_layer* layer = &net->layers[index];
    const struct loas_layer_config* config = &layer->config;
    const uint64_t start = hal->time_ns(hal->context);
    const uint64_t row_bytes = loas_row_bytes(config);
    const uint64_t count = loas_output_words(config);
    const uint64_t added_bytes = loas_added_bytes(layer);
    int64_t* added =
        layer->numbers ? (int64_t*)loas_align_up((uintptr_t)scratch.memory, sizeof(int64_t)) : NULL;
    int32_t* patch = layer->numbers ? (int32_t*)(added + (uint64_t)config->out_channels * config->timesteps) : NULL;
    uint8_t* currents = (uint8_t*)scratch.memory + added_bytes;
    uint16_t* words = (uint16_t*)loas_align_up((uintptr_t)currents + row_bytes, sizeof(uint16_t));
    const size_t used = (size_t)(added_bytes + row_bytes + sizeof(uint16_t) * count + 1u);
    const struct loas_scratch rest = {(uint8_t*)scratch.memory + used, scratch.bytes - used};
    for (uint64_t i = 0; i < count; i++) {
        words[i] = 0;
    }
    hal->dma_sync(hal->context, layer->currents_address, layer->currents_bytes, LOAS_SYNC_FROM_DEVICE);
    for (uint32_t row = 0; row < loas_layer_out_height(config); row++) {
        for (uint32_t column = 0; column < loas_layer_out_width(config); column++) {
            const uint32_t y = row / config->pool;
            const uint32_t x = column / config->pool;
            if (y >= layer->output.height || x >= layer->output.width) {
                continue; /* in no pooling window */
            }
            const uint64_t m = (uint64_t)row * loas_layer_out_width(config) + column;
            const int result =
                hal->dma_read(hal->context, currents, layer->currents_address + m * row_bytes, (size_t)row_bytes);
            if (result != LOAS_OK) {
                return result;
            }
            layer->firing.read_bytes += row_bytes;
            if (layer->numbers) {
                loas_take_numbers(layer, net->frames, row, column, patch, added);
            }
            loas_fire_row(layer, m, currents, added, words + ((uint64_t)y * layer->output.width + x) * config->out_channels);
        }
    }
    loas_mask_single_spikes(config, words, count);
    if (net->observer) {
        net->observer->spikes(net->observer->context, index, words);
    }
    const int result = loas_spike_tensor_write_counted(dev, &layer->output, words, rest, &layer->firing.written_bytes);
    layer->firing.ns += hal->time_ns(hal->context) - start;
    return result;
}
