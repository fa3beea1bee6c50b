/* For both CPUs: the example of sw/README.md, three times, so that a layer finds what the one before left in the cache. */
#include "driver/loas_console.h"
#include "hal/loas_main.h"

int example_program(const struct loas_hal* hal, uint16_t words_out[2 * 3]);

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    (void)argc;
    (void)argv;
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
