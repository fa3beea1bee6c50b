/*
 * Layers of branches: spike tensors side by side. In none of the formats are the channels of two layers neighbours: a
 * fiber is a pixel over all channels, with one mask and one pointer, or one list of coordinates, so a producer cannot
 * write into another's fibers. Whoever wants them in one tensor has to write it anew. That is a small part of the work
 * of the layer that reads it K / channels times, so the host does it, in device memory, and says what it moved; the
 * contract, and every design, stay as they are.
 */
#include "runtime/join.h"

#include "runtime/fibers.h"
#include "runtime/network.h"

static bool loas_source_is_whole(const struct loas_layer_source* source)
{
    return source->step_h == 1 && source->step_w == 1 && source->first_row == 0 && source->first_column == 0;
}

/* The tensor that source number `number` of a network is, without an address before it is loaded. */
static struct loas_spike_tensor loas_source_shape(const struct loas_network* net, uint32_t number)
{
    if (number == 0) {
        return loas_network_input_shape(net);
    }
    const struct loas_layer_config* config = &net->layers[number - 1u].config;
    return (struct loas_spike_tensor){.height = loas_layer_pooled_height(config),
                                      .width = loas_layer_pooled_width(config),
                                      .channels = config->out_channels,
                                      .timesteps = config->timesteps};
}

static const struct loas_spike_tensor* loas_source_tensor(const struct loas_network* net, uint32_t number)
{
    return number == 0 ? &net->input : &net->layers[number - 1u].output;
}

/* Is its input one tensor as it is? */
static bool loas_reads_one(const struct loas_network* net, const struct loas_layer* layer)
{
    if (layer->source_count != 1 || !loas_source_is_whole(layer->sources)) {
        return false;
    }
    const struct loas_spike_tensor source = loas_source_shape(net, layer->sources[0].layer);
    return source.height == layer->config.in_height && source.width == layer->config.in_width;
}

static struct loas_spike_tensor loas_joined_shape(const struct loas_layer_config* config)
{
    return (struct loas_spike_tensor){.height = config->in_height,
                                      .width = config->in_width,
                                      .channels = config->in_channels,
                                      .timesteps = config->timesteps};
}

static uint64_t loas_tensor_words(const struct loas_spike_tensor* tensor)
{
    return (uint64_t)tensor->height * tensor->width * tensor->channels;
}

/* Bytes at the start of the scratch memory: words of the joined tensor, then of one source, and one to align them. */
static uint64_t loas_join_words_bytes(const struct loas_network* net, const struct loas_layer* layer)
{
    const struct loas_spike_tensor joined = loas_joined_shape(&layer->config);
    uint64_t most = 0;
    for (uint32_t i = 0; i < layer->source_count; i++) {
        const struct loas_spike_tensor source = loas_source_shape(net, layer->sources[i].layer);
        most = loas_tensor_words(&source) > most ? loas_tensor_words(&source) : most;
    }
    return sizeof(uint16_t) * (loas_tensor_words(&joined) + most) + 1u;
}

bool loas_sources_are_valid(const struct loas_network* net, uint32_t index)
{
    const struct loas_layer* layer = &net->layers[index];
    uint64_t channels = 0;
    if (layer->source_count == 0) {
        return true;
    }
    for (uint32_t i = 0; i < layer->source_count; i++) {
        const struct loas_layer_source* source = &layer->sources[i];
        /* what comes in without an encoder is as the first layer takes it */
        if ((index == 0 && !net->encoder) || source->layer > index || source->step_h == 0 || source->step_w == 0 ||
            (source->layer > 0 && loas_layer_has_currents(&net->layers[source->layer - 1u].config))) {
            return false;
        }
        const struct loas_spike_tensor tensor = loas_source_shape(net, source->layer);
        if (tensor.timesteps != layer->config.timesteps) {
            return false;
        }
        channels += tensor.channels;
    }
    return channels == layer->config.in_channels;
}

