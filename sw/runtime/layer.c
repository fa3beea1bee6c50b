/* Layers: the rules of the contract on the host, upload, descriptor. */
#include "runtime/fibers.h"
#include "runtime/neuron.h"

struct loas_layer_config loas_layer_config_default(uint16_t in_height, uint16_t in_width, uint16_t in_channels,
                                                   uint16_t out_channels, uint8_t timesteps)
{
    return (struct loas_layer_config){.in_height = in_height,
                                      .in_width = in_width,
                                      .in_channels = in_channels,
                                      .out_channels = out_channels,
                                      .kernel_h = 1,
                                      .kernel_w = 1,
                                      .stride_h = 1,
                                      .stride_w = 1,
                                      .pool = 1,
                                      .timesteps = timesteps,
                                      .leak_q8 = 128};
}

uint32_t loas_layer_inputs(const struct loas_layer_config* config)
{
    return (uint32_t)config->kernel_h * config->kernel_w * config->in_channels;
}

uint32_t loas_layer_out_height(const struct loas_layer_config* config)
{
    return (config->in_height + 2u * config->pad_h - config->kernel_h) / config->stride_h + 1u;
}

uint32_t loas_layer_out_width(const struct loas_layer_config* config)
{
    return (config->in_width + 2u * config->pad_w - config->kernel_w) / config->stride_w + 1u;
}

uint32_t loas_layer_pooled_height(const struct loas_layer_config* config)
{
    return loas_layer_out_height(config) / config->pool;
}

uint32_t loas_layer_pooled_width(const struct loas_layer_config* config)
{
    return loas_layer_out_width(config) / config->pool;
}

bool loas_layer_has_currents(const struct loas_layer_config* config)
{
    return (config->neuron & LOAS_NEURON_CURRENTS) != 0;
}

bool loas_layer_has_thresholds(const struct loas_layer_config* config)
{
    return (config->neuron & LOAS_NEURON_THRESHOLDS) != 0;
}

static uint64_t loas_layer_currents_bytes(const struct loas_layer_config* config)
{
    return 4u * (uint64_t)loas_layer_out_height(config) * loas_layer_out_width(config) * config->out_channels *
           config->timesteps;
}

/* Sizes that the formulas above can be used with. */
static bool loas_layer_has_shape(const struct loas_layer_config* config)
{
    return config->in_height > 0 && config->in_width > 0 && config->in_channels > 0 && config->out_channels > 0 &&
           config->kernel_h > 0 && config->kernel_w > 0 && config->stride_h > 0 && config->stride_w > 0 &&
           config->pool > 0 && config->kernel_h <= config->in_height + 2u * config->pad_h &&
           config->kernel_w <= config->in_width + 2u * config->pad_w;
}

static bool loas_layer_has_relu(const struct loas_layer_config* config)
{
    return (config->neuron & LOAS_NEURON_RELU) != 0;
}

/* Bytes take ReLU or write currents, spikes do not take ReLU. */
static bool loas_layer_goes_with(const struct loas_layer_config* config, unsigned spike_format)
{
    const bool bytes = loas_format_is_bytes(spike_format);
    return bytes ? config->timesteps == 1 && (loas_layer_has_relu(config) || loas_layer_has_currents(config))
                 : !loas_layer_has_relu(config);
}

static bool loas_layer_fits(const struct loas_layer_config* config, unsigned spike_format, unsigned weight_format)
{
    if (!loas_layer_goes_with(config, spike_format)) {
        return false;
    }
    const uint64_t pixels = (uint64_t)config->in_height * config->in_width;
    const uint64_t pooled = (uint64_t)loas_layer_pooled_height(config) * loas_layer_pooled_width(config);
    const uint64_t output =
        loas_layer_has_currents(config)
            ? loas_layer_currents_bytes(config)
            : loas_spike_layout(spike_format, pooled, config->out_channels, config->timesteps).total_bytes;
    /* a padded output may have more rows than a spike tensor can name as the next layer's input */
    return loas_layer_out_height(config) <= UINT16_MAX && loas_layer_out_width(config) <= UINT16_MAX &&
           loas_layer_inputs(config) <= LOAS_MAX_K &&
           loas_spike_layout(spike_format, pixels, config->in_channels, config->timesteps).total_bytes <=
               LOAS_MAX_TENSOR_BYTES &&
           loas_weight_layout(weight_format, config->out_channels, loas_layer_inputs(config)).total_bytes <=
               LOAS_MAX_TENSOR_BYTES &&
           output <= LOAS_MAX_TENSOR_BYTES;
}

