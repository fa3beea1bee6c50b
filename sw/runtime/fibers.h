/* Inside the runtime only: a tensor is moved in batches of fibers, each laid out in scratch like a small tensor. */
#ifndef LOAS_RUNTIME_FIBERS_H
#define LOAS_RUNTIME_FIBERS_H

#include "runtime/loas_runtime.h"

struct loas_fibers {
    uint64_t address; /* of the whole tensor */
    uint64_t count;   /* fibers */
    uint64_t length;  /* positions of a fiber */
    struct loas_tensor_layout layout;
};

/* One batch in scratch. Values are packed tightly from `values` on. */
struct loas_batch {
    uint64_t first;
    uint64_t count;
    uint8_t* masks;
    uint8_t* pointers;
    uint8_t* values;
};

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

/* Scratch bytes for a batch of `count` fibers. */
uint64_t loas_batch_bytes(const struct loas_fibers* fibers, uint64_t count);

/* Fibers that fit, 0: not even one. */
uint64_t loas_batch_fit(const struct loas_fibers* fibers, struct loas_scratch scratch);

/* Places the batch that starts at fiber `first`, at most `fit` long, in scratch. */
struct loas_batch loas_batch_at(const struct loas_fibers* fibers, struct loas_scratch scratch, uint64_t first,
                                uint64_t fit);

/* Writes masks, pointers and `size` bytes of values, the latter at `used` bytes into the tensor's values. */
int loas_batch_write(struct loas_device* dev, const struct loas_fibers* fibers, const struct loas_batch* batch,
                     uint64_t used, uint64_t size);

/* Reads masks and pointers. */
int loas_batch_read(struct loas_device* dev, const struct loas_fibers* fibers, const struct loas_batch* batch);

#endif
