/* The callbacks of loas_hal.h for the board's RV64 hart, and how a program starts. */
#include <string.h>

#include "abi/loas_board.h"
#include "abi/loas_devices.h"
#include "driver/loas_console.h"
#include "driver/loas_interrupts.h"
#include "hal/loas_main.h"
#include "hal/rv64/loas_rv64.h"
#include "hal/rv64/state.h"

#define TICK_NS 100u /* of mtime */
#define MIE_TIMER 0x80u
#define MIE_EXTERNAL 0x800u
#define MSTATUS_MIE 8u
#define GUARD_REGION 7u /* of PMP: below the stack, which does not grow into the data unseen */

struct loas_rv64_state loas_rv64;

extern char __dma_start[], __dma_end[], __stack_guard[], __stack_bottom[];
extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

/* ---------------------------------------------------------------- devices */

/* A device that refuses an access faults, and the trap handler notes it. Everything written before is there first. */
#define LOAS_ACCESS(state, statement)                                                                                  \
    (state)->bus_error = false;                                                                                        \
    (state)->accessing = true;                                                                                         \
    __asm__ volatile("fence iorw, iorw" ::: "memory");                                                                 \
    statement;                                                                                                         \
    __asm__ volatile("fence iorw, iorw" ::: "memory");                                                                 \
    (state)->accessing = false;                                                                                        \
    return (state)->bus_error ? LOAS_E_BUS : LOAS_OK

static int read32(void* context, uint64_t address, uint32_t* value)
{
    struct loas_rv64_state* state = context;
    LOAS_ACCESS(state, *value = *(volatile uint32_t*)(uintptr_t)address);
}

static int write32(void* context, uint64_t address, uint32_t value)
{
    struct loas_rv64_state* state = context;
    LOAS_ACCESS(state, *(volatile uint32_t*)(uintptr_t)address = value);
}

static int read8(void* context, uint64_t address, uint8_t* value)
{
    struct loas_rv64_state* state = context;
    LOAS_ACCESS(state, *value = *(volatile uint8_t*)(uintptr_t)address);
}

static int write8(void* context, uint64_t address, uint8_t value)
{
    struct loas_rv64_state* state = context;
    LOAS_ACCESS(state, *(volatile uint8_t*)(uintptr_t)address = value);
}

/* ---------------------------------------------------------------- memory: what the program's image leaves */

static int dma_alloc(void* context, uint64_t bytes, uint64_t alignment, uint64_t* address)
{
    struct loas_rv64_state* state = context;
    if (alignment == 0 || (alignment & (alignment - 1)) != 0 || bytes == 0) {
        return LOAS_E_ARGUMENT;
    }
    /* first fit between the blocks in use: few and long-lived ones */
    uint64_t begin = (state->heap_begin + alignment - 1) & ~(alignment - 1);
    unsigned at = 0;
    for (; at < state->block_count; at++) {
        if (begin <= state->blocks[at].begin && bytes <= state->blocks[at].begin - begin) {
            break;
        }
        begin = (state->blocks[at].end + alignment - 1) & ~(alignment - 1);
    }
    if (state->block_count == LOAS_RV64_BLOCKS || begin > state->heap_end || bytes > state->heap_end - begin) {
        return LOAS_E_MEMORY;
    }
    memmove(&state->blocks[at + 1], &state->blocks[at], (state->block_count - at) * sizeof state->blocks[0]);
    state->blocks[at] = (struct loas_rv64_block){begin, begin + bytes};
    state->block_count++;
    *address = begin;
    return LOAS_OK;
}

static void dma_free(void* context, uint64_t address)
{
    struct loas_rv64_state* state = context;
    for (unsigned at = 0; at < state->block_count; at++) {
        if (state->blocks[at].begin == address) {
            state->block_count--;
            memmove(&state->blocks[at], &state->blocks[at + 1], (state->block_count - at) * sizeof state->blocks[0]);
            return;
        }
    }
}

/* As a bus that has nothing there would answer; `bytes` of the caller's own are memory as any other. */
static bool is_ram(const struct loas_rv64_state* state, uint64_t address, uint64_t bytes)
{
    return address >= LOAS_BOARD_RAM_BASE && address <= state->ram_end && bytes <= state->ram_end - address;
}

static int dma_write(void* context, uint64_t address, const void* source, size_t bytes)
{
    if (!is_ram(context, address, bytes)) {
        return LOAS_E_BUS;
    }
    memcpy((void*)(uintptr_t)address, source, bytes);
    return LOAS_OK;
}

