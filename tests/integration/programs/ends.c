/* Programs for the RV64 CPU that end, or do not, each in its own way: the first argument says which. */
#include "abi/loas_abi.h"
#include "abi/loas_board.h"
#include "abi/loas_devices.h"
#include "never_returns.h"

#define DEVICE_REGISTER ((volatile uint32_t*)(uintptr_t)(LOAS_BOARD_ACCELERATOR_BASE + LOAS_REG_STATUS))

long semihosting(long call, const void* argument);
static char words[256];

static int same(const char* a, const char* b)
{
    for (; *a != 0 && *a == *b; a++, b++) {
    }
    return *a == *b;
}

static uint64_t length(const char* text)
{
    uint64_t n = 0;
    while (text[n] != 0) {
        n++;
    }
    return n;
}

static void say(const char* text)
{
    semihosting(0x04, text);
}

__attribute__((noinline)) void poll_for_ever(void)
{
    while (*DEVICE_REGISTER != 0xdead) {
    }
}

static int64_t open_file(const char* name, uint64_t mode)
{
    const uint64_t block[3] = {(uint64_t)name, mode, length(name)};
    return semihosting(0x01, block);
}

static int use_files(void)
{
    char text[16] = {0};
    const int64_t out = open_file("out.txt", 4), in = open_file("in.txt", 0);
    if (out < 0 || in < 0 || open_file("../secret.txt", 0) >= 0 || open_file("/etc/passwd", 0) >= 0 ||
        open_file("link.txt", 0) >= 0 || open_file("new.txt", 4) >= 0 || open_file("pipe", 0) >= 0) {
        return 1;
    }
    const uint64_t reading[3] = {(uint64_t)in, (uint64_t)text, 5}, closing = (uint64_t)out;
    const uint64_t writing[3] = {(uint64_t)out, (uint64_t)text, 5};
    return semihosting(0x06, reading) != 0 || semihosting(0x05, writing) != 0 ||
           semihosting(0x0c, &closing) != 5 || /* the length, with what has just been written */
           semihosting(0x02, &closing) != 0;
}

#define TIME_REGISTER ((volatile uint64_t*)(uintptr_t)(LOAS_BOARD_CLINT_BASE + LOAS_CLINT_REG_MTIME))

/* Numbers that depend on every instruction's time, and on memory and devices. */
static int count(void)
{
    static uint64_t numbers[512];
    uint64_t sum = 1;
    for (uint64_t i = 0; i < 40000; i++) {
        numbers[sum % 512] += i;
        sum = sum * 0x12345 + numbers[i % 512] + (i % 64 == 0 ? *DEVICE_REGISTER + *TIME_REGISTER : 0);
    }
    uint64_t cycles;
    __asm__ volatile("csrr %0, mcycle" : "=r"(cycles));
    sum ^= cycles;
    char text[18];
    for (int i = 0; i < 16; i++) {
        text[i] = "0123456789abcdef"[sum >> (60 - 4 * i) & 15];
    }
    text[16] = '\n';
    text[17] = 0;
    say(text);
    return 0;
}

/* Sends what it receives, up to a full stop. */
static int echo(void)
{
    volatile uint8_t* const uart = (volatile uint8_t*)(uintptr_t)LOAS_BOARD_UART_BASE;
    for (;;) {
        while ((uart[LOAS_UART_REG_LINE_STATUS] & 1) == 0) {
        }
        const uint8_t letter = uart[0];
        uart[0] = letter;
        if (letter == '.') {
            return 0;
        }
    }
}

int main(void)
{
    uint64_t line[2] = {(uint64_t)words, sizeof words};
    if (semihosting(0x15, line) != 0) {
        return 2;
    }
    char* what = words;
    while (*what != ' ' && *what != 0) {
        what++;
    }
    what += *what == ' ';
    if (same(what, "well")) {
        say("all is well\n");
        return 0;
    }
    if (same(what, "null")) {
        write_through_null(0);
    } else if (same(what, "deep")) {
        return call_deeper(0);
    } else if (same(what, "wild")) {
        ((void (*)(void))0x12345678)();
    } else if (same(what, "compute")) {
        compute_for_ever();
    } else if (same(what, "poll")) {
        poll_for_ever();
    } else if (same(what, "wfi")) {
        __asm__ volatile("csrwi mie, 8\nwfi");
    } else if (same(what, "files")) {
        return use_files();
    } else if (same(what, "echo")) {
        return echo();
    } else if (same(what, "count")) {
        return count();
    }
    say(words);
    return 7;
}
