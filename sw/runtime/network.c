/* Networks: loading, and layers chained in the queue, one submission per image and block of timesteps. */
#include "runtime/network.h"

#include "runtime/fibers.h"
#include "runtime/join.h"
#include "runtime/neuron.h"

static uint64_t loas_max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Does a layer that reads what `before` writes look like `config`? */
static bool loas_follows(const struct loas_layer_config* before, const struct loas_layer_config* config)
{
    return !loas_layer_has_currents(before) && loas_layer_pooled_height(before) == config->in_height &&
           loas_layer_pooled_width(before) == config->in_width && before->out_channels == config->in_channels &&
           before->timesteps == config->timesteps;
}

/* Has the host room for what its neurons carry? Also true of neurons that are the device's, or carry nothing. */
static bool loas_layer_keeps(const struct loas_network* net, uint32_t layer)
{
    const bool carries = (net->layers[layer].config.neuron & LOAS_NEURON_CARRY) != 0;
    return !carries || !loas_fires_on_host(&net->layers[layer].config) || net->layers[layer].neurons;
}

/* Can inputs run in blocks? Also true when they need not. */
static bool loas_network_blocks_are_valid(const struct loas_network* net)
{
    const struct loas_blocks* blocks = &net->blocks;
    if (blocks->timesteps == 0) {
        return true;
    }
    for (uint32_t i = 0; i < net->layer_count; i++) {
        const uint8_t neuron = net->layers[i].config.neuron;
        if ((neuron & (LOAS_NEURON_CARRY | LOAS_NEURON_CURRENTS)) == 0) {
            return false;
        }
    }
    return blocks->timesteps <= LOAS_MAX_NETWORK_TIMESTEPS && blocks->timesteps > net->layers[0].config.timesteps &&
           blocks->values && (!net->encoder || blocks->encoder_neurons);
}

static bool loas_network_is_valid(const struct loas_network* net)
{
    const struct loas_layer_config* before = net->encoder ? &net->encoder->config : NULL;
    if (!net->layers || net->layer_count == 0 || !loas_network_blocks_are_valid(net) ||
        (before && loas_layer_config_check(before) != LOAS_OK)) {
        return false;
    }
    for (uint32_t i = 0; i < net->layer_count; i++) {
        const struct loas_layer_config* config = &net->layers[i].config;
        const bool follows =
            net->layers[i].source_count > 0 ? loas_sources_are_valid(net, i) : !before || loas_follows(before, config);
        if (loas_layer_config_check(config) != LOAS_OK || !follows || !loas_layer_keeps(net, i) ||
            !loas_numbers_are_valid(net, &net->layers[i]) ||
            (loas_layer_has_currents(config) && i + 1u < net->layer_count)) {
            return false;
        }
        before = config;
    }
    return true;
}

struct loas_spike_tensor loas_network_input_shape(const struct loas_network* net)
{
    const struct loas_layer_config* first = &net->layers[0].config;
    const struct loas_layer_config* encoder = net->encoder ? &net->encoder->config : NULL;
    return (struct loas_spike_tensor){
        .height = encoder ? loas_layer_pooled_height(encoder) : first->in_height,
        .width = encoder ? loas_layer_pooled_width(encoder) : first->in_width,
        .channels = encoder ? encoder->out_channels : first->in_channels,
        .timesteps = first->timesteps};
}

uint64_t loas_network_scores(const struct loas_network* net)
{
    const struct loas_layer_config* last = &net->layers[net->layer_count - 1u].config;
    return (uint64_t)loas_layer_pooled_height(last) * loas_layer_pooled_width(last) * last->out_channels;
}

uint64_t loas_network_words(const struct loas_network* net)
{
    const struct loas_spike_tensor input = loas_network_input_shape(net);
    return (uint64_t)input.height * input.width * input.channels;
}

uint64_t loas_network_word_bytes(const struct loas_network* net)
{
    return net->encoder ? sizeof(uint16_t) * loas_network_words(net) : 0;
}

