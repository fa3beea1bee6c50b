/* The same for the native CPU, and the example of sw/README.md. */
#include "abi/loas_abi.h"
#include "abi/loas_board.h"
#include "hal/loas_main.h"
#include "never_returns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int example_program(const struct loas_hal* hal, uint16_t words_out[2 * 3]);

__attribute__((noinline)) void poll_for_ever(const struct loas_hal* hal)
{
    uint32_t value = 0;
    while (value != 0xdead) {
        hal->read32(hal->context, LOAS_BOARD_ACCELERATOR_BASE + LOAS_REG_STATUS, &value);
    }
}

__attribute__((noinline)) void ask_for_the_time_for_ever(const struct loas_hal* hal)
{
    while (hal->time_ns(hal->context) != UINT64_MAX) {
    }
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    const char* what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "null") == 0) {
        write_through_null(NULL);
    } else if (strcmp(what, "deep") == 0) {
        return call_deeper(0);
    } else if (strcmp(what, "compute") == 0) {
        compute_for_ever();
    } else if (strcmp(what, "poll") == 0) {
        poll_for_ever(hal);
    } else if (strcmp(what, "time") == 0) {
        ask_for_the_time_for_ever(hal);
    } else if (strcmp(what, "wait") == 0) {
        return hal->wait_interrupt(hal->context, UINT64_MAX);
    } else if (strcmp(what, "abort") == 0) {
        abort();
    } else if (strcmp(what, "layer") == 0) {
        uint16_t words[2 * 3];
        const int result = example_program(hal, words);
        printf("%x %x %x %x %x %x\n", words[0], words[1], words[2], words[3], words[4], words[5]);
        return result;
    }
    printf("%d arguments, the last one '%s'\n", argc - 1, argv[argc - 1]);
    return 7;
}
