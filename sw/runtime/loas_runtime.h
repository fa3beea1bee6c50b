/*
 * The runtime: tensors, layers and networks on top of the driver. C11, freestanding, no global state, no allocation
 * on the host: the caller gives the structs and the scratch memory; device memory comes from the HAL.
 *
 * Every call that returns int answers LOAS_OK or a negative enum loas_result. Each can answer what the HAL answers;
 * LOAS_E_ARGUMENT also stands for NULL pointers and sizes of 0 or above the limits of the ABI, LOAS_E_MEMORY for
 * too little scratch. On an error a create or load call leaves nothing allocated.
 *
 * Index order is written [slowest]..[fastest]. A spike word holds the T spikes of one neuron, bit t = timestep t; on a
 * device whose tensors are bytes it is a number 0..255, and T is 1.
 */
#ifndef LOAS_RUNTIME_H
#define LOAS_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "driver/loas_driver.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Host memory for packing and unpacking, any alignment; its content means nothing between calls. */
struct loas_scratch {
    void* memory;
    size_t bytes;
};

/* ---------------------------------------------------------------- spike tensors */

struct loas_spike_tensor {
    uint64_t address; /* 0: none */
    uint32_t height;  /* pixels */
    uint32_t width;   /* pixels */
    uint32_t channels;
    uint32_t timesteps;
    uint32_t format; /* enum loas_spike_format, the device's */
    uint64_t bytes;  /* size in device memory */
};

/* Allocates device memory for a tensor of this shape in the device's format; its content is undefined until it is
 * written. */
int loas_spike_tensor_create(struct loas_device* dev, struct loas_spike_tensor* tensor, uint32_t height, uint32_t width,
                             uint32_t channels, uint32_t timesteps);
void loas_spike_tensor_destroy(struct loas_device* dev, struct loas_spike_tensor* tensor);

/* Scratch bytes with which write and read work: the least, and as much as they can use (fewer, larger transfers). */
uint64_t loas_spike_tensor_scratch_least(const struct loas_spike_tensor* tensor);
uint64_t loas_spike_tensor_scratch_best(const struct loas_spike_tensor* tensor);

/* Packs words[pixel][channel] tightly into the tensor. LOAS_E_ARGUMENT: a word has a bit at T or above, nothing was
 * written. */
int loas_spike_tensor_write(struct loas_device* dev, const struct loas_spike_tensor* tensor, const uint16_t* words,
                            struct loas_scratch scratch);

/*
 * Unpacks the tensor to words[pixel][channel]; fibers may be anywhere in it (tight or slots).
 * LOAS_E_ARGUMENT: the tensor in memory is corrupt: a fiber's values do not lie inside it, or its coordinates do not
 * ascend or are not channels.
 */
int loas_spike_tensor_read(struct loas_device* dev, const struct loas_spike_tensor* tensor, uint16_t* words,
                           struct loas_scratch scratch);

/* ---------------------------------------------------------------- weights */

struct loas_weight_tensor {
    uint64_t address;  /* 0: none */
    uint32_t columns;  /* N */
    uint32_t inputs;   /* K */
    uint32_t format;   /* enum loas_weight_format, the device's */
    uint64_t non_zero; /* weights that are not 0 */
    uint64_t bytes;    /* size in device memory */
};

/* Scratch bytes with which create works on any device: the least, and as much as it can use. */

uint64_t loas_weight_tensor_scratch_least(uint32_t columns, uint32_t inputs);
uint64_t loas_weight_tensor_scratch_best(uint32_t columns, uint32_t inputs);

/* Allocates a weight tensor in the device's format and uploads weights[N][K], k running (kernel row, kernel column,
 * channel). */
int loas_weight_tensor_create(struct loas_device* dev, struct loas_weight_tensor* tensor, const int8_t* weights,
                              uint32_t columns, uint32_t inputs, struct loas_scratch scratch);
void loas_weight_tensor_destroy(struct loas_device* dev, struct loas_weight_tensor* tensor);

/* ---------------------------------------------------------------- layers */

/* One layer: spikes in, spikes (or int32 currents) out. A plain M x K matrix: in_height = M, in_width = 1, kernel 1. */
struct loas_layer_config {
    uint16_t in_height;
    uint16_t in_width;
    uint16_t in_channels;
    uint16_t out_channels; /* N */
    uint8_t kernel_h;
    uint8_t kernel_w;
    uint8_t stride_h;
    uint8_t stride_w;
    uint8_t pad_h; /* zero pixels above and below */
    uint8_t pad_w; /* zero pixels left and right */
    uint8_t pool;  /* OR, of bytes maximum, over pool x pool output pixels; 1: none */
    uint8_t timesteps;
    uint8_t neuron;         /* LOAS_NEURON_*: resets, currents, potentials that are carried, thresholds, ReLU,
                             * one spike at most, few spikes */
    bool single_spike_mask; /* silence output words with exactly one spike */
    uint16_t leak_q8;       /* U = floor(X * leak_q8 / 256), 0..256 */
    int32_t threshold;      /* spike if X > threshold, in weight units; of all columns, unless they have thresholds;
                             * with ReLU the right shift, 0..31 */
    /* Neurons of the host, where the device has none like them: the device gives the currents O, and `values` of the
     * layer, or of the encoder, say what each neuron is, instead of leak_q8, threshold, thresholds and starts. */
    uint8_t host_neurons; /* enum loas_host_neurons */
};