static bool loas_layer_fits_somehow(const struct loas_layer_config* config)
{
    for (unsigned format = 0; format < LOAS_SPIKES_COUNT * LOAS_WEIGHTS_COUNT; format++) {
        if (loas_layer_fits(config, format / LOAS_WEIGHTS_COUNT, format % LOAS_WEIGHTS_COUNT)) {
            return true;
        }
    }
    return false;
}

int loas_layer_config_check(const struct loas_layer_config* config)
{
    const unsigned resets = LOAS_NEURON_SOFT_RESET | LOAS_NEURON_DELAYED_RESET;
    const unsigned once_and_carried = LOAS_NEURON_FIRST_SPIKE | LOAS_NEURON_CARRY;
    const unsigned not_few = resets | once_and_carried;
    const bool few = config && (config->neuron & LOAS_NEURON_FEW_SPIKES) != 0;
    if (!config || config->timesteps == 0 || config->timesteps > LOAS_MAX_TIMESTEPS || config->leak_q8 > 256 ||
        (few && ((config->neuron & not_few) != 0 || loas_fires_on_host(config))) || (config->neuron & resets) == resets ||
        (config->neuron & once_and_carried) == once_and_carried || !loas_layer_has_shape(config)) {
        return LOAS_E_ARGUMENT;
    }
    if (loas_layer_has_relu(config) &&
        (few || (config->neuron & (not_few | LOAS_NEURON_THRESHOLDS)) != 0 || config->single_spike_mask ||
         loas_fires_on_host(config) || config->threshold < 0 || config->threshold > 31)) {
        return LOAS_E_ARGUMENT;
    }
    if (config->pool > loas_layer_out_height(config) || config->pool > loas_layer_out_width(config)) {
        return LOAS_E_ARGUMENT;
    }
    if (loas_layer_has_currents(config) &&
        (config->pool > 1 || config->single_spike_mask ||
         (config->neuron & (LOAS_NEURON_CARRY | LOAS_NEURON_THRESHOLDS | LOAS_NEURON_FIRST_SPIKE)) != 0)) {
        return LOAS_E_ARGUMENT;
    }
    /* neurons of the host spike, and have their thresholds among their values */
    if (config->host_neurons > LOAS_HOST_NEURONS ||
        (loas_fires_on_host(config) && (loas_layer_has_currents(config) || loas_layer_has_thresholds(config)))) {
        return LOAS_E_ARGUMENT;
    }
    return loas_layer_fits_somehow(config) ? LOAS_OK : LOAS_E_ARGUMENT;
}

static uint32_t loas_layer_features(const struct loas_layer_config* config)
{
    uint32_t features = 0;
    if (config->kernel_h > 1 || config->kernel_w > 1 || config->stride_h > 1 || config->stride_w > 1 ||
        config->pad_h > 0 || config->pad_w > 0) {
        features |= LOAS_FEATURE_CONVOLUTION;
    }
    features |= config->pool > 1 ? LOAS_FEATURE_POOLING : 0;
    features |= config->neuron & LOAS_NEURON_SOFT_RESET ? LOAS_FEATURE_SOFT_RESET_NEURON : 0;
    features |= config->neuron & LOAS_NEURON_DELAYED_RESET ? LOAS_FEATURE_DELAYED_RESET_NEURON : 0;
    features |= config->neuron & LOAS_NEURON_CARRY ? LOAS_FEATURE_CARRY : 0;
    features |= loas_layer_has_thresholds(config) ? LOAS_FEATURE_THRESHOLDS : 0;
    features |= config->neuron & LOAS_NEURON_FIRST_SPIKE ? LOAS_FEATURE_FIRST_SPIKE_NEURON : 0;
    features |= config->neuron & LOAS_NEURON_FEW_SPIKES ? LOAS_FEATURE_FEW_SPIKES_NEURON : 0;
    features |= config->single_spike_mask ? LOAS_FEATURE_SINGLE_SPIKE_MASK : 0;
    features |= loas_layer_has_currents(config) ? LOAS_FEATURE_CURRENTS : 0;
    return features;
}

uint64_t loas_layer_scratch_least(const struct loas_layer_config* config)
{
    return loas_weight_tensor_scratch_least(config->out_channels, loas_layer_inputs(config));
}

uint64_t loas_layer_scratch_best(const struct loas_layer_config* config)
{
    return loas_weight_tensor_scratch_best(config->out_channels, loas_layer_inputs(config));
}

/* Of the potentials that are carried; 0: none are. */
static uint64_t loas_layer_potentials_bytes(const struct loas_layer_config* config)
{
    const uint64_t rows = (uint64_t)loas_layer_out_height(config) * loas_layer_out_width(config);
    return config->neuron & LOAS_NEURON_CARRY ? 4u * rows * config->out_channels : 0;
}