uint64_t loas_join_scratch(const struct loas_network* net, uint32_t index)
{
    const struct loas_layer* layer = &net->layers[index];
    if (layer->source_count == 0 || loas_reads_one(net, layer)) {
        return 0;
    }
    const struct loas_spike_tensor joined = loas_joined_shape(&layer->config);
    uint64_t packing = loas_spike_tensor_scratch_usual(&joined);
    for (uint32_t i = 0; i < layer->source_count; i++) {
        const struct loas_spike_tensor source = loas_source_shape(net, layer->sources[i].layer);
        const uint64_t unpacking = loas_spike_tensor_scratch_usual(&source);
        packing = unpacking > packing ? unpacking : packing;
    }
    return loas_join_words_bytes(net, layer) + packing;
}

int loas_join_load(struct loas_device* dev, struct loas_network* net, uint32_t index, uint64_t* address)
{
    struct loas_layer* layer = &net->layers[index];
    if (layer->source_count == 0) {
        *address = loas_source_tensor(net, index)->address;
        return LOAS_OK;
    }
    if (loas_reads_one(net, layer)) {
        *address = loas_source_tensor(net, layer->sources[0].layer)->address;
        return LOAS_OK;
    }
    const struct loas_layer_config* config = &layer->config;
    const int result = loas_spike_tensor_create(dev, &layer->joined, config->in_height, config->in_width,
                                                config->in_channels, config->timesteps);
    *address = layer->joined.address;
    return result;
}

/* Copies what a source gives to the channels from `first` on. */
static void loas_join_words(const struct loas_layer_source* source, const struct loas_spike_tensor* from,
                            const uint16_t* words, const struct loas_spike_tensor* to, uint32_t first, uint16_t* joined)
{
    for (uint32_t row = 0; row < to->height; row++) {
        for (uint32_t column = 0; column < to->width; column++) {
            const int64_t y = source->first_row + (int64_t)source->step_h * row;
            const int64_t x = source->first_column + (int64_t)source->step_w * column;
            const bool inside = y >= 0 && y < from->height && x >= 0 && x < from->width;
            const uint16_t* pixel = inside ? words + (y * from->width + x) * from->channels : NULL;
            uint16_t* own = joined + ((uint64_t)row * to->width + column) * to->channels + first;
            for (uint32_t channel = 0; channel < from->channels; channel++) {
                own[channel] = pixel ? pixel[channel] : 0;
            }
        }
    }
}

int loas_join(struct loas_device* dev, struct loas_network* net, uint32_t index)
{
    const struct loas_hal* hal = dev->hal;
    struct loas_layer* layer = &net->layers[index];
    const struct loas_spike_tensor* to = &layer->joined;
    const uint64_t start = hal->time_ns(hal->context);
    uint16_t* joined = (uint16_t*)loas_align_up((uintptr_t)net->scratch.memory, sizeof(uint16_t));
    uint16_t* words = joined + loas_tensor_words(to);
    const size_t used = (size_t)loas_join_words_bytes(net, layer);
    const struct loas_scratch rest = {(uint8_t*)net->scratch.memory + used, net->scratch.bytes - used};
    uint32_t first = 0;
    for (uint32_t i = 0; i < layer->source_count; i++) {
        const struct loas_layer_source* source = &layer->sources[i];
        const struct loas_spike_tensor* from = loas_source_tensor(net, source->layer);
        /* parts of one map follow each other */
        if (i == 0 || source->layer != layer->sources[i - 1u].layer) {
            const int result = loas_spike_tensor_read_counted(dev, from, words, rest, &layer->joining.read_bytes);
            if (result != LOAS_OK) {
                return result;
            }
        }
        loas_join_words(source, from, words, to, first, joined);
        first += from->channels;
    }
    const int result = loas_spike_tensor_write_counted(dev, to, joined, rest, &layer->joining.written_bytes);
    layer->joining.ns += hal->time_ns(hal->context) - start;
    return result;
}
