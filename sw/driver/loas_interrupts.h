/*
 * The interrupt controller's driver: between a device that interrupts and the CPU that waits for it. C11, freestanding,
 * no state. Calls answer LOAS_OK or what the callbacks of the HAL answer.
 */
#ifndef LOAS_INTERRUPTS_DRIVER_H
#define LOAS_INTERRUPTS_DRIVER_H

#include <stdint.h>

#include "hal/loas_hal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lets these inputs interrupt the CPU, bit i = input i, and no others. After reset none may. */
int loas_interrupts_enable(const struct loas_hal* hal, uint64_t controller_base, uint32_t inputs);

/* The inputs that are active now, enabled or not. */
int loas_interrupts_pending(const struct loas_hal* hal, uint64_t controller_base, uint32_t* inputs);

#ifdef __cplusplus
}
#endif
#endif