/* Whose neurons are the host's, and for how many of them there are values. */
enum loas_host_neurons {
    LOAS_HOST_NONE = 0, /* they are the device's */
    LOAS_HOST_CHANNELS, /* values[N] */
    LOAS_HOST_NEURONS   /* values[row of the product][N] */
};

/* A neuron of the host: I = floor(I * synapse_q16 / 2^16) + O, X = I + rest + U, a spike when X > threshold, and without
 * one U = floor(X * leak_q16 / 2^16). */
struct loas_neuron_values {
    int32_t threshold;
    int32_t rest;         /* comes in at each timestep, behind the synapses */
    int32_t start;        /* U at the start of every input */
    uint32_t leak_q16;    /* at most 65536 */
    uint32_t synapse_q16; /* at most 65536; 0: no synapses that decay */
};

/* A config with the given sizes, and kernel, stride and pool 1, padding 0, leak 1/2, threshold 0, hard reset. */
struct loas_layer_config loas_layer_config_default(uint16_t in_height, uint16_t in_width, uint16_t in_channels,
                                                   uint16_t out_channels, uint8_t timesteps);

/* LOAS_E_ARGUMENT: the ABI does not allow this layer, in no format. */
int loas_layer_config_check(const struct loas_layer_config* config);

/* Sizes that follow from a config that passed the check. */
uint32_t loas_layer_inputs(const struct loas_layer_config* config);        /* K */
uint32_t loas_layer_out_height(const struct loas_layer_config* config);    /* of the product, before pooling */
uint32_t loas_layer_out_width(const struct loas_layer_config* config);     /* of the product, before pooling */
uint32_t loas_layer_pooled_height(const struct loas_layer_config* config); /* of the output tensor */
uint32_t loas_layer_pooled_width(const struct loas_layer_config* config);  /* of the output tensor */
bool loas_layer_has_currents(const struct loas_layer_config* config);
bool loas_layer_has_thresholds(const struct loas_layer_config* config); /* one for each column */

/* Of a network: what a layer takes of the spikes of another. Its pixel (row, column) is pixel (first_row + step_h *
 * row, first_column + step_w * column) there, silent where there is none. */
struct loas_layer_source {
    uint32_t layer; /* 0: the network's input, i + 1: what layers[i] writes; an earlier one */
    uint16_t step_h;
    uint16_t step_w;
    int16_t first_row; /* below 0: silent there */
    int16_t first_column;
};

/* What the host did in the place of the device, since the network was loaded. */
struct loas_host_work {
    uint64_t read_bytes;
    uint64_t written_bytes;
    uint64_t ns; /* of the host's time */
};

/* What a neuron of the host is left with at the end of a block, saturated to int32 as on the device. */
struct loas_host_neuron {
    int32_t current; /* of its synapses, as they decay */
    int32_t potential;
};

struct loas_encoder;

struct loas_layer {
    /* the caller's; weights, bias and thresholds are needed during loas_layer_load only */
    struct loas_layer_config config;
    const int8_t* weights;     /* [N][K], k = (kernel row, kernel column, channel) */
    const int32_t* bias;       /* [N], added in every timestep; NULL: none */
    const int32_t* thresholds; /* [N], of a layer with LOAS_NEURON_THRESHOLDS */
    const int32_t* starts;     /* [N], of a layer with LOAS_NEURON_CARRY: potentials with which its neurons begin every
                                * input, needed until unload; NULL: 0 */
    const struct loas_neuron_values* values; /* of a layer whose neurons are the host's; needed until unload */
    /* of a layer behind the first of a network: the channels of one source stand behind those of the other, and are
     * in_channels together. Parts of one map should follow each other. 0: it takes what the layer before writes. */
    const struct loas_layer_source* sources;
    uint32_t source_count;
    /* [row][N] of the product, before pooling, of a layer of a network whose neurons are the host's and carried
     * (LOAS_NEURON_CARRY): where they begin and what they are left with. Needed until unload. */
    struct loas_host_neuron* neurons;
    /* Of a layer of a network whose neurons are the host's: what they take of the network's numbers beside its spikes, of
     * the same rows and columns as its product; weights and config are those of an encoder without neurons. Needed until
     * unload. NULL: nothing. */
    const struct loas_encoder* numbers;
    const int32_t* factors_q24; /* [N], at least 0: floor(sum * factor / 2^24) is added to O */
    /* filled by loas_network_load and the runs of a network */
    struct loas_spike_tensor joined; /* address 0: the layer reads one tensor as it is */
    struct loas_host_work joining;   /* putting its input together */
    struct loas_host_work firing;    /* computing its neurons */
    /* filled by loas_layer_load */
    struct loas_weight_tensor weight_tensor;
    uint64_t bias_address;           /* thresholds and potentials lie behind the bias; 0: none of them */
    struct loas_spike_tensor output; /* address 0 when the layer writes currents */
    uint64_t currents_address;       /* int32[M][N][T]; 0 when the layer writes spikes */
    uint64_t currents_bytes;
    uint8_t formats; /* of the device, as in the descriptor */
};

