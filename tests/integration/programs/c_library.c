/* What a program on RV64 may expect of its C library and its start: constructors, errno, malloc, exit, a full stack. */
#include "abi/loas_board.h"
#include "abi/loas_devices.h"
#include "driver/loas_console.h"
#include "driver/loas_interrupts.h"
#include "hal/loas_main.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int constructed;
static _Thread_local int of_the_thread = 5;

__attribute__((constructor)) static void construct(void)
{
    constructed++;
}

__attribute__((noinline)) int call_deeper(int depth)
{
    volatile char much[200];
    much[0] = (char)depth;
    return depth < 0 ? 0 : call_deeper(depth + 1) + much[0];
}

/* More at once than the 4 KiB of a page, and more than lies between the stack and the begin of RAM. */
__attribute__((noinline)) int in_large_steps(int depth)
{
    volatile char much[60000];
    much[0] = (char)depth;
    return depth < 0 ? 0 : in_large_steps(depth + 1) + much[0];
}

__attribute__((noinline)) int in_one_step(int depth)
{
    volatile char much[10000000];
    much[0] = (char)depth;
    return depth + much[0];
}

static void* of_malloc(size_t bytes)
{
    void* volatile block = malloc(bytes); /* not to be left out */
    return block;
}

#define UART(reg) (*(volatile uint8_t*)(uintptr_t)(LOAS_BOARD_UART_BASE + LOAS_UART_REG_##reg))
#define WATCHDOG(reg) (*(volatile uint32_t*)(uintptr_t)(LOAS_BOARD_WATCHDOG_BASE + LOAS_WATCHDOG_REG_##reg))

static volatile int inside, deepest, calls;

static void of_the_uart(void* context, uint32_t input)
{
    (void)context, (void)input;
    deepest = inside > deepest ? inside : deepest;
    calls++;
    (void)UART(IRQ_ID);
}

/* Sets a handler, and lets the UART interrupt. */
static void of_the_watchdog(void* context, uint32_t input)
{
    const struct loas_hal* hal = context;
    (void)input;
    inside = 1;
    hal->set_handler(hal->context, LOAS_BOARD_UART_INTERRUPT, of_the_uart, NULL);
    UART(IRQ_ENABLE) = LOAS_UART_IRQ_SENT;
    for (volatile int i = 0; i < 100; i++) {
    }
    WATCHDOG(CONTROL) = 0;
    WATCHDOG(STATUS) = LOAS_WATCHDOG_EXPIRED;
    inside = 0;
}

static int set_a_handler_in_a_handler(const struct loas_hal* hal)
{
    loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, 0,
                           1u << LOAS_BOARD_UART_INTERRUPT | 1u << LOAS_BOARD_WATCHDOG_INTERRUPT);
    hal->set_handler(hal->context, LOAS_BOARD_WATCHDOG_INTERRUPT, of_the_watchdog, (void*)(uintptr_t)hal);
    WATCHDOG(CONTROL) = LOAS_WATCHDOG_ENABLE;
    hal->wait_interrupt(hal->context, 10000000);
    for (volatile int i = 0; i < 100000 && calls == 0; i++) {
    }
    loas_print(hal, "%d calls, %d nested\n", calls, deepest);
    return 0;
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    const char* what = argc > 1 ? argv[1] : "";
    uint64_t address = 0;
    if (strcmp(what, "deep") == 0) {
        return call_deeper(0);
    }
    if (strcmp(what, "large") == 0) {
        return in_large_steps(0);
    }
    if (strcmp(what, "huge") == 0) {
        return in_one_step(0);
    }
    if (strcmp(what, "abort") == 0) {
        abort();
    }
    if (strcmp(what, "handlers") == 0) {
        return set_a_handler_in_a_handler(hal);
    }
    char* own = of_malloc(1000);
    memset(own, 1, 1000);
    if (hal->dma_alloc(hal->context, 1000, 64, &address) != LOAS_OK) {
        return 1;
    }
    memset((void*)(uintptr_t)address, 2, 1000);
    const int apart = own[0] == 1 && own[999] == 1;
    errno = 0;
    const int refused = of_malloc((size_t)1 << 40) == NULL && errno == ENOMEM;
    loas_print(hal, "%d %d %d %d, %d arguments\n", constructed, of_the_thread, apart, refused, argc - 1);
    exit(argc > 1 ? atoi(what) : 0);
}
