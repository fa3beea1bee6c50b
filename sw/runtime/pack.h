/* Inside the runtime only: one fiber between the caller's arrays and scratch, in every format of the contract. */
#ifndef LOAS_RUNTIME_PACK_H
#define LOAS_RUNTIME_PACK_H

#include "runtime/fibers.h"

/*
 * Packs fiber number `index` of words[pixel][channel]; its values will lie `offset` bytes into those of the tensor.
 * Mask and head must be 0 before. Answers the bytes of the values.
 */
uint64_t loas_spikes_pack(const struct loas_spike_tensor* tensor, const uint16_t* words, uint64_t index,
                          const struct loas_fiber* fiber, uint64_t offset);

/* Offset and bytes of a fiber's values, from mask and head. False: more values than the fiber has positions. */
bool loas_spikes_locate(const struct loas_spike_tensor* tensor, const struct loas_fiber* fiber, uint64_t* offset,
                        uint64_t* size);

/* Adds fiber number `index` to words that were 0. False: positions that do not ascend or do not exist. */
bool loas_spikes_unpack(const struct loas_spike_tensor* tensor, uint64_t index, const struct loas_fiber* fiber,
                        uint16_t* words);

/* The same as loas_spikes_pack for weights[N][K] in columns or rows; the dense format is the array itself. */
uint64_t loas_weights_pack(const struct loas_weight_tensor* tensor, const int8_t* weights, uint64_t index,
                           const struct loas_fiber* fiber, uint64_t offset);

#endif