uint64_t loas_layer_scratch_least(const struct loas_layer_config* config);
uint64_t loas_layer_scratch_best(const struct loas_layer_config* config);

/*
 * Uploads weights, bias and thresholds and allocates the output, with the work area behind it if the device needs one.
 * A layer that is loaded must be unloaded first. LOAS_E_ARGUMENT: config not allowed, or beyond this design's features or timesteps,
 * or a tensor is too large in its formats, or thresholds are missing.
 */
int loas_layer_load(struct loas_device* dev, struct loas_layer* layer, struct loas_scratch scratch);
/* Frees what load allocated. Never while the device may still run the layer. */
void loas_layer_unload(struct loas_device* dev, struct loas_layer* layer);

/*
 * Sets the potentials of a layer with LOAS_NEURON_CARRY to its starts, and the currents of its synapses to 0, as load
 * does: before the first block of timesteps of a further input. Never while the device may run the layer. Of another
 * layer: nothing.
 */
int loas_layer_start_potentials(struct loas_device* dev, const struct loas_layer* layer);

/* Fills a descriptor that runs a loaded layer on the spike tensor at input_address. Flags: the masking bit only. */
void loas_layer_descriptor(const struct loas_layer* layer, uint64_t input_address, uint32_t cookie,
                           struct loas_descriptor* descriptor);

/* Reads int32 currents[M][N][T] of a layer with LOAS_NEURON_CURRENTS; LOAS_E_ARGUMENT: it writes spikes. */
int loas_layer_read_currents(struct loas_device* dev, const struct loas_layer* layer, int32_t* currents);

/* ---------------------------------------------------------------- direct encoding on the host */

struct loas_encoder {
    struct loas_layer_config config;
    const int8_t* weights;
    const int32_t* bias;       /* NULL: none */
    const int32_t* thresholds; /* [N], of a layer with LOAS_NEURON_THRESHOLDS */
    const int32_t* starts;     /* [N], potentials with which its neurons begin every input; NULL: 0 */
    const struct loas_neuron_values* values; /* with host_neurons: what each neuron is */
};

/* Numbers that an encoder takes. */
struct loas_frames {
    const int32_t* values; /* [frame][h][w][c] */
    bool over_time;        /* a frame for each timestep; otherwise one for all of them */
    /* [row][N] of the product, before pooling: where the neurons begin and what they are left with. NULL: they begin
     * with the encoder's starts. */
    struct loas_host_neuron* neurons;
};

/* Scratch bytes that the calls below need. */
uint64_t loas_encode_scratch(const struct loas_layer_config* config);

/*
 * A first layer on integers: convolves image[h][w][c] once, feeds the result to the neuron in each of T timesteps,
 * pools and masks, all as the device would. words_out[pooled pixel][N]. No device needed. Exact: 64-bit sums.
 * bias may be NULL, thresholds too if config has none. LOAS_E_ARGUMENT: config not allowed, or it asks for currents.
 */
int loas_encode_direct(const struct loas_layer_config* config, const int8_t* weights, const int32_t* bias,
                       const int32_t* thresholds, const int32_t* image, uint16_t* words_out,
                       struct loas_scratch scratch);

/* The same of frames that may change over time, and with neurons that are carried from block to block. */
int loas_encode_frames(const struct loas_encoder* encoder, const struct loas_frames* frames, uint16_t* words_out,
                       struct loas_scratch scratch);

/* ---------------------------------------------------------------- networks */

#define LOAS_NO_LAYER 0xFFFFFFFFu

/* What a class's score is of its values over the timesteps: the currents of the last layer, or 1 for a spike. */
enum loas_score { LOAS_SCORE_SUM = 0, LOAS_SCORE_LAST, LOAS_SCORE_MAXIMUM };