/* Zeros over [address, address + bytes), for the device to see. */
static int loas_clear(struct loas_device* dev, uint64_t address, uint64_t bytes)
{
    static const uint8_t zeros[256] = {0};
    const struct loas_hal* hal = dev->hal;
    int result = LOAS_OK;
    for (uint64_t done = 0; done < bytes && result == LOAS_OK; done += sizeof zeros) {
        const uint64_t part = bytes - done < sizeof zeros ? bytes - done : sizeof zeros;
        result = hal->dma_write(hal->context, address + done, zeros, (size_t)part);
    }
    hal->dma_sync(hal->context, address, bytes, LOAS_SYNC_TO_DEVICE);
    return result;
}

int loas_layer_start_potentials(struct loas_device* dev, const struct loas_layer* layer)
{
    const struct loas_hal* hal = dev->hal;
    const struct loas_layer_config device = loas_device_config(&layer->config);
    const uint64_t bytes = loas_layer_potentials_bytes(&device);
    const uint64_t row_bytes = 4u * (uint64_t)device.out_channels;
    const uint64_t address = loas_potentials_address(device.neuron, layer->bias_address, device.out_channels);
    int result = LOAS_OK;
    loas_neurons_start(layer->neurons, &layer->config, layer->starts, layer->values);
    if (bytes == 0 || layer->bias_address == 0) {
        return LOAS_OK;
    }
    if (!layer->starts) {
        return loas_clear(dev, address, bytes);
    }
    for (uint64_t done = 0; done < bytes && result == LOAS_OK; done += row_bytes) {
        result = hal->dma_write(hal->context, address + done, layer->starts, (size_t)row_bytes);
    }
    hal->dma_sync(hal->context, address, bytes, LOAS_SYNC_TO_DEVICE);
    return result;
}

/* Numbers[N] at an address, for the device to see; NULL: zeros. */
static int loas_layer_write_numbers(struct loas_device* dev, const struct loas_layer* layer, uint64_t address,
                                    const int32_t* numbers)
{
    const struct loas_hal* hal = dev->hal;
    const uint64_t bytes = 4u * (uint64_t)layer->config.out_channels;
    if (!numbers) {
        return loas_clear(dev, address, bytes);
    }
    const int result = hal->dma_write(hal->context, address, numbers, (size_t)bytes);
    hal->dma_sync(hal->context, address, bytes, LOAS_SYNC_TO_DEVICE);
    return result;
}

/* The bias, and behind it thresholds and the potentials that are carried. */
static int loas_layer_create_bias(struct loas_device* dev, struct loas_layer* layer)
{
    const struct loas_layer_config device = loas_device_config(&layer->config);
    const struct loas_layer_config* config = &device;
    const uint64_t potentials = loas_layer_potentials_bytes(config);
    const bool thresholds = loas_layer_has_thresholds(config);
    if (!layer->bias && potentials == 0 && !thresholds) {
        return loas_layer_start_potentials(dev, layer);
    }
    const uint64_t bytes = potentials == 0
                               ? loas_bias_bytes(config->neuron, config->out_channels)
                               : loas_potentials_address(config->neuron, 0, config->out_channels) + potentials;
    int result = dev->hal->dma_alloc(dev->hal->context, bytes, LOAS_TENSOR_ALIGN, &layer->bias_address);
    if (result != LOAS_OK) {
        layer->bias_address = 0;
        return result;
    }
    result = loas_layer_write_numbers(dev, layer, layer->bias_address, layer->bias);
    if (result == LOAS_OK && thresholds) {
        result = loas_layer_write_numbers(dev, layer, layer->bias_address + 4u * (uint64_t)config->out_channels,
                                          layer->thresholds);
    }
    return result == LOAS_OK ? loas_layer_start_potentials(dev, layer) : result;
}

static int loas_layer_allocate_output(struct loas_device* dev, struct loas_layer* layer)
{
    const struct loas_layer_config* config = &layer->config;
    const bool on_host = loas_fires_on_host(config);
    const uint64_t rows = (uint64_t)loas_layer_out_height(config) * loas_layer_out_width(config);
    const uint64_t work_bytes =
        dev->needs_work_area ? loas_work_bytes(rows, config->out_channels, config->timesteps, dev->tiles) : 0;
    if (loas_layer_has_currents(config) || on_host) {
        layer->currents_bytes = loas_layer_currents_bytes(config);
        const int result =
            dev->hal->dma_alloc(dev->hal->context, loas_with_work_area(layer->currents_bytes, work_bytes),
                                LOAS_TENSOR_ALIGN, &layer->currents_address);
        layer->currents_address = result == LOAS_OK ? layer->currents_address : 0;
        if (result != LOAS_OK || !on_host) {
            return result;
        }
    }
    layer->output = (struct loas_spike_tensor){.height = loas_layer_pooled_height(config),
                                               .width = loas_layer_pooled_width(config),
                                               .channels = config->out_channels,
                                               .timesteps = config->timesteps};
    return loas_spike_tensor_create_with(dev, &layer->output, on_host ? 0 : work_bytes);
}

