/* Exceptions, interrupts and the program's end. */
#include <stdbool.h>

#include "abi/loas_board.h"
#include "abi/loas_devices.h"
#include "driver/loas_console.h"
#include "hal/rv64/loas_rv64.h"
#include "hal/rv64/state.h"

#define CAUSE_BREAKPOINT 3u
#define CAUSE_LOAD_ACCESS 5u
#define CAUSE_STORE_ACCESS 7u
#define SLLI_X0_X0_31 0x01f01013u /* before the ebreak of a semihosting call */

static loas_rv64_exception* exception_handler;

void loas_rv64_on_exception(loas_rv64_exception* handler)
{
    exception_handler = handler;
}

uint64_t loas_rv64_instruction_bytes(uint64_t pc)
{
    return (*(const uint16_t*)(uintptr_t)pc & 3u) == 3u ? 4 : 2;
}

void loas_rv64_forbid(unsigned index, uint64_t base, uint64_t bytes)
{
    const uint64_t address = base >> 2 | ((bytes >> 3) - 1); /* NAPOT */
    const uint64_t locked_napot = 0x98;
    const uint64_t place = locked_napot << (8 * index);
    switch (index) {
#define LOAS_REGION(n)                                                                                                 \
    case n:                                                                                                            \
        __asm__ volatile("csrw pmpaddr" #n ", %0" ::"r"(address));                                                     \
        break
        LOAS_REGION(0);
        LOAS_REGION(1);
        LOAS_REGION(2);
        LOAS_REGION(3);
        LOAS_REGION(4);
        LOAS_REGION(5);
        LOAS_REGION(6);
        LOAS_REGION(7);
#undef LOAS_REGION
    default:
        return;
    }
    __asm__ volatile("csrs pmpcfg0, %0" ::"r"(place) : "memory");
}

void loas_rv64_exit(int code)
{
    const uint32_t failed = code & 0xFFFF ? (uint32_t)code & 0xFFFFu : 1u;
    *(volatile uint32_t*)LOAS_BOARD_FINISHER_BASE =
        code == 0 ? LOAS_FINISHER_PASS : LOAS_FINISHER_FAIL | failed << LOAS_FINISHER_CODE_SHIFT;
    for (;;) {
        __asm__ volatile("wfi");
    }
}

/* What exit() and abort() of the C library end in, unless the program brings its own. */
#define WEAK __attribute__((weak))
WEAK _Noreturn void _exit(int code);
WEAK int kill(int process, int signal);
WEAK int getpid(void);

void _exit(int code)
{
    loas_rv64_exit(code);
}

int kill(int process, int signal)
{
    (void)process;
    loas_rv64_exit(128 + signal);
}

int getpid(void)
{
    return 1;
}

static const char* cause_text(uint64_t cause)
{
    static const char* const texts[] = {
        "instruction misaligned", "instruction access fault", "illegal instruction", "breakpoint",
        "load misaligned",        "load access fault",        "store misaligned",    "store access fault"};
    return cause < sizeof texts / sizeof texts[0] ? texts[cause] : "exception";
}

/* Nobody answers semihosting calls where there is none: the call gives -1. */
static bool is_semihosting(uint64_t cause, uint64_t pc)
{
    return cause == CAUSE_BREAKPOINT && *(const uint32_t*)(uintptr_t)(pc - 4) == SLLI_X0_X0_31;
}

_Noreturn void loas_rv64_stack_full(uint64_t pc);

void loas_rv64_stack_full(uint64_t pc)
{
    loas_print(&loas_rv64.hal, "the stack is full at pc 0x%lx\n", pc);
    loas_rv64_exit(1);
}

uint64_t loas_rv64_trap(uint64_t cause, uint64_t pc, uint64_t value);

uint64_t loas_rv64_trap(uint64_t cause, uint64_t pc, uint64_t value)
{
    struct loas_rv64_state* state = &loas_rv64;
    if (cause >> 63) {
        loas_rv64_serve(state);
        return pc;
    }
    if (state->accessing && (cause == CAUSE_LOAD_ACCESS || cause == CAUSE_STORE_ACCESS)) {
        state->bus_error = true;
        return pc + loas_rv64_instruction_bytes(pc);
    }
    if (is_semihosting(cause, pc)) {
        state->no_semihosting = true;
        return pc + 4;
    }
    if (exception_handler) {
        return exception_handler(cause, pc, value);
    }
    loas_print(&state->hal, "%s (cause %lu) at pc 0x%lx, value 0x%lx\n", cause_text(cause), cause, pc, value);
    loas_rv64_exit(1);
}