static int dma_read(void* context, void* destination, uint64_t address, size_t bytes)
{
    if (!is_ram(context, address, bytes)) {
        return LOAS_E_BUS;
    }
    memcpy(destination, (const void*)(uintptr_t)address, bytes);
    return LOAS_OK;
}

/* The device sees memory as the hart does; an order is all that it takes. */
static void dma_sync(void* context, uint64_t address, uint64_t bytes, enum loas_sync direction)
{
    (void)context, (void)address, (void)bytes, (void)direction;
    __asm__ volatile("fence iorw, iorw" ::: "memory");
}

/* ---------------------------------------------------------------- time and interrupts */

static uint64_t now_ticks(void)
{
    uint64_t ticks;
    __asm__ volatile("csrr %0, time" : "=r"(ticks)::"memory");
    return ticks;
}

static uint64_t time_ns(void* context)
{
    (void)context;
    return now_ticks() * TICK_NS;
}

static void set_alarm(uint64_t ticks)
{
    *(volatile uint64_t*)(LOAS_BOARD_CLINT_BASE + LOAS_CLINT_REG_MTIMECMP) = ticks;
}

bool loas_rv64_serve(struct loas_rv64_state* state)
{
    volatile uint32_t* claim = (volatile uint32_t*)(LOAS_BOARD_PLIC_BASE + LOAS_PLIC_REG_CLAIM);
    bool any = false;
    for (uint32_t input = *claim; input != 0; input = *claim) {
        const struct loas_rv64_handler* handler = &state->handlers[input % LOAS_RV64_INPUTS];
        any = true;
        if (handler->call) {
            state->in_handler = true;
            handler->call(handler->context, input);
            state->in_handler = false;
            state->handled = true;
            *claim = input;
        } else {
            state->claimed |= (uint64_t)1 << (input % LOAS_RV64_INPUTS);
        }
    }
    return any;
}

/* The caller has dealt with what it was told of the last time: only now that is completed. */
static void complete_claimed(struct loas_rv64_state* state)
{
    volatile uint32_t* claim = (volatile uint32_t*)(LOAS_BOARD_PLIC_BASE + LOAS_PLIC_REG_CLAIM);
    for (uint32_t input = 1; state->claimed >> input; input++) {
        if (state->claimed >> input & 1u) {
            *claim = input;
        }
    }
    state->claimed = 0;
}

/*
 * Traps are off in here: an interrupt between the look and the wfi only ends the wfi, and none is missed. The timer
 * ends it, too.
 */
static int wait_interrupt(void* context, uint64_t timeout_ns)
{
    struct loas_rv64_state* state = context;
    const uint64_t ticks = timeout_ns / TICK_NS + 1;
    const uint64_t now = now_ticks();
    const uint64_t end = ticks > UINT64_MAX - now ? UINT64_MAX : now + ticks;
    uint64_t status;
    bool served = state->handled;
    __asm__ volatile("csrrc %0, mstatus, %1" : "=r"(status) : "r"((uint64_t)MSTATUS_MIE) : "memory");
    if (!state->handled) {
        complete_claimed(state);
        set_alarm(end);
        __asm__ volatile("csrs mie, %0" ::"r"((uint64_t)MIE_TIMER));
        while (!(served = loas_rv64_serve(state)) && now_ticks() < end) {
            __asm__ volatile("wfi" ::: "memory");
        }
        __asm__ volatile("csrc mie, %0" ::"r"((uint64_t)MIE_TIMER));
        set_alarm(UINT64_MAX);
    }
    state->handled = false;
    __asm__ volatile("csrs mstatus, %0" ::"r"(status & MSTATUS_MIE) : "memory");
    return served ? LOAS_OK : LOAS_E_TIMEOUT;
}

static int set_handler(void* context, uint32_t input, loas_interrupt_handler* handler, void* handler_context)
{
    struct loas_rv64_state* state = context;
    if (input == 0 || input >= LOAS_RV64_INPUTS) {
        return LOAS_E_ARGUMENT;
    }
    if (state->in_handler) { /* traps are off, and come on again behind it */
        state->handlers[input] = (struct loas_rv64_handler){handler, handler_context};
        return LOAS_OK;
    }
    __asm__ volatile("csrc mstatus, %0" ::"r"((uint64_t)MSTATUS_MIE) : "memory");
    state->handlers[input] = (struct loas_rv64_handler){handler, handler_context};
    bool any = false;
    for (uint32_t each = 1; each < LOAS_RV64_INPUTS; each++) {
        any = any || state->handlers[each].call;
    }
    /* a program without handlers is interrupted while it waits, and not elsewhere */
    __asm__ volatile("csrs mstatus, %0" ::"r"((uint64_t)(any ? MSTATUS_MIE : 0u)) : "memory");
    return LOAS_OK;
}