static void loas_layer_forget(struct loas_layer* layer)
{
    layer->weight_tensor = (struct loas_weight_tensor){0};
    layer->output = (struct loas_spike_tensor){0};
    layer->bias_address = 0;
    layer->currents_address = 0;
    layer->currents_bytes = 0;
    layer->formats = 0;
}

int loas_layer_load(struct loas_device* dev, struct loas_layer* layer, struct loas_scratch scratch)
{
    const struct loas_layer_config* config = &layer->config;
    const struct loas_layer_config device = loas_device_config(config);
    loas_layer_forget(layer);
    if (loas_layer_config_check(config) != LOAS_OK || (loas_layer_features(&device) & ~dev->features) != 0 ||
        config->timesteps > dev->max_timesteps || !loas_layer_fits(&device, dev->spike_format, dev->weight_format) ||
        loas_layer_has_thresholds(config) != (layer->thresholds != NULL) ||
        !loas_values_are_valid(config, layer->values)) {
        return LOAS_E_ARGUMENT;
    }
    layer->formats = (uint8_t)(dev->spike_format | dev->weight_format << LOAS_FORMATS_WEIGHTS_SHIFT);
    int result = loas_weight_tensor_create(dev, &layer->weight_tensor, layer->weights, config->out_channels,
                                           loas_layer_inputs(config), scratch);
    if (result == LOAS_OK) {
        result = loas_layer_create_bias(dev, layer);
    }
    if (result == LOAS_OK) {
        result = loas_layer_allocate_output(dev, layer);
    }
    if (result != LOAS_OK) {
        loas_layer_unload(dev, layer);
    }
    return result;
}

void loas_layer_unload(struct loas_device* dev, struct loas_layer* layer)
{
    if (layer->currents_address != 0) {
        dev->hal->dma_free(dev->hal->context, layer->currents_address);
    }
    loas_spike_tensor_destroy(dev, &layer->output);
    if (layer->bias_address != 0) {
        dev->hal->dma_free(dev->hal->context, layer->bias_address);
    }
    loas_weight_tensor_destroy(dev, &layer->weight_tensor);
    loas_layer_forget(layer);
}

void loas_layer_descriptor(const struct loas_layer* layer, uint64_t input_address, uint32_t cookie,
                           struct loas_descriptor* descriptor)
{
    const struct loas_layer_config device = loas_device_config(&layer->config);
    const struct loas_layer_config* config = &device;
    *descriptor = (struct loas_descriptor){
        .opcode = LOAS_OP_RUN_LAYER,
        .flags = config->single_spike_mask ? LOAS_FLAG_SINGLE_SPIKE_MASK : 0,
        .timesteps = config->timesteps,
        .neuron = config->neuron,
        .in_height = config->in_height,
        .in_width = config->in_width,
        .in_channels = config->in_channels,
        .out_channels = config->out_channels,
        .kernel_h = config->kernel_h,
        .kernel_w = config->kernel_w,
        .stride_h = config->stride_h,
        .stride_w = config->stride_w,
        .pad_h = config->pad_h,
        .pad_w = config->pad_w,
        .pool = config->pool,
        .formats = layer->formats,
        .leak_q8 = config->leak_q8,
        .threshold = config->threshold,
        .cookie = cookie,
        .input_address = input_address,
        .weight_address = layer->weight_tensor.address,
        .bias_address = layer->bias_address,
        .output_address = layer->currents_address != 0 ? layer->currents_address : layer->output.address,
    };
}

int loas_layer_read_currents(struct loas_device* dev, const struct loas_layer* layer, int32_t* currents)
{
    const struct loas_hal* hal = dev->hal;
    if (layer->currents_address == 0 || !currents) {
        return LOAS_E_ARGUMENT;
    }
    hal->dma_sync(hal->context, layer->currents_address, layer->currents_bytes, LOAS_SYNC_FROM_DEVICE);
    return hal->dma_read(hal->context, currents, layer->currents_address, (size_t)layer->currents_bytes);
}
