/* Text on the UART, arguments, and time that passes while the program sleeps. */
#include "driver/loas_console.h"
#include "hal/loas_main.h"

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    (void)argv;
    loas_print(hal, "hello, %d argument%s\n", argc - 1, argc == 2 ? "" : "s");
    for (int second = 1; second <= 3; second++) {
        const uint64_t before_ns = hal->time_ns(hal->context);
        /* nothing interrupts, so this ends by its time-out; RV64 sleeps in wfi until the timer */
        const int result = hal->wait_interrupt(hal->context, 1000000);
        const uint64_t slept_us = (hal->time_ns(hal->context) - before_ns) / 1000;
        loas_print(hal, "tick %d: %s after %s\n", second, result == LOAS_E_TIMEOUT ? "time-out" : "interrupt",
                   slept_us >= 1000 && slept_us < 1010 ? "a millisecond" : "the wrong time");
    }
    return 0;
}
