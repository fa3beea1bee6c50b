/* Inside the runtime only: the parts of a network's run. */
#ifndef LOAS_RUNTIME_NETWORK_H
#define LOAS_RUNTIME_NETWORK_H

#include "runtime/loas_runtime.h"

/* The network's input: what the encoder gives, or what the first layer takes. */
struct loas_spike_tensor loas_network_input_shape(const struct loas_network* net);

/* Words of it. */
uint64_t loas_network_words(const struct loas_network* net);

/* Bytes of the encoder's words at the start of the scratch memory. */
uint64_t loas_network_word_bytes(const struct loas_network* net);

/* Runs all layers on what the input tensor holds, and waits for the last. */
int loas_network_submit(struct loas_device* dev, struct loas_network* net, enum loas_wait_mode mode,
                        uint64_t timeout_ns);

/* Where a class's values go: into its score, or into those of all blocks, from timestep `first` on. */
struct loas_sink {
    int64_t* scores; /* NULL: into the blocks' values */
    uint64_t first;
};

/* Takes what the last layer gave. */
int loas_network_take(struct loas_device* dev, const struct loas_network* net, const struct loas_sink* sink);

#endif
