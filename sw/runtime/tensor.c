/* Spike tensors, weight tensors and bias vectors in device memory. */
#include "runtime/loas_runtime.h"

#include "runtime/fibers.h"

/* ---------------------------------------------------------------- spikes */

static int loas_spike_fibers(const struct loas_spike_tensor* tensor, struct loas_fibers* fibers)
{
    if (tensor->height == 0 || tensor->height > UINT16_MAX || tensor->width == 0 || tensor->width > UINT16_MAX ||
        tensor->channels == 0 || tensor->channels > UINT16_MAX || tensor->timesteps == 0 ||
        tensor->timesteps > LOAS_MAX_TIMESTEPS) {
        return LOAS_E_ARGUMENT;
    }
    fibers->address = tensor->address;
    fibers->count = (uint64_t)tensor->height * tensor->width;
    fibers->length = tensor->channels;
    fibers->layout = loas_spike_layout(fibers->count, tensor->channels, tensor->timesteps);
    return fibers->layout.total_bytes <= LOAS_MAX_TENSOR_BYTES ? LOAS_OK : LOAS_E_ARGUMENT;
}

int loas_spike_tensor_create(struct loas_device* dev, struct loas_spike_tensor* tensor, uint32_t height, uint32_t width,
                             uint32_t channels, uint32_t timesteps)
{
    struct loas_fibers fibers;
    *tensor =
        (struct loas_spike_tensor){.height = height, .width = width, .channels = channels, .timesteps = timesteps};
    int result = loas_spike_fibers(tensor, &fibers);
    if (result == LOAS_OK) {
        tensor->bytes = fibers.layout.total_bytes;
        result = dev->hal->dma_alloc(dev->hal->context, tensor->bytes, LOAS_TENSOR_ALIGN, &tensor->address);
    }
    if (result != LOAS_OK) {
        *tensor = (struct loas_spike_tensor){0};
    }
    return result;
}

void loas_spike_tensor_destroy(struct loas_device* dev, struct loas_spike_tensor* tensor)
{
    if (tensor->address != 0) {
        dev->hal->dma_free(dev->hal->context, tensor->address);
    }
    *tensor = (struct loas_spike_tensor){0};
}

uint64_t loas_spike_tensor_scratch_least(const struct loas_spike_tensor* tensor)
{
    struct loas_fibers fibers;
    return loas_spike_fibers(tensor, &fibers) == LOAS_OK ? loas_batch_bytes(&fibers, 1) : 0;
}

uint64_t loas_spike_tensor_scratch_best(const struct loas_spike_tensor* tensor)
{
    struct loas_fibers fibers;
    return loas_spike_fibers(tensor, &fibers) == LOAS_OK ? fibers.layout.total_bytes : 0;
}

/* Packs one fiber; returns the bytes of its values. Bits of a word at T and above end in *excess. */
static uint64_t loas_pack_spikes(const uint16_t* words, uint32_t channels, uint32_t timesteps, uint8_t* mask,
                                 uint8_t* values, uint32_t* excess)
{
    uint32_t bits = 0; /* not yet written, `held` of them */
    uint32_t held = 0;
    uint64_t size = 0;
    for (uint32_t channel = 0; channel < channels; channel++) {
        const uint32_t word = words[channel];
        if (word == 0) {
            continue;
        }
        *excess |= word >> timesteps;
        mask[channel / 8] = (uint8_t)(mask[channel / 8] | 1u << channel % 8);
        bits |= word << held;
        for (held += timesteps; held >= 8; held -= 8) {
            values[size++] = (uint8_t)bits;
            bits >>= 8;
        }
    }
    if (held > 0) {
        values[size++] = (uint8_t)bits;
    }
    return size;
}

int loas_spike_tensor_write(struct loas_device* dev, const struct loas_spike_tensor* tensor, const uint16_t* words,
                            struct loas_scratch scratch)
{
    const struct loas_hal* hal = dev->hal;
    struct loas_fibers fibers;
    uint64_t used = 0;
    int result = loas_spike_fibers(tensor, &fibers);
    if (result != LOAS_OK || tensor->address == 0 || !words) {
        return LOAS_E_ARGUMENT;
    }
    const uint64_t fit = loas_batch_fit(&fibers, scratch);
    if (fit == 0) {
        return LOAS_E_MEMORY;
    }
    for (uint64_t first = 0; first < fibers.count; first += fit) {
        const struct loas_batch batch = loas_batch_at(&fibers, scratch, first, fit);
        uint64_t size = 0;
        for (uint64_t f = 0; f < batch.count; f++) {
            uint32_t excess = 0;
            loas_put_u32(batch.pointers + 4 * f, used + size);
            size += loas_pack_spikes(words + (first + f) * tensor->channels, tensor->channels, tensor->timesteps,
                                     batch.masks + f * fibers.layout.mask_stride, batch.values + size, &excess);
            if (excess != 0) {
                return LOAS_E_ARGUMENT;
            }
        }
        result = loas_batch_write(dev, &fibers, &batch, used, size);
        if (result != LOAS_OK) {
            return result;
        }
        used += size;
    }
    hal->dma_sync(hal->context, tensor->address, fibers.layout.values_offset + used, LOAS_SYNC_TO_DEVICE);
    return LOAS_OK;
}

