/*
 * A trained network and its images inside a program. `loas-vp network-c SCENARIO > network.c` writes the source that
 * defines them; which network, is the scenario's business.
 */
#ifndef LOAS_NETWORK_DATA_H
#define LOAS_NETWORK_DATA_H

#include "runtime/loas_runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

extern struct loas_network loas_data_network; /* ready for loas_network_load */
extern const uint32_t loas_data_images;       /* how many there are, at least 1 */
extern const uint32_t loas_data_classes;      /* scores of an image */
extern const int32_t* const loas_data_labels; /* [image], the right class; NULL: not known */

/* The numbers of an image, as loas_network_run takes them; good until the next one is asked for. */
const int32_t* loas_data_image(uint32_t image);

#ifdef __cplusplus
}
#endif
#endif
