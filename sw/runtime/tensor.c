/* Spike tensors, weight tensors and bias vectors in device memory. */
#include "runtime/pack.h"

/* ---------------------------------------------------------------- spikes */

static int loas_spike_fibers(const struct loas_spike_tensor* tensor, struct loas_fibers* fibers)
{
    static const uint8_t head_bytes[LOAS_SPIKES_COUNT] = {4, 0, LOAS_HEAD_BYTES, 4, LOAS_HEAD_BYTES};
    if (tensor->height == 0 || tensor->height > UINT16_MAX || tensor->width == 0 || tensor->width > UINT16_MAX ||
        tensor->channels == 0 || tensor->channels > UINT16_MAX || tensor->timesteps == 0 ||
        tensor->timesteps > LOAS_MAX_TIMESTEPS || tensor->format >= LOAS_SPIKES_COUNT ||
        (loas_format_is_bytes(tensor->format) && tensor->timesteps != 1)) {
        return LOAS_E_ARGUMENT;
    }
    const uint64_t pixels = (uint64_t)tensor->height * tensor->width;
    fibers->address = tensor->address;
    fibers->count = tensor->format == LOAS_SPIKES_PACKED ? pixels : pixels * tensor->timesteps;
    fibers->head_bytes = head_bytes[tensor->format];
    fibers->layout = loas_spike_layout(tensor->format, pixels, tensor->channels, tensor->timesteps);
    return fibers->layout.total_bytes <= LOAS_MAX_TENSOR_BYTES ? LOAS_OK : LOAS_E_ARGUMENT;
}

int loas_spike_tensor_create_with(struct loas_device* dev, struct loas_spike_tensor* tensor, uint64_t work_bytes)
{
    struct loas_fibers fibers;
    tensor->address = 0;
    tensor->format = dev->spike_format;
    int result = loas_spike_fibers(tensor, &fibers);
    if (result == LOAS_OK) {
        tensor->bytes = fibers.layout.total_bytes;
        result = dev->hal->dma_alloc(dev->hal->context, loas_with_work_area(tensor->bytes, work_bytes),
                                     LOAS_TENSOR_ALIGN, &tensor->address);
    }
    if (result != LOAS_OK) {
        *tensor = (struct loas_spike_tensor){0};
    }
    return result;
}