static uint32_t loas_mask_bit(const uint8_t* mask, uint32_t position)
{
    return (uint32_t)mask[position / 8] >> position % 8 & 1u;
}

static uint64_t loas_mask_count(const uint8_t* mask, uint32_t length)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < length; i++) {
        count += loas_mask_bit(mask, i);
    }
    return count;
}

static void loas_unpack_spikes(const uint8_t* mask, const uint8_t* values, uint32_t channels, uint32_t timesteps,
                               uint16_t* words)
{
    uint32_t bits = 0;
    uint32_t held = 0;
    for (uint32_t channel = 0; channel < channels; channel++) {
        words[channel] = 0;
        if (!loas_mask_bit(mask, channel)) {
            continue;
        }
        for (; held < timesteps; held += 8) {
            bits |= (uint32_t)*values++ << held;
        }
        words[channel] = (uint16_t)(bits & ((1u << timesteps) - 1u));
        bits >>= timesteps;
        held -= timesteps;
    }
}

int loas_spike_tensor_read(struct loas_device* dev, const struct loas_spike_tensor* tensor, uint16_t* words,
                           struct loas_scratch scratch)
{
    const struct loas_hal* hal = dev->hal;
    struct loas_fibers fibers;
    int result = loas_spike_fibers(tensor, &fibers);
    if (result != LOAS_OK || tensor->address == 0 || !words) {
        return LOAS_E_ARGUMENT;
    }
    const uint64_t fit = loas_batch_fit(&fibers, scratch);
    const uint64_t values_bytes = fibers.layout.total_bytes - fibers.layout.values_offset;
    if (fit == 0) {
        return LOAS_E_MEMORY;
    }
    hal->dma_sync(hal->context, tensor->address, fibers.layout.total_bytes, LOAS_SYNC_FROM_DEVICE);
    for (uint64_t first = 0; first < fibers.count; first += fit) {
        const struct loas_batch batch = loas_batch_at(&fibers, scratch, first, fit);
        result = loas_batch_read(dev, &fibers, &batch);
        for (uint64_t f = 0; result == LOAS_OK && f < batch.count; f++) {
            const uint8_t* mask = batch.masks + f * fibers.layout.mask_stride;
            const uint64_t pointer = loas_get_u32(batch.pointers + 4 * f);
            const uint64_t size = (loas_mask_count(mask, tensor->channels) * tensor->timesteps + 7u) / 8u;
            if (pointer + size > values_bytes) {
                return LOAS_E_ARGUMENT;
            }
            if (size > 0) {
                result = hal->dma_read(hal->context, batch.values,
                                       tensor->address + fibers.layout.values_offset + pointer, (size_t)size);
            }
            if (result == LOAS_OK) {
                loas_unpack_spikes(mask, batch.values, tensor->channels, tensor->timesteps,
                                   words + (first + f) * tensor->channels);
            }
        }
        if (result != LOAS_OK) {
            return result;
        }
    }
    return LOAS_OK;
}

/* ---------------------------------------------------------------- weights and bias */

static int loas_weight_fibers(uint32_t columns, uint32_t inputs, struct loas_fibers* fibers)
{
    if (columns == 0 || columns > UINT16_MAX || inputs == 0 || inputs > LOAS_MAX_K) {
        return LOAS_E_ARGUMENT;
    }
    fibers->address = 0;
    fibers->count = columns;
    fibers->length = inputs;
    fibers->layout = loas_weight_layout(columns, inputs);
    return fibers->layout.total_bytes <= LOAS_MAX_TENSOR_BYTES ? LOAS_OK : LOAS_E_ARGUMENT;
}