struct loas_readout {
    enum loas_score score;
    /* [T], of all blocks: of a neuron that does not spike, what a value of 1 has left in its potential after so many timesteps, times
     * 2^16, at most 2^16: its potential, times 2^16, is v[t] = sum over u <= t of response_q16[t - u] * value[u], and
     * the score is one of these. NULL: the values themselves. Needed until unload. */
    const int32_t* response_q16;
    bool response_per_class; /* each class has a response of its own, [class][T]: weights with a scale for each column */
};

/*
 * Of inputs with more timesteps than the layers have: they run in blocks of as many as these, through all layers, whose
 * potentials are carried (LOAS_NEURON_CARRY). Inputs have a frame for each timestep of all blocks; what the last block
 * computes beyond the input's timesteps is in no score. All 0: an input has the layers' timesteps.
 */
struct loas_blocks {
    uint32_t timesteps; /* of an input, at most LOAS_MAX_NETWORK_TIMESTEPS */
    int32_t* values;    /* [score][timesteps]: filled by a run with what the last layer gives */
    struct loas_host_neuron* encoder_neurons; /* [row][N] of the encoder's product; NULL if there is none */
};

/* Sees what the host computes of a network: words[pooled pixel][N] of layer `layer`, or of the encoder (LOAS_NO_LAYER), of
 * each block of each input, before anything takes them. */
struct loas_host_observer {
    void (*spikes)(void* context, uint32_t layer, const uint16_t* words);
    void* context;
};

/* 64 bits hold the score of any values over so many timesteps. */
#define LOAS_MAX_NETWORK_TIMESTEPS 361u

struct loas_network {
    /* the caller's, needed until unload */
    const struct loas_encoder* encoder; /* NULL: the input is spike words */
    struct loas_layer*
        layers; /* each reads what the one before writes, or its sources; only the last writes currents */
    uint32_t layer_count;
    struct loas_descriptor* descriptors; /* [layer_count], filled by load */
    struct loas_scratch scratch;         /* loas_network_scratch bytes */
    struct loas_readout readout;         /* all 0: the sum of the values */
    struct loas_blocks blocks;           /* all 0: one */
    const struct loas_host_observer* observer; /* NULL: nobody looks */
    /* filled by the calls below */
    struct loas_spike_tensor input;
    const struct loas_frames* frames;  /* during a run; NULL: it was given spikes */
    uint32_t failed_layer;             /* after a run: the layer that failed, LOAS_NO_LAYER: none or unknown */
    struct loas_completion completion; /* after a run: record of the last layer, or of the failed descriptor */
};

/* Scratch bytes that a network needs for load, run and fetch on any device; 0 when it is not a valid network. */
uint64_t loas_network_scratch(const struct loas_network* net);

/* Loads all layers and prepares the input tensor and the descriptors. LOAS_E_ARGUMENT: shapes do not follow. */
int loas_network_load(struct loas_device* dev, struct loas_network* net);
/* Frees everything load allocated. Never while a run may be in flight: loas_reset first. */
void loas_network_unload(struct loas_device* dev, struct loas_network* net);

/*
 * One inference: encodes image[h][w][c] on the host, writes the input tensor, submits all layers back to back and
 * waits for the last, at most timeout_ns; before a layer whose input is put together for those before it, too. Blocks of
 * timesteps run one after the other, each at most so long. Works with any queue size; the queue should hold nothing of
 * anybody else. LOAS_E_DEVICE: see net->failed_layer and net->completion. LOAS_E_QUEUE_FULL: full before the first
 * layer. After any other error than LOAS_E_ARGUMENT layers may still be queued: call loas_reset (abandons them) before
 * the next run, or after LOAS_E_DEVICE loas_recover (the layers behind the failed one run on stale data).
 * LOAS_E_ARGUMENT: no encoder, not loaded.
 */
int loas_network_run(struct loas_device* dev, struct loas_network* net, const int32_t* image, enum loas_wait_mode mode,
                     uint64_t timeout_ns);

/* The same with a frame of its own for each timestep, frames[t][h][w][c], of all blocks. */
int loas_network_run_frames(struct loas_device* dev, struct loas_network* net, const int32_t* frames,
                            enum loas_wait_mode mode, uint64_t timeout_ns);

/* The same with given input spikes words[block][pixel][channel]; an encoder is not used. LOAS_E_ARGUMENT: a layer takes
 * numbers. */
int loas_network_run_spikes(struct loas_device* dev, struct loas_network* net, const uint16_t* words,
                            enum loas_wait_mode mode, uint64_t timeout_ns);

/* How many scores a network gives: of each pixel of the last layer's output N. */
uint64_t loas_network_scores(const struct loas_network* net);

/* Scores after a run, of the last layer's currents or spikes by net->readout: scores[pixel][N]. */
int loas_network_fetch(struct loas_device* dev, const struct loas_network* net, int64_t* scores);

#ifdef __cplusplus
}
#endif
#endif
