/* What the last layer of a network gives, and the scores of it. */
#include "runtime/fibers.h"
#include "runtime/network.h"

/* Score n, of class n % classes of a pixel, with these values. Products are below 2^47, and 361 * 362 / 2 of them below 2^63: 64 bits
 * suffice. */
static int64_t loas_score_of(const struct loas_network* net, uint64_t n, const int32_t* values, uint64_t timesteps)
{
    const struct loas_readout* readout = &net->readout;
    const int32_t* response = readout->response_q16;
    int64_t score = 0;
    if (response && readout->response_per_class) {
        response += n % net->layers[net->layer_count - 1u].config.out_channels * timesteps;
    }
    for (uint64_t t = 0; t < timesteps; t++) {
        int64_t potential = values[t];
        if (response) {
            potential = 0;
            for (uint64_t u = 0; u <= t; u++) {
                potential += (int64_t)response[t - u] * values[u];
            }
        }
        if (readout->score == LOAS_SCORE_SUM) {
            score += potential;
        } else if (readout->score == LOAS_SCORE_LAST || t == 0 || potential > score) {
            score = potential;
        }
    }
    return score;
}

static void loas_sink_take(const struct loas_network* net, const struct loas_sink* sink, uint64_t n,
                           const int32_t* values, uint64_t timesteps)
{
    if (sink->scores) {
        sink->scores[n] = loas_score_of(net, n, values, timesteps);
        return;
    }
    for (uint64_t t = 0; t < timesteps && sink->first + t < net->blocks.timesteps; t++) {
        net->blocks.values[n * net->blocks.timesteps + sink->first + t] = values[t];
    }
}

static int loas_network_take_currents(struct loas_device* dev, const struct loas_network* net,
                                      const struct loas_layer* last, const struct loas_sink* sink)
{
    const struct loas_hal* hal = dev->hal;
    const uint64_t timesteps = last->config.timesteps;
    const uint64_t classes = loas_network_scores(net);
    uint8_t block[64 * sizeof(int32_t)];
    const uint64_t per_block = sizeof block / (sizeof(int32_t) * timesteps);
    hal->dma_sync(hal->context, last->currents_address, last->currents_bytes, LOAS_SYNC_FROM_DEVICE);
    for (uint64_t first = 0; first < classes; first += per_block) {
        const uint64_t count = classes - first < per_block ? classes - first : per_block;
        int result = hal->dma_read(hal->context, block, last->currents_address + first * timesteps * sizeof(int32_t),
                                   (size_t)(count * timesteps * sizeof(int32_t)));
        if (result != LOAS_OK) {
            return result;
        }
        for (uint64_t i = 0; i < count; i++) {
            int32_t values[LOAS_MAX_TIMESTEPS];
            for (uint64_t t = 0; t < timesteps; t++) {
                values[t] = (int32_t)loas_get_u32(block + sizeof(int32_t) * (i * timesteps + t));
            }
            loas_sink_take(net, sink, first + i, values, timesteps);
        }
    }
    return LOAS_OK;
}

static int loas_network_take_spikes(struct loas_device* dev, const struct loas_network* net,
                                    const struct loas_layer* last, const struct loas_sink* sink)
{
    const uint64_t classes = loas_network_scores(net);
    const size_t used = sizeof(uint16_t) * (size_t)classes + 1u;
    uint16_t* words = (uint16_t*)loas_align_up((uintptr_t)net->scratch.memory, sizeof(uint16_t));
    const struct loas_scratch rest = {(uint8_t*)net->scratch.memory + used, net->scratch.bytes - used};
    int result = loas_spike_tensor_read(dev, &last->output, words, rest);
    for (uint64_t n = 0; result == LOAS_OK && n < classes; n++) {
        int32_t values[LOAS_MAX_TIMESTEPS];
        for (unsigned t = 0; t < last->config.timesteps; t++) {
            values[t] = loas_format_is_bytes(last->output.format) ? words[n] : words[n] >> t & 1;
        }
        loas_sink_take(net, sink, n, values, last->config.timesteps);
    }
    return result;
}

int loas_network_take(struct loas_device* dev, const struct loas_network* net, const struct loas_sink* sink)
{
    const struct loas_layer* last = &net->layers[net->layer_count - 1u];
    return loas_layer_has_currents(&last->config) ? loas_network_take_currents(dev, net, last, sink)
                                                  : loas_network_take_spikes(dev, net, last, sink);
}

int loas_network_fetch(struct loas_device* dev, const struct loas_network* net, int64_t* scores)
{
    const struct loas_sink sink = {.scores = scores};
    if (!scores || net->input.address == 0) {
        return LOAS_E_ARGUMENT;
    }
    if (net->blocks.timesteps == 0) {
        return loas_network_take(dev, net, &sink);
    }
    for (uint64_t n = 0; n < loas_network_scores(net); n++) {
        scores[n] = loas_score_of(net, n, net->blocks.values + n * net->blocks.timesteps,
                                  net->blocks.timesteps);
    }
    return LOAS_OK;
}
