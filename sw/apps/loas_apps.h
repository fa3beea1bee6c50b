/*
 * Applications for the host CPU: what a platform starts on it. C11, freestanding: device addresses come from the
 * board's header, host memory, data and progress from whoever starts them. Both can run on a simulated RISC-V CPU as
 * they are.
 */
#ifndef LOAS_APPS_H
#define LOAS_APPS_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/loas_hal.h"
#include "runtime/loas_runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How an application uses the accelerator. */
struct loas_app_settings {
    uint32_t queue_entries; /* as for loas_queue_open */
    enum loas_wait_mode wait_mode;
    uint64_t timeout_ns; /* of each wait */
};

/* How an application ended. */
struct loas_app_status {
    int result;       /* LOAS_OK or a negative enum loas_result */
    const char* call; /* what it was doing when it failed, in words */
    uint32_t layer;   /* that failed; LOAS_NO_LAYER: none or unknown */
    bool has_completion;
    struct loas_completion completion; /* of the failed descriptor */
};

/* ---------------------------------------------------------------- classify: a network, image after image */

/* What a network is run on: numbers for its encoder, or spikes. */
struct loas_classify_image {
    const int32_t* values; /* [pixel][channel], or of each timestep one, [timestep][pixel][channel] */
    bool over_time;        /* the latter */
    const uint16_t* words; /* [block][pixel][channel], of a network without an encoder; else NULL */
};

struct loas_classify_job {
    struct loas_app_settings settings;
    struct loas_network* net; /* with encoder, layers, descriptors and scratch; see loas_network_scratch */
    uint64_t image_count;
    int64_t* scores; /* [image][score], loas_network_scores of each */
    void* context;   /* given to the callbacks */
    /* Gives image `index`; it is good until the next one is asked for. Not LOAS_OK: ends the application. */
    int (*image)(void* context, uint64_t index, struct loas_classify_image* image);
    void (*done)(void* context, uint64_t images_done);
};

/* Opens the accelerator, loads the network, runs every image and stores its scores, closes. Answers status->result. */
int loas_classify(const struct loas_hal* hal, const struct loas_classify_job* job, struct loas_app_status* status);

/* ---------------------------------------------------------------- layers: one after another, each on its own input */

struct loas_layer_input {
    struct loas_layer_config config;
    const int8_t* weights;
    const int32_t* bias;       /* NULL: none */
    const uint16_t* words;     /* [pixel][channel]: the input's spikes */
    const int32_t* thresholds; /* [N], of a layer with LOAS_NEURON_THRESHOLDS */
};

struct loas_layers_job {
    struct loas_app_settings settings;
    uint32_t count; /* layers */
    uint32_t runs;  /* of each, one after another */
    void* context;  /* given to the callbacks */
    /* Gives layer `index`; it is good until the next one is asked for. Not LOAS_OK: ends the application. */
    int (*layer)(void* context, uint32_t index, struct loas_layer_input* input);
    /* Memory for packing, good until the layer has been loaded; with less than `bytes` it takes longer. */
    struct loas_scratch (*scratch)(void* context, uint64_t bytes);
    /* The layer and its input lie in the accelerator's memory. */
    void (*loaded)(void* context, uint32_t index);
    void (*done)(void* context, uint32_t index, uint32_t runs_done);
};

/*
 * Opens the accelerator; loads each layer, runs it and frees it before the next; closes. A layer's index is the cookie
 * of its descriptors. Answers status->result.
 */
int loas_layers_run(const struct loas_hal* hal, const struct loas_layers_job* job, struct loas_app_status* status);

#ifdef __cplusplus
}
#endif
#endif
