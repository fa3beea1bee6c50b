/*
 * For both CPUs: the example of sw/README.md, three times, so that a layer finds what the one before left in the cache;
 * with an argument, what callbacks answer to mistakes, and how much memory there is.
 */
#include "driver/loas_console.h"
#include "hal/loas_main.h"

int example_program(const struct loas_hal* hal, uint16_t words_out[2 * 3]);

static int ask_about_memory(const struct loas_hal* hal)
{
    static const uint64_t places[] = {0x10, 0x80000000u + (16u << 20) - 32u, 0x80000000u + (16u << 20) - 64u};
    char data[64] = {0};
    for (unsigned i = 0; i < 3; i++) {
        loas_print(hal, "%d ", hal->dma_write(hal->context, places[i], data, sizeof data));
        loas_print(hal, "%d, ", hal->dma_read(hal->context, data, places[i], sizeof data));
    }
    uint64_t blocks = 0, address;
    for (; hal->dma_alloc(hal->context, (uint64_t)1 << 20, 64, &address) == LOAS_OK; blocks++) {
    }
    loas_print(hal, "%s\n", blocks >= 10 && blocks <= 16 ? "10 to 16 MiB" : "another number of MiB");
    return 0;
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    (void)argv;
    if (argc > 1) {
        return ask_about_memory(hal);
    }
    for (int run = 0; run < 3; run++) {
        uint16_t words[2 * 3] = {0};
        const int result = example_program(hal, words);
        if (result != 0) {
            return 1;
        }
        loas_print(hal, "%x %x %x %x %x %x\n", words[0], words[1], words[2], words[3], words[4], words[5]);
    }
    return 0;
}
