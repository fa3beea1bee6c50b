/* Inside the runtime only: neurons that the host computes. */
#ifndef LOAS_RUNTIME_NEURON_H
#define LOAS_RUNTIME_NEURON_H

#include "runtime/loas_runtime.h"

/* What a neuron carries from timestep to timestep. */
struct loas_neuron_state {
    int64_t current; /* of its synapses, as they decay */
    int64_t potential;
    bool fired; /* once at least */
};

/* Where a neuron begins, and what it is left with; nothing is kept of a NULL, which begins with the start. */
struct loas_neuron_state loas_neuron_begin(const struct loas_host_neuron* kept, int32_t start);
void loas_neuron_keep(struct loas_host_neuron* kept, const struct loas_neuron_state* state);

/* floor(value * factor / 2^bits), factor at least 0. */
int64_t loas_scaled(int64_t value, int64_t factor, unsigned bits);

/* Of the product of a layer: [row][N]. */
uint64_t loas_neuron_count(const struct loas_layer_config* config);

/* Sets them to where they begin, without currents in their synapses: as their values say, or to starts[N], NULL: 0. */
void loas_neurons_start(struct loas_host_neuron* neurons, const struct loas_layer_config* config, const int32_t* starts,
                        const struct loas_neuron_values* values);

/* Are its neurons the host's, with values of their own? */
bool loas_fires_on_host(const struct loas_layer_config* config);

/* Are there values where they must be, and factors of at most 1? Also true where none are needed. */
bool loas_values_are_valid(const struct loas_layer_config* config, const struct loas_neuron_values* values);

/* Of number `neuron` of the product, [row][N]. */
const struct loas_neuron_values* loas_values_of(const struct loas_layer_config* config,
                                                const struct loas_neuron_values* values, uint64_t neuron);

/* Timestep t of a neuron, with what comes in: its spike is bit t. Few-spikes neurons give all of theirs with the last one. */
uint32_t loas_fire(const struct loas_layer_config* config, const struct loas_neuron_values* values, int64_t input, unsigned t,
                   struct loas_neuron_state* state);

/* Silences words with exactly one spike, if the config asks for it. */
void loas_mask_single_spikes(const struct loas_layer_config* config, uint16_t* words, uint64_t count);

/* As the device sees a layer: one whose neurons are the host's gives currents. */
struct loas_layer_config loas_device_config(const struct loas_layer_config* config);

/* Scratch bytes that loas_fire_on_host needs; 0: the neurons are the device's. */
uint64_t loas_fire_scratch(const struct loas_layer* layer);

/* Is what a layer of a network takes of its numbers as it must be? Also true when it takes none. */
bool loas_numbers_are_valid(const struct loas_network* net, const struct loas_layer* layer);

/* What it takes of them at row (row, column) of the product: added[N][T]. patch: of as many numbers as a window has. */
void loas_take_numbers(const struct loas_layer* layer, const struct loas_frames* frames, uint32_t row, uint32_t column,
                       int32_t* patch, int64_t* added);

/* The spikes of layer `index`, whose neurons are the host's, from the currents that the device has written. */
int loas_fire_on_host(struct loas_device* dev, struct loas_network* net, uint32_t index);

#endif
