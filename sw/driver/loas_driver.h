/*
 * The driver: finds the accelerator, owns its descriptor and completion rings, submits descriptors and waits for them.
 * C11, freestanding, no global state: everything is in the caller's struct loas_device. Not thread-safe: one
 * struct loas_device is used by one thread of control at a time.
 *
 * Every call that returns int answers LOAS_OK or a negative enum loas_result. Each can answer what the callbacks of
 * the HAL answer (LOAS_E_BUS, LOAS_E_MEMORY); only further results are listed with a call.
 */
#ifndef LOAS_DRIVER_H
#define LOAS_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/loas_abi.h"
#include "hal/loas_hal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The rings as the driver sees them. Tickets run through resets; sequence numbers (see the ABI) start anew. */
struct loas_queue {
    bool open;
    bool running;                   /* open, and the device has the rings */
    bool failed;                    /* a failed record was seen and loas_recover has not been called since */
    uint32_t entries;               /* of both rings, a power of two */
    uint64_t ring_address;          /* descriptors */
    uint64_t completion_address;    /* completion records */
    uint32_t tail;                  /* next entry to fill */
    uint32_t in_flight;             /* submitted, completion not seen yet: 0..entries-1 */
    uint32_t remembered;            /* tickets whose record is still in the completion ring: 0..entries */
    uint32_t last_ticket;           /* of the latest submission; 0: none */
    uint32_t last_sequence;         /* its sequence number */
    struct loas_completion failure; /* the record that halted the device, valid while `failed` */
};

struct loas_device {
    const struct loas_hal* hal;
    uint64_t register_base;
    uint32_t accelerator;   /* enum loas_accelerator */
    uint32_t features;      /* LOAS_FEATURE_* */
    uint32_t tiles;         /* compute tiles */
    uint32_t max_timesteps; /* 1..16 */
    uint32_t chunk_bits;    /* mask bits joined at once */
    uint32_t clock_khz;
    uint32_t spike_format;  /* enum loas_spike_format */
    uint32_t weight_format; /* enum loas_weight_format */
    bool needs_work_area;   /* behind each output, see loas_work_bytes */
    uint32_t version_minor;
    struct loas_queue queue;
};

enum loas_wait_mode { LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT };

struct loas_error {
    uint32_t status;  /* enum loas_status; LOAS_STATUS_OK: no error */
    uint32_t index;   /* ring entry of the failed descriptor */
    uint64_t address; /* address that caused it, 0: none */
};

/* ---------------------------------------------------------------- device */

/*
 * Fills *dev from the registers at `register_base`. Reads only; the device is not touched.
 * hal must outlive dev; hal->log may be NULL.
 * LOAS_E_NO_DEVICE: other id, or capabilities that make no sense, formats that this driver does not know among them.
 * LOAS_E_VERSION: other major version.
 */
int loas_device_probe(struct loas_device* dev, const struct loas_hal* hal, uint64_t register_base);

/*
 * The same for one of the device's rings, each of which is used like a device of its own: `ring` 0 is what
 * loas_device_probe finds. Its interrupt is the ring-th behind that of ring 0.
 * LOAS_E_ARGUMENT: the device has no such ring.
 */
int loas_device_probe_ring(struct loas_device* dev, const struct loas_hal* hal, uint64_t register_base, uint32_t ring);

/* Reads a 64-bit counter (units in the ABI). LOAS_E_ARGUMENT: no such counter. */
int loas_counter_read(struct loas_device* dev, enum loas_counter counter, uint64_t* value);

/* ---------------------------------------------------------------- queue */

/*
 * Soft-resets the device, allocates both rings of `entries` (a power of two, LOAS_MIN_QUEUE_ENTRIES to
 * LOAS_MAX_QUEUE_ENTRIES), programs and enables them. entries - 1 descriptors can be in flight.
 * LOAS_E_ARGUMENT: bad size or the queue is already open. LOAS_E_DEVICE: the device refused the rings.
 * LOAS_E_TIMEOUT: the soft reset did not end. On an error nothing stays allocated.
 */
