/*
 * What software needs of the machine it runs on: thirteen callbacks. A platform fills one struct; the driver has no
 * other door to the outside, and needs the first ten of them. Callbacks that return int answer 0 or a negative enum
 * loas_result.
 */
#ifndef LOAS_HAL_H
#define LOAS_HAL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call into the driver can answer; 0 is success. loas_result_text gives the words. */
enum loas_result {
    LOAS_OK = 0,
    LOAS_E_BUS = -1,       /* a register or memory access was answered with an error */
    LOAS_E_TIMEOUT = -2,   /* no completion within the time given */
    LOAS_E_NO_DEVICE = -3, /* the registers do not belong to an accelerator of this contract */
    LOAS_E_VERSION = -4,   /* a contract of another major version */
    LOAS_E_ARGUMENT = -5,  /* the caller's mistake: see the call's description */
    LOAS_E_MEMORY = -6,    /* no device memory, or scratch memory too small */
    LOAS_E_QUEUE_FULL = -7,
    LOAS_E_DEVICE = -8 /* the descriptor ended in an error: see the completion's status */
};

enum loas_sync { LOAS_SYNC_TO_DEVICE, LOAS_SYNC_FROM_DEVICE };
enum loas_log_level { LOAS_LOG_ERROR, LOAS_LOG_WARNING, LOAS_LOG_INFO };

/* Deals with the cause of an interrupt at its device. `input` is the one at the interrupt controller. */
typedef void loas_interrupt_handler(void* context, uint32_t input);

struct loas_hal {
    void* context; /* given to every callback */
    int (*read32)(void* context, uint64_t address, uint32_t* value);
    int (*write32)(void* context, uint64_t address, uint32_t value);
    /* Memory that the device can reach: *address is its bus address, never 0. Alignment is a power of two. */
    int (*dma_alloc)(void* context, uint64_t bytes, uint64_t alignment, uint64_t* address);
    void (*dma_free)(void* context, uint64_t address);
    /* LOAS_E_BUS: not all of it is memory; what of it is may have been copied. */
    int (*dma_write)(void* context, uint64_t address, const void* source, size_t bytes);
    int (*dma_read)(void* context, void* destination, uint64_t address, size_t bytes);
    /* Makes caches agree on a range: before the device reads it, or before software reads what the device wrote. */
    void (*dma_sync)(void* context, uint64_t address, uint64_t bytes, enum loas_sync direction);
    /*
     * Returns 0 when an enabled interrupt is, or becomes, active, or when a handler has run since the last wait;
     * LOAS_E_TIMEOUT after timeout_ns.
     */
    int (*wait_interrupt)(void* context, uint64_t timeout_ns);
    uint64_t (*time_ns)(void* context);
    void (*log)(void* context, enum loas_log_level level, const char* text);
    /* Devices whose registers are bytes, as that of a UART. */
    int (*read8)(void* context, uint64_t address, uint8_t* value);
    int (*write8)(void* context, uint64_t address, uint8_t value);
    /*
     * From now on an interrupt at this input calls the handler, between two instructions of the program on RV64, in or
     * behind a callback on the native CPU; NULL: none, as before. Handlers do not interrupt each other and do not wait.
     * LOAS_E_ARGUMENT: no such input.
     */
    int (*set_handler)(void* context, uint32_t input, loas_interrupt_handler* handler, void* handler_context);
};

#ifdef __cplusplus
}
#endif
#endif