uint64_t loas_weight_tensor_scratch_least(uint32_t columns, uint32_t inputs)
{
    struct loas_fibers fibers;
    return loas_weight_fibers(columns, inputs, &fibers) == LOAS_OK ? loas_batch_bytes(&fibers, 1) : 0;
}

uint64_t loas_weight_tensor_scratch_best(uint32_t columns, uint32_t inputs)
{
    struct loas_fibers fibers;
    return loas_weight_fibers(columns, inputs, &fibers) == LOAS_OK ? fibers.layout.total_bytes : 0;
}

static uint64_t loas_pack_weights(const int8_t* weights, uint64_t inputs, uint8_t* mask, uint8_t* values)
{
    uint64_t size = 0;
    for (uint64_t k = 0; k < inputs; k++) {
        if (weights[k] != 0) {
            mask[k / 8] = (uint8_t)(mask[k / 8] | 1u << k % 8);
            values[size++] = (uint8_t)weights[k];
        }
    }
    return size;
}

static int loas_weights_upload(struct loas_device* dev, const struct loas_fibers* fibers, const int8_t* weights,
                               struct loas_scratch scratch, uint64_t fit, uint64_t* used)
{
    const struct loas_hal* hal = dev->hal;
    for (uint64_t first = 0; first < fibers->count; first += fit) {
        const struct loas_batch batch = loas_batch_at(fibers, scratch, first, fit);
        uint64_t size = 0;
        for (uint64_t f = 0; f < batch.count; f++) {
            loas_put_u32(batch.pointers + 4 * f, *used + size);
            size += loas_pack_weights(weights + (first + f) * fibers->length, fibers->length,
                                      batch.masks + f * fibers->layout.mask_stride, batch.values + size);
        }
        int result = loas_batch_write(dev, fibers, &batch, *used, size);
        if (result != LOAS_OK) {
            return result;
        }
        *used += size;
    }
    hal->dma_sync(hal->context, fibers->address, fibers->layout.values_offset + *used, LOAS_SYNC_TO_DEVICE);
    return LOAS_OK;
}

int loas_weight_tensor_create(struct loas_device* dev, struct loas_weight_tensor* tensor, const int8_t* weights,
                              uint32_t columns, uint32_t inputs, struct loas_scratch scratch)
{
    const struct loas_hal* hal = dev->hal;
    struct loas_fibers fibers;
    uint64_t used = 0;
    *tensor = (struct loas_weight_tensor){0};
    int result = loas_weight_fibers(columns, inputs, &fibers);
    if (result != LOAS_OK || !weights) {
        return LOAS_E_ARGUMENT;
    }
    const uint64_t fit = loas_batch_fit(&fibers, scratch);
    if (fit == 0) {
        return LOAS_E_MEMORY;
    }
    /* The full size even though the values are packed tightly: the device checks the range of the whole layout. */
    result = hal->dma_alloc(hal->context, fibers.layout.total_bytes, LOAS_TENSOR_ALIGN, &fibers.address);
    if (result != LOAS_OK) {
        return result;
    }
    result = loas_weights_upload(dev, &fibers, weights, scratch, fit, &used);
    if (result != LOAS_OK) {
        hal->dma_free(hal->context, fibers.address);
        return result;
    }
    *tensor = (struct loas_weight_tensor){.address = fibers.address,
                                          .columns = columns,
                                          .inputs = inputs,
                                          .non_zero = used,
                                          .bytes = fibers.layout.total_bytes};
    return LOAS_OK;
}

void loas_weight_tensor_destroy(struct loas_device* dev, struct loas_weight_tensor* tensor)
{
    if (tensor->address != 0) {
        dev->hal->dma_free(dev->hal->context, tensor->address);
    }
    *tensor = (struct loas_weight_tensor){0};
}

int loas_bias_create(struct loas_device* dev, const int32_t* bias, uint32_t count, uint64_t* address)
{
    const struct loas_hal* hal = dev->hal;
    const uint64_t bytes = 4u * (uint64_t)count;
    uint64_t block = 0;
    if (!bias || !address || count == 0 || count > UINT16_MAX) {
        return LOAS_E_ARGUMENT;
    }
    int result = hal->dma_alloc(hal->context, bytes, LOAS_TENSOR_ALIGN, &block);
    if (result != LOAS_OK) {
        return result;
    }
    result = hal->dma_write(hal->context, block, bias, (size_t)bytes);
    if (result != LOAS_OK) {
        hal->dma_free(hal->context, block);
        return result;
    }
    hal->dma_sync(hal->context, block, bytes, LOAS_SYNC_TO_DEVICE);
    *address = block;
    return LOAS_OK;
}
