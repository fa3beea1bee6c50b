/* Inputs of a network: encoded, and run block by block. */
#include "runtime/fibers.h"
#include "runtime/network.h"
#include "runtime/neuron.h"

/* Sets neurons that are carried to where they begin. */
static int loas_network_start(struct loas_device* dev, const struct loas_network* net)
{
    int result = LOAS_OK;
    for (uint32_t i = 0; result == LOAS_OK && i < net->layer_count; i++) {
        result = loas_layer_start_potentials(dev, &net->layers[i]);
    }
    if (net->encoder) {
        loas_neurons_start(net->blocks.encoder_neurons, &net->encoder->config, net->encoder->starts,
                           net->encoder->values);
    }
    return result;
}

/* What an input is: numbers for the encoder, or words for the first layer. */
struct loas_input {
    const int32_t* values;
    bool over_time;
    const uint16_t* words;
};

/* Runs as many timesteps as the layers have. */
static int loas_network_run_block(struct loas_device* dev, struct loas_network* net, const struct loas_input* input,
                                  enum loas_wait_mode mode, uint64_t timeout_ns)
{
    struct loas_scratch scratch = net->scratch;
    const uint16_t* words = input->words;
    int result = LOAS_OK;
    const struct loas_frames frames = {
        .values = input->values, .over_time = input->over_time, .neurons = net->blocks.encoder_neurons};
    if (!words) {
        const size_t used = (size_t)loas_network_word_bytes(net) + 1u;
        uint16_t* encoded = (uint16_t*)loas_align_up((uintptr_t)scratch.memory, sizeof(uint16_t));
        scratch = (struct loas_scratch){(uint8_t*)scratch.memory + used, scratch.bytes - used};
        result = loas_encode_frames(net->encoder, &frames, encoded, scratch);
        if (result == LOAS_OK && net->observer) {
            net->observer->spikes(net->observer->context, LOAS_NO_LAYER, encoded);
        }
        words = encoded;
    }
    if (result == LOAS_OK) {
        result = loas_spike_tensor_write(dev, &net->input, words, scratch);
    }
    net->frames = &frames;
    result = result == LOAS_OK ? loas_network_submit(dev, net, mode, timeout_ns) : result;
    net->frames = NULL;
    return result;
}

/* The same input `timesteps` later. */
static struct loas_input loas_input_after(const struct loas_network* net, const struct loas_input* input,
                                          uint64_t timesteps)
{
    struct loas_input later = *input;
    if (input->words) {
        later.words += loas_network_words(net);
    } else if (input->over_time) {
        const struct loas_layer_config* config = &net->encoder->config;
        later.values += timesteps * config->in_height * config->in_width * config->in_channels;
    }
    return later;
}

static int loas_network_go(struct loas_device* dev, struct loas_network* net, const struct loas_input* input,
                           enum loas_wait_mode mode, uint64_t timeout_ns)
{
    const uint32_t timesteps = net->layers[0].config.timesteps;
    struct loas_input block = *input;
    int result = loas_network_start(dev, net);
    if (result == LOAS_OK && net->blocks.timesteps == 0) {
        return loas_network_run_block(dev, net, input, mode, timeout_ns);
    }
    for (uint32_t first = 0; result == LOAS_OK && first < net->blocks.timesteps; first += timesteps) {
        const struct loas_sink sink = {.first = first};
        result = loas_network_run_block(dev, net, &block, mode, timeout_ns);
        if (result == LOAS_OK) {
            result = loas_network_take(dev, net, &sink);
        }
        block = loas_input_after(net, &block, timesteps);
    }
    return result;
}

static int loas_network_encode_and_go(struct loas_device* dev, struct loas_network* net, const struct loas_input* input,
                                      enum loas_wait_mode mode, uint64_t timeout_ns)
{
    net->failed_layer = LOAS_NO_LAYER;
    if (!net->encoder || !input->values || net->input.address == 0) {
        return LOAS_E_ARGUMENT;
    }
    return loas_network_go(dev, net, input, mode, timeout_ns);
}

int loas_network_run(struct loas_device* dev, struct loas_network* net, const int32_t* image, enum loas_wait_mode mode,
                     uint64_t timeout_ns)
{
    const struct loas_input input = {.values = image};
    return loas_network_encode_and_go(dev, net, &input, mode, timeout_ns);
}

int loas_network_run_frames(struct loas_device* dev, struct loas_network* net, const int32_t* frames,
                            enum loas_wait_mode mode, uint64_t timeout_ns)
{
    const struct loas_input input = {.values = frames, .over_time = true};
    return loas_network_encode_and_go(dev, net, &input, mode, timeout_ns);
}

int loas_network_run_spikes(struct loas_device* dev, struct loas_network* net, const uint16_t* words,
                            enum loas_wait_mode mode, uint64_t timeout_ns)
{
    const struct loas_input input = {.words = words};
    net->failed_layer = LOAS_NO_LAYER;
    if (!words || net->input.address == 0) {
        return LOAS_E_ARGUMENT;
    }
    for (uint32_t i = 0; i < net->layer_count; i++) {
        if (net->layers[i].numbers) {
            return LOAS_E_ARGUMENT;
        }
    }
    return loas_network_go(dev, net, &input, mode, timeout_ns);
}