int loas_spike_tensor_create(struct loas_device* dev, struct loas_spike_tensor* tensor, uint32_t height, uint32_t width,
                             uint32_t channels, uint32_t timesteps)
{
    *tensor =
        (struct loas_spike_tensor){.height = height, .width = width, .channels = channels, .timesteps = timesteps};
    return loas_spike_tensor_create_with(dev, tensor, 0);
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

/* Words of the tensor, [pixel][channel]. */
static uint64_t loas_spike_words(const struct loas_spike_tensor* tensor)
{
    return (uint64_t)tensor->height * tensor->width * tensor->channels;
}

uint64_t loas_spike_tensor_scratch_usual(const struct loas_spike_tensor* tensor)
{
    struct loas_spike_tensor each = *tensor;
    if (!loas_format_is_bytes(each.format)) {
        each.format = LOAS_SPIKES_PACKED;
    }
    uint64_t bytes = loas_spike_tensor_scratch_best(&each);
    for (each.format = 0; each.format < LOAS_SPIKES_COUNT; each.format++) {
        const uint64_t least = loas_spike_tensor_scratch_least(&each);
        bytes = least > bytes ? least : bytes;
    }
    return bytes;
}

int loas_spike_tensor_write(struct loas_device* dev, const struct loas_spike_tensor* tensor, const uint16_t* words,
                            struct loas_scratch scratch)
{
    uint64_t moved = 0;
    return loas_spike_tensor_write_counted(dev, tensor, words, scratch, &moved);
}

int loas_spike_tensor_write_counted(struct loas_device* dev, const struct loas_spike_tensor* tensor,
                                    const uint16_t* words, struct loas_scratch scratch, uint64_t* moved)
{
    const struct loas_hal* hal = dev->hal;
    struct loas_fibers fibers;
    uint64_t used = 0;
    uint32_t excess = 0;
    int result = loas_spike_fibers(tensor, &fibers);
    if (result != LOAS_OK || tensor->address == 0 || !words) {
        return LOAS_E_ARGUMENT;
    }
    const uint64_t fit = loas_batch_fit(&fibers, scratch);
    if (fit == 0) {
        return LOAS_E_MEMORY;
    }
    for (uint64_t i = 0; i < loas_spike_words(tensor); i++) {
        excess |= words[i];
    }
    if (excess >> loas_word_bits(tensor->format, tensor->timesteps) != 0) {
        return LOAS_E_ARGUMENT;
    }
    for (uint64_t first = 0; first < fibers.count; first += fit) {
        const struct loas_batch batch = loas_batch_at(&fibers, scratch, first, fit);
        uint64_t size = 0;
        for (uint64_t f = 0; f < batch.count; f++) {
            const struct loas_fiber fiber = loas_batch_fiber(&fibers, &batch, f, size);
            size += loas_spikes_pack(tensor, words, first + f, &fiber, used + size);
        }
        result = loas_batch_write(dev, &fibers, &batch, used, size);
        if (result != LOAS_OK) {
            return result;
        }
        used += size;
    }
    hal->dma_sync(hal->context, tensor->address, fibers.layout.values_offset + used, LOAS_SYNC_TO_DEVICE);
    *moved += fibers.layout.values_offset + used;
    return LOAS_OK;
}

int loas_spike_tensor_read(struct loas_device* dev, const struct loas_spike_tensor* tensor, uint16_t* words,
                           struct loas_scratch scratch)
{
    uint64_t moved = 0;
    return loas_spike_tensor_read_counted(dev, tensor, words, scratch, &moved);
}

int loas_spike_tensor_read_counted(struct loas_device* dev, const struct loas_spike_tensor* tensor, uint16_t* words,
                                   struct loas_scratch scratch, uint64_t* moved)
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
    for (uint64_t i = 0; i < loas_spike_words(tensor); i++) {
        words[i] = 0;
    }
    hal->dma_sync(hal->context, tensor->address, fibers.layout.total_bytes, LOAS_SYNC_FROM_DEVICE);
    for (uint64_t first = 0; first < fibers.count; first += fit) {
        const struct loas_batch batch = loas_batch_at(&fibers, scratch, first, fit);
        result = loas_batch_read(dev, &fibers, &batch);
        *moved += batch.count * (fibers.layout.mask_stride + fibers.head_bytes);
        for (uint64_t f = 0; result == LOAS_OK && f < batch.count; f++) {
            const struct loas_fiber fiber = loas_batch_fiber(&fibers, &batch, f, 0);
            uint64_t offset = 0;
            uint64_t size = 0;
            if (!loas_spikes_locate(tensor, &fiber, &offset, &size) || offset + size > values_bytes) {
                return LOAS_E_ARGUMENT;
            }
            if (size > 0) {
                result = hal->dma_read(hal->context, fiber.values,
                                       tensor->address + fibers.layout.values_offset + offset, (size_t)size);
                *moved += size;
            }
            if (result == LOAS_OK && !loas_spikes_unpack(tensor, first + f, &fiber, words)) {
                return LOAS_E_ARGUMENT;
            }
        }
        if (result != LOAS_OK) {
            return result;
        }
    }
    return LOAS_OK;
}

/* ---------------------------------------------------------------- weights and bias */

static int loas_weight_fibers(const struct loas_weight_tensor* tensor, struct loas_fibers* fibers)
{
    if (tensor->columns == 0 || tensor->columns > UINT16_MAX || tensor->inputs == 0 || tensor->inputs > LOAS_MAX_K) {
        return LOAS_E_ARGUMENT;
    }
    const bool rows = tensor->format == LOAS_WEIGHTS_ROWS;
    fibers->address = tensor->address;
    fibers->count = rows ? tensor->inputs : tensor->columns;
    fibers->head_bytes = rows ? LOAS_HEAD_BYTES : 4u;
    fibers->layout = loas_weight_layout(tensor->format, tensor->columns, tensor->inputs);
    return fibers->layout.total_bytes <= LOAS_MAX_TENSOR_BYTES ? LOAS_OK : LOAS_E_ARGUMENT;
}

/* The most bytes that a batch of one fiber, or of all, takes in any format. */
static uint64_t loas_weight_scratch(uint32_t columns, uint32_t inputs, bool all)
{
    struct loas_weight_tensor tensor = {.columns = columns, .inputs = inputs};
    struct loas_fibers fibers;
    uint64_t most = 0;
    for (tensor.format = 0; tensor.format < LOAS_WEIGHTS_DENSE; tensor.format++) { /* dense needs no scratch */
        if (loas_weight_fibers(&tensor, &fibers) == LOAS_OK) {
            const uint64_t bytes = loas_batch_bytes(&fibers, all ? fibers.count : 1u);
            most = bytes > most ? bytes : most;
        }
    }
    return most;
}

