/*
 * The interrupt controller's driver (a PLIC, see abi/DEVICES.md): between a device that interrupts and the CPU that
 * waits for it. C11, freestanding, no state. Calls answer LOAS_OK or what the callbacks of the HAL answer.
 */
#ifndef LOAS_INTERRUPTS_DRIVER_H
#define LOAS_INTERRUPTS_DRIVER_H

#include <stdint.h>

#include "hal/loas_hal.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What start-up code does once: priority 1 for each of `inputs` inputs, threshold 0, none enabled. The HALs of this
 * project have done it before the program starts.
 */
int loas_interrupts_start(const struct loas_hal* hal, uint64_t controller_base, uint32_t inputs);

/*
 * Lets inputs interrupt the CPU: bit i of `bits` is input first + i, first a multiple of 32. The others of these 32 may
 * not from now on. After start-up none may.
 */
int loas_interrupts_enable(const struct loas_hal* hal, uint64_t controller_base, uint32_t first, uint32_t bits);

/* The inputs first .. first + 31 whose requests wait to be claimed, enabled or not. */
int loas_interrupts_pending(const struct loas_hal* hal, uint64_t controller_base, uint32_t first, uint32_t* bits);

/*
 * Claims the most urgent enabled input, 0: there is none. It does not interrupt again until it is completed: in
 * between its cause is dealt with at the device. The wait_interrupt of the HALs of this project does both.
 */
int loas_interrupts_claim(const struct loas_hal* hal, uint64_t controller_base, uint32_t* input);
int loas_interrupts_complete(const struct loas_hal* hal, uint64_t controller_base, uint32_t input);

#ifdef __cplusplus
}
#endif
#endif
