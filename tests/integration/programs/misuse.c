/* Programs for the native CPU that treat it as it is not meant: the first argument says how. */
#include "abi/loas_board.h"
#include "abi/loas_devices.h"
#include "driver/loas_interrupts.h"
#include "hal/loas_main.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const struct loas_hal* the_hal;

static void leaves_the_cause(void* context, uint32_t input)
{
    (void)context, (void)input;
}

static void* reads_from_a_thread(void* unused)
{
    uint32_t value;
    the_hal->read32(the_hal->context, LOAS_BOARD_CLINT_BASE, &value);
    return unused;
}

static void let_the_watchdog_interrupt(const struct loas_hal* hal)
{
    loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, 0, 1u << LOAS_BOARD_WATCHDOG_INTERRUPT);
    hal->set_handler(hal->context, LOAS_BOARD_WATCHDOG_INTERRUPT, leaves_the_cause, NULL);
    hal->write32(hal->context, LOAS_BOARD_WATCHDOG_BASE + LOAS_WATCHDOG_REG_CONTROL, LOAS_WATCHDOG_ENABLE);
    hal->wait_interrupt(hal->context, UINT64_MAX);
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    const char* what = argc > 1 ? argv[1] : "";
    uint32_t value;
    uint64_t address = 0;
    pthread_t thread;
    the_hal = hal;
    if (strcmp(what, "pointer") == 0) {
        hal->read32(hal->context, LOAS_BOARD_CLINT_BASE, NULL);
    } else if (strcmp(what, "source") == 0) {
        hal->dma_alloc(hal->context, 64, 64, &address);
        hal->dma_write(hal->context, address, (const void*)16, 64);
    } else if (strcmp(what, "context") == 0) {
        hal->read32(NULL, LOAS_BOARD_CLINT_BASE, &value);
    } else if (strcmp(what, "cause") == 0) {
        let_the_watchdog_interrupt(hal);
    } else if (strcmp(what, "exit") == 0) {
        exit(0);
    } else if (strcmp(what, "heap") == 0) {
        volatile char* block = malloc(24);
        for (int i = 0; i < 4096; i++) {
            block[i] = -1;
        }
        for (int i = 0; i < 1000; i++) {
            *(volatile char*)malloc(100000) = 1;
        }
    } else if (strcmp(what, "thread") == 0) {
        pthread_create(&thread, NULL, reads_from_a_thread, NULL);
        pthread_join(thread, NULL);
    }
    return argc > 2 ? atoi(argv[2]) : 0;
}