uint64_t loas_weight_tensor_scratch_least(uint32_t columns, uint32_t inputs)
{
    return loas_weight_scratch(columns, inputs, false);
}

uint64_t loas_weight_tensor_scratch_best(uint32_t columns, uint32_t inputs)
{
    return loas_weight_scratch(columns, inputs, true);
}

/* *used: bytes of values written, also on an error. */
static int loas_weights_upload_fibers(struct loas_device* dev, const struct loas_weight_tensor* tensor,
                                      const struct loas_fibers* fibers, const int8_t* weights,
                                      struct loas_scratch scratch, uint64_t* used)
{
    const uint64_t fit = loas_batch_fit(fibers, scratch);
    *used = 0;
    for (uint64_t first = 0; first < fibers->count; first += fit) {
        const struct loas_batch batch = loas_batch_at(fibers, scratch, first, fit);
        uint64_t size = 0;
        for (uint64_t f = 0; f < batch.count; f++) {
            const struct loas_fiber fiber = loas_batch_fiber(fibers, &batch, f, size);
            size += loas_weights_pack(tensor, weights, first + f, &fiber, *used + size);
        }
        int result = loas_batch_write(dev, fibers, &batch, *used, size);
        if (result != LOAS_OK) {
            return result;
        }
        *used += size;
    }
    return LOAS_OK;
}

/* Weights that are not 0, of which a tensor of fibers has `used` bytes of values. */
static uint64_t loas_weights_non_zero(const struct loas_weight_tensor* tensor, const int8_t* weights, uint64_t used)
{
    uint64_t number = 0;
    switch (tensor->format) {
    case LOAS_WEIGHTS_COLUMNS:
        return used;
    case LOAS_WEIGHTS_ROWS:
        return used / (loas_coordinate_bytes(tensor->columns) + 1u);
    default: /* LOAS_WEIGHTS_DENSE */
        for (uint64_t i = 0; i < (uint64_t)tensor->columns * tensor->inputs; i++) {
            number += weights[i] != 0;
        }
        return number;
    }
}

static int loas_weights_upload(struct loas_device* dev, struct loas_weight_tensor* tensor,
                               const struct loas_fibers* fibers, const int8_t* weights, struct loas_scratch scratch)
{
    const struct loas_hal* hal = dev->hal;
    uint64_t used = tensor->bytes;
    int result = tensor->format == LOAS_WEIGHTS_DENSE
                     ? hal->dma_write(hal->context, tensor->address, weights, (size_t)tensor->bytes)
                     : loas_weights_upload_fibers(dev, tensor, fibers, weights, scratch, &used);
    if (result == LOAS_OK) {
        hal->dma_sync(hal->context, tensor->address, fibers->layout.values_offset + used, LOAS_SYNC_TO_DEVICE);
        tensor->non_zero = loas_weights_non_zero(tensor, weights, used);
    }
    return result;
}

int loas_weight_tensor_create(struct loas_device* dev, struct loas_weight_tensor* tensor, const int8_t* weights,
                              uint32_t columns, uint32_t inputs, struct loas_scratch scratch)
{
    const struct loas_hal* hal = dev->hal;
    struct loas_weight_tensor made = {.format = dev->weight_format, .columns = columns, .inputs = inputs};
    struct loas_fibers fibers;
    *tensor = (struct loas_weight_tensor){0};
    int result = loas_weight_fibers(&made, &fibers);
    if (result != LOAS_OK || !weights) {
        return LOAS_E_ARGUMENT;
    }
    if (made.format != LOAS_WEIGHTS_DENSE && loas_batch_fit(&fibers, scratch) == 0) {
        return LOAS_E_MEMORY;
    }
    /* The full size even though the values are packed tightly: the device checks the range of the whole layout. */
    made.bytes = fibers.layout.total_bytes;
    result = hal->dma_alloc(hal->context, made.bytes, LOAS_TENSOR_ALIGN, &made.address);
    if (result != LOAS_OK) {
        return result;
    }
    fibers.address = made.address;
    result = loas_weights_upload(dev, &made, &fibers, weights, scratch);
    if (result != LOAS_OK) {
        hal->dma_free(hal->context, made.address);
        return result;
    }
    *tensor = made;
    return LOAS_OK;
}

void loas_weight_tensor_destroy(struct loas_device* dev, struct loas_weight_tensor* tensor)
{
    if (tensor->address != 0) {
        dev->hal->dma_free(dev->hal->context, tensor->address);
    }
    *tensor = (struct loas_weight_tensor){0};
}