static void log_line(void* context, enum loas_log_level level, const char* text)
{
    struct loas_rv64_state* state = context;
    (void)level;
    loas_print(&state->hal, "driver: %s\n", text);
}

/* ---------------------------------------------------------------- start */

#define SEMIHOSTING_GET_CMDLINE 0x15u
#define ARGUMENT_BYTES 4096u
#define ARGUMENT_COUNT 256

static int64_t semihosting(uint64_t operation, void* parameters)
{
    register uint64_t a0 __asm__("a0") = operation;
    register void* a1 __asm__("a1") = parameters;
    loas_rv64.no_semihosting = false;
    __asm__ volatile(".balign 16\n.option push\n.option norvc\nslli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return loas_rv64.no_semihosting ? -1 : (int64_t)a0;
}

/* Words with blanks between them; a backslash takes the next character as it is, and "" is a word without any. */
static int split(char* text, char** words)
{
    int count = 0;
    char* to = text;
    bool in_word = false;
    for (; *text; text++) {
        if (*text == ' ') {
            if (in_word) {
                *to++ = '\0';
            }
            in_word = false;
            continue;
        }
        if (!in_word) {
            if (count == ARGUMENT_COUNT) {
                loas_print(&loas_rv64.hal, "more than %d arguments: the others are left out\n", ARGUMENT_COUNT);
                break;
            }
            words[count++] = to;
            in_word = true;
            if (text[0] == '"' && text[1] == '"' && (text[2] == ' ' || !text[2])) {
                text++;
                continue;
            }
        }
        if (*text == '\\' && text[1]) {
            text++;
        }
        *to++ = *text;
    }
    *to = '\0';
    return count;
}

/* What the link script leaves for dma_alloc, as far as there is RAM; where the device tree lies in it, up to that. */
static void find_heap(struct loas_rv64_state* state, uint64_t tree)
{
    state->heap_begin = (uint64_t)(uintptr_t)__dma_start;
    state->heap_end = (uint64_t)(uintptr_t)__dma_end;
    state->ram_end = loas_rv64_ram_end(tree, LOAS_BOARD_RAM_BASE);
    if (state->ram_end == 0) {
        state->ram_end = state->heap_end;
    }
    if (state->heap_end > state->ram_end) {
        state->heap_end = state->ram_end;
    }
    if (tree >= state->heap_begin && tree < state->heap_end) {
        state->heap_end = tree;
    }
    if (state->heap_begin > state->ram_end) {
        loas_print(&state->hal, "RAM ends at 0x%lx, and the program with its stack and malloc's memory at 0x%lx\n",
                   state->ram_end, state->heap_begin);
        loas_rv64_exit(1);
    }
}

_Noreturn void loas_rv64_start(uint64_t hart, uint64_t tree);

_Noreturn void loas_rv64_start(uint64_t hart, uint64_t tree)
{
    static char text[ARGUMENT_BYTES] = "program";
    static char* words[ARGUMENT_COUNT + 1];
    struct {
        char* text;
        uint64_t bytes;
    } line = {text, sizeof text};
    struct loas_rv64_state* state = &loas_rv64;
    state->hal = (struct loas_hal){state,    read32,         write32, dma_alloc, dma_free, dma_write, dma_read,
                                   dma_sync, wait_interrupt, time_ns, log_line,  read8,    write8,    set_handler};
    (void)hart;
    find_heap(state, tree);
    loas_rv64_forbid(GUARD_REGION, (uint64_t)(uintptr_t)__stack_guard, (uint64_t)(__stack_bottom - __stack_guard));
    set_alarm(UINT64_MAX);
    __asm__ volatile("csrw mie, %0" ::"r"((uint64_t)MIE_EXTERNAL));
    int code = loas_interrupts_start(&state->hal, LOAS_BOARD_PLIC_BASE, LOAS_RV64_INPUTS);
    if (code == LOAS_OK) {
        (void)semihosting(SEMIHOSTING_GET_CMDLINE, &line);
        for (void (*const* each)(void) = __init_array_start; each < __init_array_end; each++) {
            (*each)();
        }
        code = loas_main(&state->hal, split(text, words), words);
    }
    loas_rv64_exit(code);
}
