/* What programs.py measures: `first` prints a word; `integer` computes with no access to a device; `poll` reads a
 * register of the accelerator again and again. The number behind it says how often. */
#include "abi/loas_abi.h"
#include "abi/loas_board.h"
#include "driver/loas_console.h"
#include "hal/loas_main.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 16384

static uint32_t words[WORDS];
static uint8_t composite[65536];

/* A sieve, a checksum bit by bit, a heap sort of random words: short blocks, loads, stores, branches that are hard to
 * predict, multiplications, calls. */
static uint32_t sieve(void)
{
    uint32_t primes = 0;
    memset(composite, 0, sizeof composite);
    for (uint32_t i = 2; i < sizeof composite; i++) {
        if (composite[i]) {
            continue;
        }
        primes++;
        for (uint32_t j = i * 2; j < sizeof composite; j += i) {
            composite[j] = 1;
        }
    }
    return primes;
}

static uint32_t checksum(void)
{
    uint32_t sum = ~0u;
    for (uint32_t i = 0; i < WORDS / 16; i++) {
        sum ^= words[i];
        for (int bit = 0; bit < 32; bit++) {
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320u : 0);
        }
    }
    return sum;
}

static void sink(uint32_t at, uint32_t end)
{
    const uint32_t value = words[at];
    for (uint32_t child; (child = 2 * at + 1) < end; at = child) {
        if (child + 1 < end && words[child + 1] > words[child]) {
            child++;
        }
        if (words[child] <= value) {
            break;
        }
        words[at] = words[child];
    }
    words[at] = value;
}

static void sort(uint32_t seed)
{
    for (uint32_t i = 0; i < WORDS; i++) {
        words[i] = seed = seed * 1664525u + 1013904223u;
    }
    for (uint32_t i = WORDS / 2; i-- > 0;) {
        sink(i, WORDS);
    }
    for (uint32_t end = WORDS - 1; end > 0; end--) {
        const uint32_t last = words[end];
        words[end] = words[0];
        words[0] = last;
        sink(0, end);
    }
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    const char* what = argc > 1 ? argv[1] : "first";
    const int times = argc > 2 ? atoi(argv[2]) : 1;
    uint32_t sum = 0;
    if (strcmp(what, "integer") == 0) {
        for (int i = 0; i < times; i++) {
            sort(sum + (uint32_t)i);
            sum += sieve() + checksum();
        }
    } else if (strcmp(what, "poll") == 0) {
        const volatile uint32_t* status =
            (const volatile uint32_t*)(uintptr_t)(LOAS_BOARD_ACCELERATOR_BASE + LOAS_REG_STATUS);
        for (int i = 0; i < times; i++) {
            sum += *status;
        }
    }
    loas_print(hal, "%s: %x\n", what, (unsigned)sum);
    return 0;
}
