/* Inside this folder only: the one state of a program without a system. */
#ifndef LOAS_RV64_STATE_H
#define LOAS_RV64_STATE_H

#include <stdbool.h>

#include "hal/loas_hal.h"

#define LOAS_RV64_INPUTS 64u
#define LOAS_RV64_BLOCKS 256u

struct loas_rv64_block {
    uint64_t begin;
    uint64_t end;
};

struct loas_rv64_handler {
    loas_interrupt_handler* call;
    void* context;
};

struct loas_rv64_state {
    struct loas_hal hal;
    volatile bool accessing;      /* a callback accesses a device: a fault is its answer */
    volatile bool bus_error;      /* it was one */
    volatile bool no_semihosting; /* nobody answered the call */
    volatile bool in_handler;     /* of an interrupt */
    volatile bool handled;        /* a handler has run since the last wait */
    volatile uint64_t claimed;    /* inputs without handlers that the program is dealing with, a bit each */
    struct loas_rv64_handler handlers[LOAS_RV64_INPUTS];
    struct loas_rv64_block blocks[LOAS_RV64_BLOCKS]; /* of dma_alloc, in the order of their addresses */
    unsigned block_count;
    uint64_t heap_begin;
    uint64_t heap_end;
    uint64_t ram_end;
};

extern struct loas_rv64_state loas_rv64;

/* Claims what interrupts: calls its handler, or leaves it to the program. True: there was something. */
bool loas_rv64_serve(struct loas_rv64_state* state);

/* The end of the RAM that has this address, by the device tree at `tree`; 0: there is no tree, or none of that. */
uint64_t loas_rv64_ram_end(uint64_t tree, uint64_t within);

_Noreturn void loas_rv64_exit(int code);

#endif
