/* A watchdog: restarted in time it is quiet; forgotten it interrupts, and would end the program the next time. */
#include "abi/loas_board.h"
#include "abi/loas_devices.h"
#include "driver/loas_console.h"
#include "driver/loas_interrupts.h"
#include "hal/loas_main.h"

#define TIMEOUT_US 100u

static const struct loas_hal* machine;
static volatile unsigned barks;

static int put(uint32_t offset, uint32_t value)
{
    return machine->write32(machine->context, LOAS_BOARD_WATCHDOG_BASE + offset, value);
}

static void on_bark(void* context, uint32_t input)
{
    (void)context, (void)input;
    barks = barks + 1;
    (void)put(LOAS_WATCHDOG_REG_STATUS, LOAS_WATCHDOG_EXPIRED);
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    machine = hal;
    (void)hal->set_handler(hal->context, LOAS_BOARD_WATCHDOG_INTERRUPT, on_bark, NULL);
    (void)loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, 0, 1u << LOAS_BOARD_WATCHDOG_INTERRUPT);
    (void)put(LOAS_WATCHDOG_REG_TIMEOUT_US, TIMEOUT_US);
    (void)put(LOAS_WATCHDOG_REG_CONTROL, LOAS_WATCHDOG_ENABLE);

    for (int i = 0; i < 5; i++) { /* work, and a sign of life now and then */
        (void)hal->wait_interrupt(hal->context, TIMEOUT_US * 1000 / 2);
        (void)put(LOAS_WATCHDOG_REG_RESTART, 0);
    }
    loas_print(hal, "restarted in time: %u interrupts\n", barks);

    const int result = hal->wait_interrupt(hal->context, TIMEOUT_US * 1000 * 2);
    loas_print(hal, "forgotten: %u interrupt, %s\n", barks, result == LOAS_OK ? "which ended the sleep" : "too late");

    if (argc > 1 && argv[1][0] == 'b') { /* argument "bite": nobody hears of it any more */
        (void)loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, 0, 0);
        for (;;) {
            (void)hal->wait_interrupt(hal->context, 1000000000);
        }
    }
    (void)put(LOAS_WATCHDOG_REG_CONTROL, 0);
    return 0;
}
