/* Inside the runtime only: the input of a layer that takes more than what one other layer writes. */
#ifndef LOAS_RUNTIME_JOIN_H
#define LOAS_RUNTIME_JOIN_H

#include "runtime/loas_runtime.h"

/* Are the sources of layer `index` earlier ones, and of its shape? Also true of a layer without sources. */
bool loas_sources_are_valid(const struct loas_network* net, uint32_t index);

/* Scratch bytes that loas_join needs for layer `index`; 0: it reads a tensor as it is. */
uint64_t loas_join_scratch(const struct loas_network* net, uint32_t index);

/* The tensor that layer `index` reads, allocated if it has to be put together. Behind its sources were loaded. */
int loas_join_load(struct loas_device* dev, struct loas_network* net, uint32_t index, uint64_t* address);

/* Puts the input of layer `index` together, whose sources must have been written. */
int loas_join(struct loas_device* dev, struct loas_network* net, uint32_t index);

#endif
