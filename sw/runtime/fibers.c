/* Moves batches of fibers between scratch and device memory. */
#include "runtime/fibers.h"

uint64_t loas_batch_bytes(const struct loas_fibers* fibers, uint64_t count)
{
    return loas_tensor_layout_of(count, fibers->length, fibers->layout.slot_bytes).total_bytes;
}

uint64_t loas_batch_fit(const struct loas_fibers* fibers, struct loas_scratch scratch)
{
    const uint64_t per_fiber = fibers->layout.mask_stride + 4u + fibers->layout.slot_bytes;
    if (!scratch.memory || scratch.bytes < loas_batch_bytes(fibers, 1)) {
        return 0;
    }
    if (scratch.bytes >= loas_batch_bytes(fibers, fibers->count)) {
        return fibers->count;
    }
    /* the gap before the values is smaller than the alignment */
    const uint64_t fit = scratch.bytes < LOAS_TENSOR_ALIGN ? 0 : (scratch.bytes - LOAS_TENSOR_ALIGN) / per_fiber;
    return fit > 1 ? fit : 1;
}

struct loas_batch loas_batch_at(const struct loas_fibers* fibers, struct loas_scratch scratch, uint64_t first,
                                uint64_t fit)
{
    struct loas_batch batch;
    batch.first = first;
    batch.count = fibers->count - first < fit ? fibers->count - first : fit;
    const struct loas_tensor_layout layout =
        loas_tensor_layout_of(batch.count, fibers->length, fibers->layout.slot_bytes);
    batch.masks = scratch.memory;
    batch.pointers = batch.masks + layout.pointer_offset;
    batch.values = batch.masks + layout.values_offset;
    /* masks are built by setting bits; the gap before the values is written along with them */
    for (uint64_t i = 0; i < layout.values_offset; i++) {
        batch.masks[i] = 0;
    }
    return batch;
}

int loas_batch_write(struct loas_device* dev, const struct loas_fibers* fibers, const struct loas_batch* batch,
                     uint64_t used, uint64_t size)
{
    const struct loas_hal* hal = dev->hal;
    const struct loas_tensor_layout* layout = &fibers->layout;
    if (batch->count == fibers->count) {
        return hal->dma_write(hal->context, fibers->address, batch->masks, (size_t)(layout->values_offset + size));
    }
    int result = hal->dma_write(hal->context, fibers->address + batch->first * layout->mask_stride, batch->masks,
                                (size_t)(batch->count * layout->mask_stride));
    if (result == LOAS_OK) {
        result = hal->dma_write(hal->context, fibers->address + layout->pointer_offset + 4u * batch->first,
                                batch->pointers, (size_t)(4u * batch->count));
    }
    if (result == LOAS_OK && size > 0) {
        result =
            hal->dma_write(hal->context, fibers->address + layout->values_offset + used, batch->values, (size_t)size);
    }
    return result;
}

int loas_batch_read(struct loas_device* dev, const struct loas_fibers* fibers, const struct loas_batch* batch)
{
    const struct loas_hal* hal = dev->hal;
    const struct loas_tensor_layout* layout = &fibers->layout;
    int result = hal->dma_read(hal->context, batch->masks, fibers->address + batch->first * layout->mask_stride,
                               (size_t)(batch->count * layout->mask_stride));
    if (result == LOAS_OK) {
        result =
            hal->dma_read(hal->context, batch->pointers, fibers->address + layout->pointer_offset + 4u * batch->first,
                          (size_t)(4u * batch->count));
    }
    return result;
}