/* Scratch bytes in which fetch reads spikes: words, one byte to align them, and the least to unpack them. */
static uint64_t loas_network_fetch_bytes(const struct loas_network* net)
{
    const struct loas_layer_config* last = &net->layers[net->layer_count - 1u].config;
    struct loas_spike_tensor tensor = {.height = loas_layer_pooled_height(last),
                                       .width = loas_layer_pooled_width(last),
                                       .channels = last->out_channels,
                                       .timesteps = last->timesteps};
    uint64_t least = 0;
    if (loas_layer_has_currents(last)) {
        return 0;
    }
    for (tensor.format = 0; tensor.format < LOAS_SPIKES_COUNT; tensor.format++) {
        least = loas_max_u64(least, loas_spike_tensor_scratch_least(&tensor));
    }
    return sizeof(uint16_t) * loas_network_scores(net) + 1u + least;
}

uint64_t loas_network_scratch(const struct loas_network* net)
{
    if (!loas_network_is_valid(net)) {
        return 0;
    }
    /* What a run does is worth the largest transfers. Loading happens once and makes do with what there is. */
    const struct loas_spike_tensor tensor = loas_network_input_shape(net);
    uint64_t rest = loas_spike_tensor_scratch_usual(&tensor);
    if (net->encoder) {
        rest = loas_max_u64(rest, loas_encode_scratch(&net->encoder->config));
    }
    /* one byte to align the words */
    uint64_t bytes = loas_network_word_bytes(net) + 1u + rest;
    for (uint32_t i = 0; i < net->layer_count; i++) {
        bytes = loas_max_u64(bytes, loas_layer_scratch_least(&net->layers[i].config));
        bytes = loas_max_u64(bytes, loas_join_scratch(net, i));
        bytes = loas_max_u64(bytes, loas_fire_scratch(&net->layers[i]));
    }
    return loas_max_u64(bytes, loas_network_fetch_bytes(net));
}

static void loas_network_unload_layers(struct loas_device* dev, struct loas_network* net, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        loas_spike_tensor_destroy(dev, &net->layers[i].joined);
        loas_layer_unload(dev, &net->layers[i]);
    }
}

int loas_network_load(struct loas_device* dev, struct loas_network* net)
{
    net->input = (struct loas_spike_tensor){0};
    net->failed_layer = LOAS_NO_LAYER;
    net->completion = (struct loas_completion){0};
    if (!net->descriptors || !loas_network_is_valid(net) ||
        (net->encoder && (!net->encoder->weights || loas_layer_has_currents(&net->encoder->config) ||
                          loas_layer_has_thresholds(&net->encoder->config) != (net->encoder->thresholds != NULL) ||
                          !loas_values_are_valid(&net->encoder->config, net->encoder->values)))) {
        return LOAS_E_ARGUMENT;
    }
    if (!net->scratch.memory || net->scratch.bytes < loas_network_scratch(net)) {
        return LOAS_E_MEMORY;
    }
    const struct loas_spike_tensor input = loas_network_input_shape(net);
    int result =
        loas_spike_tensor_create(dev, &net->input, input.height, input.width, input.channels, input.timesteps);
    for (uint32_t i = 0; result == LOAS_OK && i < net->layer_count; i++) {
        struct loas_layer* layer = &net->layers[i];
        uint64_t address = 0;
        layer->joined = (struct loas_spike_tensor){0};
        layer->joining = (struct loas_host_work){0};
        layer->firing = (struct loas_host_work){0};
        result = loas_layer_load(dev, layer, net->scratch);
        if (result == LOAS_OK) {
            result = loas_join_load(dev, net, i, &address);
            i += result != LOAS_OK; /* it is loaded itself */
        }
        if (result != LOAS_OK) {
            loas_network_unload_layers(dev, net, i);
            loas_spike_tensor_destroy(dev, &net->input);
            return result;
        }
        loas_layer_descriptor(layer, address, i, &net->descriptors[i]);
    }
    return result;
}