int loas_queue_open(struct loas_device* dev, uint32_t entries);

/*
 * Stops the queue and frees the rings; work in flight is abandoned by a soft reset. Nothing to do when not open.
 * On an error the device may still use the rings, so they stay allocated and the queue stays open: call again.
 */
int loas_queue_close(struct loas_device* dev);

/*
 * Copies a descriptor to the ring and rings the doorbell. *ticket (may be NULL) is for loas_wait; the cookie is the
 * caller's. The descriptor is not checked: that is the device's duty. On an error nothing was submitted.
 * LOAS_E_QUEUE_FULL: entries - 1 descriptors in flight; wait for one.
 * LOAS_E_ARGUMENT: queue not open, or the last loas_reset failed.
 */
int loas_submit(struct loas_device* dev, const struct loas_descriptor* descriptor, uint32_t* ticket);

/*
 * Waits until a ticket, and so every ticket before it, is complete; at most timeout_ns (0: one look). *out (may be
 * NULL) receives the completion record. Any of the last `entries` tickets can be asked for, in any order and again.
 * LOAS_WAIT_INTERRUPT needs LOAS_FLAG_INTERRUPT on this descriptor or a later one; without, the time runs out first
 * (a record that is there at the end of the time is still found, and a warning logged: an interrupt was not asked for,
 * or did not reach the CPU). Errors always interrupt.
 *
 * LOAS_E_DEVICE: this descriptor failed, or the device halted at one before it: *out is the record of the failed one;
 *                without a record (LOAS_STATUS_BAD_QUEUE) status, index and address come from the error registers,
 *                sequence is 0. The device stays halted until loas_recover or loas_reset.
 * LOAS_E_TIMEOUT: not complete in time; it is still in flight. LOAS_E_ARGUMENT: not a ticket of the last `entries`,
 * or one from before a reset. On these two *out is not written.
 */
int loas_wait(struct loas_device* dev, uint32_t ticket, enum loas_wait_mode mode, uint64_t timeout_ns,
              struct loas_completion* out);

/* Is told of a record: `done` of its ticket, when the device is done with the descriptor; errors, too. */
typedef void loas_completion_handler(void* context, uint32_t ticket, const struct loas_completion* record);

/*
 * What an interrupt handler does for the device, instead of a wait: clears the cause, notes the records that have
 * arrived and tells `done` (may be NULL) of each, in the order of the tickets. It needs no interrupt to have come, so a
 * loop of one's own may call it, too. A loas_wait tells nobody of the records that it finds.
 *
 * The handler and the program share *dev: while the handler may be called, the program calls nothing that uses it. To
 * submit, keep the input from interrupting (loas_interrupts_enable) or submit from the handler.
 */
int loas_interrupt_service(struct loas_device* dev, loas_completion_handler* done, void* context);

/* ---------------------------------------------------------------- errors */

/* Reads the error registers: the first error since the device was reset or resumed. */
int loas_error_read(struct loas_device* dev, struct loas_error* error);

/*
 * Leaves the halt after a failed descriptor: the ones behind it run. Nothing to do when the device is not halted.
 * LOAS_E_ARGUMENT: queue not open.
 */
int loas_recover(struct loas_device* dev);

/*
 * Soft reset: abandons everything in flight; tickets given out before become invalid. An open queue is open and empty
 * again afterwards, on the same rings. LOAS_E_TIMEOUT: the reset did not end. LOAS_E_DEVICE: rings refused.
 * On an error call again, or close the queue.
 */
int loas_reset(struct loas_device* dev);

/* Short English sentences, never NULL, also for numbers that mean nothing. */
const char* loas_status_text(unsigned status); /* enum loas_status */
const char* loas_result_text(int result);      /* enum loas_result */

#ifdef __cplusplus
}
#endif
#endif
