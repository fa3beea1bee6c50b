/* Inside the runtime only: a tensor is moved in batches of fibers, each laid out in scratch like a small tensor. */
#ifndef LOAS_RUNTIME_FIBERS_H
#define LOAS_RUNTIME_FIBERS_H

#include "runtime/loas_runtime.h"

struct loas_fibers {
    uint64_t address;    /* of the whole tensor */
    uint64_t count;      /* fibers */
    uint64_t head_bytes; /* of a fiber's pointer (4) or head (8), 0: neither */
    struct loas_tensor_layout layout;
};

/* One batch in scratch. Values are packed tightly from `values` on. */
struct loas_batch {
    uint64_t first;
    uint64_t count;
    uint8_t* masks;
    uint8_t* heads; /* pointers or heads */
    uint8_t* values;
};

/* Where a fiber lies in scratch; mask and head mean nothing in a format without them. */
struct loas_fiber {
    uint8_t* mask;
    uint8_t* head;
    uint8_t* values;
};

/* Fiber f of the batch, its values `used` bytes behind those of the batch. */
static inline struct loas_fiber loas_batch_fiber(const struct loas_fibers* fibers, const struct loas_batch* batch,
                                                 uint64_t f, uint64_t used)
{
    return (struct loas_fiber){.mask = batch->masks + f * fibers->layout.mask_stride,
                               .head = batch->heads + f * fibers->head_bytes,
                               .values = batch->values + used};
}

static inline void loas_put_u32(uint8_t* bytes, uint64_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(value >> 8u * i);
    }
}

static inline uint32_t loas_get_u32(const uint8_t* bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Bytes of an output with a work area of `work_bytes` behind it, of none when that is 0. */
static inline uint64_t loas_with_work_area(uint64_t bytes, uint64_t work_bytes)
{
    return work_bytes == 0 ? bytes : loas_align_up(bytes, LOAS_TENSOR_ALIGN) + work_bytes;
}

/* Allocates a tensor with the sizes in *tensor, and a work area behind it. */
int loas_spike_tensor_create_with(struct loas_device* dev, struct loas_spike_tensor* tensor, uint64_t work_bytes);

/* As loas_spike_tensor_write and _read; *moved grows by the bytes that went to or came from device memory. */
int loas_spike_tensor_write_counted(struct loas_device* dev, const struct loas_spike_tensor* tensor,
                                    const uint16_t* words, struct loas_scratch scratch, uint64_t* moved);
int loas_spike_tensor_read_counted(struct loas_device* dev, const struct loas_spike_tensor* tensor, uint16_t* words,
                                   struct loas_scratch scratch, uint64_t* moved);

/* Scratch bytes to move a tensor that is moved often, in any format: for the largest transfers of packed spikes, and at
 * least the least of all formats (coordinates may take 16 times as much). */
uint64_t loas_spike_tensor_scratch_usual(const struct loas_spike_tensor* tensor);

/* Scratch bytes for a batch of `count` fibers. */
uint64_t loas_batch_bytes(const struct loas_fibers* fibers, uint64_t count);

/* Fibers that fit, 0: not even one. */
uint64_t loas_batch_fit(const struct loas_fibers* fibers, struct loas_scratch scratch);

/* Places the batch that starts at fiber `first`, at most `fit` long, in scratch. */
struct loas_batch loas_batch_at(const struct loas_fibers* fibers, struct loas_scratch scratch, uint64_t first,
                                uint64_t fit);

/* Writes masks, heads and `size` bytes of values, the latter at `used` bytes into the tensor's values. */
int loas_batch_write(struct loas_device* dev, const struct loas_fibers* fibers, const struct loas_batch* batch,
                     uint64_t used, uint64_t size);

/* Reads masks and heads. */
int loas_batch_read(struct loas_device* dev, const struct loas_fibers* fibers, const struct loas_batch* batch);

#endif