void loas_network_unload(struct loas_device* dev, struct loas_network* net)
{
    if (net->input.address == 0) {
        return;
    }
    loas_network_unload_layers(dev, net, net->layer_count);
    loas_spike_tensor_destroy(dev, &net->input);
}

/* Waits for a layer with what is left of the time, and says which layer failed if one did. */
static int loas_network_wait(struct loas_device* dev, struct loas_network* net, uint32_t ticket,
                             uint32_t first_sequence, enum loas_wait_mode mode, uint64_t start, uint64_t timeout_ns)
{
    const uint64_t elapsed = dev->hal->time_ns(dev->hal->context) - start;
    const uint64_t left = elapsed < timeout_ns ? timeout_ns - elapsed : 0;
    int result = loas_wait(dev, ticket, mode, left, &net->completion);
    if (result == LOAS_E_DEVICE && net->completion.sequence - first_sequence < net->layer_count) {
        net->failed_layer = net->completion.sequence - first_sequence;
    }
    return result;
}

/* Has the host something to do with what the layers before `layer` wrote? */
static bool loas_network_stops_before(const struct loas_network* net, uint32_t layer)
{
    return (layer > 0 && loas_fires_on_host(&net->layers[layer - 1u].config)) ||
           (layer < net->layer_count && net->layers[layer].joined.address != 0);
}

static int loas_network_host_work(struct loas_device* dev, struct loas_network* net, uint32_t layer)
{
    int result = LOAS_OK;
    if (layer > 0 && loas_fires_on_host(&net->layers[layer - 1u].config)) {
        result = loas_fire_on_host(dev, net, layer - 1u);
    }
    if (result == LOAS_OK && layer < net->layer_count && net->layers[layer].joined.address != 0) {
        result = loas_join(dev, net, layer);
    }
    return result;
}

int loas_network_submit(struct loas_device* dev, struct loas_network* net, enum loas_wait_mode mode,
                        uint64_t timeout_ns)
{
    const uint64_t start = dev->hal->time_ns(dev->hal->context);
    const uint32_t first_sequence = dev->queue.last_sequence + 1u;
    uint32_t ticket = 0;
    int result = LOAS_OK;
    for (uint32_t i = 0; i < net->layer_count; i++) {
        struct loas_descriptor descriptor = net->descriptors[i];
        if (loas_network_stops_before(net, i)) {
            if (i > 0) {
                result = loas_network_wait(dev, net, ticket, first_sequence, mode, start, timeout_ns);
            }
            result = result == LOAS_OK ? loas_network_host_work(dev, net, i) : result;
            if (result != LOAS_OK) {
                return result;
            }
        }
        /* An interrupt of the last layer only, and of those that are waited for: before the host goes on with what they
         * wrote, and those that fill the queue if it is too short. To a queue that is full by now, loas_submit makes
         * room by what has ended meanwhile, and the layer may fill it again. */
        const bool last = i + 1u == net->layer_count || loas_network_stops_before(net, i + 1u);
        const bool fills = dev->queue.in_flight + 2u >= dev->queue.entries;
        if (mode == LOAS_WAIT_INTERRUPT && (last || fills)) {
            descriptor.flags |= LOAS_FLAG_INTERRUPT;
        }
        result = loas_submit(dev, &descriptor, &ticket);
        if (result == LOAS_E_QUEUE_FULL && i > 0) {
            result = loas_network_wait(dev, net, ticket, first_sequence, mode, start, timeout_ns);
            if (result == LOAS_OK) {
                /* the flag was decided on a full queue: decide anew */
                i--;
                continue;
            }
        }
        if (result != LOAS_OK) {
            return result;
        }
    }
    result = loas_network_wait(dev, net, ticket, first_sequence, mode, start, timeout_ns);
    return result == LOAS_OK ? loas_network_host_work(dev, net, net->layer_count) : result;
}
