/* Moves batches of fibers between scratch and device memory. */
#include "runtime/fibers.h"

/* Where the parts of a batch lie in scratch: as in a tensor of `count` fibers. */
static struct loas_tensor_layout loas_batch_layout(const struct loas_fibers* fibers, uint64_t count)
{
    struct loas_tensor_layout layout = fibers->layout;
    layout.pointer_offset = count * layout.mask_stride;
    layout.values_offset = layout.pointer_offset;
    if (fibers->head_bytes != 0) {
        layout.values_offset = loas_align_up(layout.pointer_offset + count * fibers->head_bytes, LOAS_TENSOR_ALIGN);
    }
    layout.total_bytes = layout.values_offset + count * layout.slot_bytes;
    return layout;
}

uint64_t loas_batch_bytes(const struct loas_fibers* fibers, uint64_t count)
{
    return loas_batch_layout(fibers, count).total_bytes;
}

uint64_t loas_batch_fit(const struct loas_fibers* fibers, struct loas_scratch scratch)
{
    const uint64_t per_fiber = fibers->layout.mask_stride + fibers->head_bytes + fibers->layout.slot_bytes;
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
    const struct loas_tensor_layout layout = loas_batch_layout(fibers, batch.count);
    batch.masks = scratch.memory;
    batch.heads = batch.masks + layout.pointer_offset;
    batch.values = batch.masks + layout.values_offset;
    /* masks are built by setting bits; the gap before the values is written along with them */
    for (uint64_t i = 0; i < layout.values_offset; i++) {
        batch.masks[i] = 0;
    }
    return batch;
}

/* One part of a batch, possibly empty. */
static int loas_batch_part_write(struct loas_device* dev, uint64_t address, const uint8_t* part, uint64_t bytes)
{
    return bytes == 0 ? LOAS_OK : dev->hal->dma_write(dev->hal->context, address, part, (size_t)bytes);
}

static int loas_batch_part_read(struct loas_device* dev, uint64_t address, uint8_t* part, uint64_t bytes)
{
    return bytes == 0 ? LOAS_OK : dev->hal->dma_read(dev->hal->context, part, address, (size_t)bytes);
}

int loas_batch_write(struct loas_device* dev, const struct loas_fibers* fibers, const struct loas_batch* batch,
                     uint64_t used, uint64_t size)
{
    const struct loas_tensor_layout* layout = &fibers->layout;
    if (batch->count == fibers->count) {
        return loas_batch_part_write(dev, fibers->address, batch->masks, layout->values_offset + size);
    }
    int result = loas_batch_part_write(dev, fibers->address + batch->first * layout->mask_stride, batch->masks,
                                       batch->count * layout->mask_stride);
    if (result == LOAS_OK) {
        result =
            loas_batch_part_write(dev, fibers->address + layout->pointer_offset + batch->first * fibers->head_bytes,
                                  batch->heads, batch->count * fibers->head_bytes);
    }
    if (result == LOAS_OK) {
        result = loas_batch_part_write(dev, fibers->address + layout->values_offset + used, batch->values, size);
    }
    return result;
}

int loas_batch_read(struct loas_device* dev, const struct loas_fibers* fibers, const struct loas_batch* batch)
{
    const struct loas_tensor_layout* layout = &fibers->layout;
    int result = loas_batch_part_read(dev, fibers->address + batch->first * layout->mask_stride, batch->masks,
                                      batch->count * layout->mask_stride);
    if (result == LOAS_OK) {
        result = loas_batch_part_read(dev, fibers->address + layout->pointer_offset + batch->first * fibers->head_bytes,
                                      batch->heads, batch->count * fibers->head_bytes);
    }
    return result;
}
