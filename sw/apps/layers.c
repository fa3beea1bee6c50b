/* Runs single layers, each on an input of its own. */
#include "apps/app.h"

static uint64_t loas_larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static bool loas_layers_load(struct loas_device* dev, const struct loas_layers_job* job, uint32_t index,
                             const uint16_t* words, struct loas_layer* layer, struct loas_spike_tensor* input,
                             struct loas_app_status* status)
{
    const struct loas_layer_config* config = &layer->config;
    if (!loas_app_step(status,
                       loas_spike_tensor_create(dev, input, config->in_height, config->in_width, config->in_channels,
                                                config->timesteps),
                       "allocate the input")) {
        return false;
    }
    const struct loas_scratch scratch =
        job->scratch(job->context, loas_larger(loas_layer_scratch_best(config), loas_spike_tensor_scratch_best(input)));
    if (!loas_app_step(status, loas_spike_tensor_write(dev, input, words, scratch), "write the input") ||
        !loas_app_step(status, loas_layer_load(dev, layer, scratch), "load the layer")) {
        return false;
    }
    job->loaded(job->context, index);
    return true;
}

static bool loas_layers_repeat(struct loas_device* dev, const struct loas_layers_job* job, uint32_t index,
                               const struct loas_layer* layer, uint64_t input_address, struct loas_app_status* status)
{
    struct loas_descriptor descriptor;
    loas_layer_descriptor(layer, input_address, index, &descriptor);
    descriptor.flags |= LOAS_FLAG_INTERRUPT;
    for (uint32_t i = 0; i < job->runs; i++) {
        uint32_t ticket = 0;
        struct loas_completion completion = {0};
        if (!loas_app_step(status, loas_submit(dev, &descriptor, &ticket), "submit the layer")) {
            return false;
        }
        const int result = loas_wait(dev, ticket, job->settings.wait_mode, job->settings.timeout_ns, &completion);
        if (!loas_app_waited(status, result, "run the layer", index, &completion)) {
            return false;
        }
        job->done(job->context, index, i + 1u);
    }
    return true;
}

static bool loas_layers_one(struct loas_device* dev, const struct loas_layers_job* job, uint32_t index,
                            struct loas_app_status* status)
{
    struct loas_layer_input given = {0};
    struct loas_spike_tensor input = {0};
    if (!loas_app_step(status, job->layer(job->context, index, &given), "take the layer")) {
        return false;
    }
    struct loas_layer layer = {
        .config = given.config, .weights = given.weights, .bias = given.bias, .thresholds = given.thresholds};
    if (!loas_layers_load(dev, job, index, given.words, &layer, &input, status) ||
        !loas_layers_repeat(dev, job, index, &layer, input.address, status)) {
        return false;
    }
    loas_layer_unload(dev, &layer);
    loas_spike_tensor_destroy(dev, &input);
    return true;
}

int loas_layers_run(const struct loas_hal* hal, const struct loas_layers_job* job, struct loas_app_status* status)
{
    struct loas_device dev;
    if (!loas_app_open(status, &dev, hal, &job->settings)) {
        return status->result;
    }
    for (uint32_t i = 0; i < job->count; i++) {
        if (!loas_layers_one(&dev, job, i, status)) {
            return status->result;
        }
    }
    loas_app_step(status, loas_queue_close(&dev), "close the queue");
    return status->result;
}
