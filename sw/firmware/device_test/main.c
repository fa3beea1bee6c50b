/* Timer, interrupt controller and UART: prints the same on QEMU's virt and on this board. */
#include <stdbool.h>

#include "abi/loas_board.h"
#include "abi/loas_devices.h"
#include "driver/loas_console.h"
#include "driver/loas_interrupts.h"
#include "hal/loas_main.h"

#define UART_BIT (1u << LOAS_BOARD_UART_INTERRUPT)

static const struct loas_hal* machine;
static unsigned failures;
static volatile unsigned uart_interrupts;

static void check(bool good, const char* what)
{
    loas_print(machine, "%s: %s\n", what, good ? "good" : "BAD");
    failures += good ? 0 : 1;
}

static uint32_t get(uint64_t address)
{
    uint32_t value = 0xDEADu;
    return machine->read32(machine->context, address, &value) == LOAS_OK ? value : 0xDEADu;
}

static void put(uint64_t address, uint32_t value)
{
    (void)machine->write32(machine->context, address, value);
}

static uint8_t uart_get(uint32_t offset)
{
    uint8_t value = 0;
    (void)machine->read8(machine->context, LOAS_BOARD_UART_BASE + offset, &value);
    return value;
}

static void uart_put(uint32_t offset, uint8_t value)
{
    (void)machine->write8(machine->context, LOAS_BOARD_UART_BASE + offset, value);
}

static void test_timer(void)
{
    const uint64_t mtime = LOAS_BOARD_CLINT_BASE + LOAS_CLINT_REG_MTIME;
    const uint32_t before = get(mtime);
    const uint64_t start_ns = machine->time_ns(machine->context);
    const int result = machine->wait_interrupt(machine->context, 3000000);
    const uint64_t slept_ns = machine->time_ns(machine->context) - start_ns;
    const uint32_t after = get(mtime);
    check(result == LOAS_E_TIMEOUT, "CLINT, a sleep that nothing interrupts ends by its time-out");
    check(slept_ns >= 3000000, "CLINT, not too early");
    check(after - before >= 30000, "CLINT, MTIME counts ticks of 100 ns");
    put(LOAS_BOARD_CLINT_BASE + LOAS_CLINT_REG_MSIP, 1);
    check(get(LOAS_BOARD_CLINT_BASE + LOAS_CLINT_REG_MSIP) == 1, "CLINT, MSIP is set");
    put(LOAS_BOARD_CLINT_BASE + LOAS_CLINT_REG_MSIP, 0);
    check(get(LOAS_BOARD_CLINT_BASE + LOAS_CLINT_REG_MSIP) == 0, "CLINT, MSIP is cleared");
}

static void test_uart(void)
{
    uart_put(LOAS_UART_REG_SCRATCH, 0x5A);
    check(uart_get(LOAS_UART_REG_SCRATCH) == 0x5A, "UART, the scratch register keeps a byte");
    check((uart_get(LOAS_UART_REG_LINE_STATUS) & 0x61) == 0x60, "UART, has room and has received nothing");
    uart_put(LOAS_UART_REG_LINE_CONTROL, 0x83);
    uart_put(LOAS_UART_REG_DATA, 0x12);
    check(uart_get(LOAS_UART_REG_DATA) == 0x12, "UART, the divisor is behind the data");
    uart_put(LOAS_UART_REG_LINE_CONTROL, 0x03);
    check(uart_get(LOAS_UART_REG_IRQ_ENABLE) == 0, "UART, no interrupt is enabled");
    check((uart_get(LOAS_UART_REG_IRQ_ID) & 0xF) == 1, "UART, and none is there");
}

static void test_plic(void)
{
    const uint64_t plic = LOAS_BOARD_PLIC_BASE;
    const uint64_t priority = plic + LOAS_PLIC_REG_PRIORITY + 4 * LOAS_BOARD_UART_INTERRUPT;
    uint32_t input = 0;
    check(get(priority) == 1, "PLIC, start-up code has set priority 1");
    check(get(plic + LOAS_PLIC_REG_THRESHOLD) == 0, "PLIC, threshold 0");
    (void)loas_interrupts_claim(machine, plic, &input);
    check(input == 0, "PLIC, nothing to claim");

    /* nothing is printed while the UART interrupts, which would change what is looked at */
    uint32_t pending = 0, masked = 1, claimed = 0, left = 1, after = 1;
    uart_put(LOAS_UART_REG_IRQ_ENABLE, LOAS_UART_IRQ_SENT); /* there is room, so it interrupts */
    (void)loas_interrupts_pending(machine, plic, 0, &pending);
    (void)loas_interrupts_claim(machine, plic, &masked);
    (void)loas_interrupts_enable(machine, plic, 0, UART_BIT);
    (void)loas_interrupts_claim(machine, plic, &claimed);
    (void)loas_interrupts_pending(machine, plic, 0, &left);
    const uint8_t why = uart_get(LOAS_UART_REG_IRQ_ID);
    uart_put(LOAS_UART_REG_IRQ_ENABLE, 0);
    (void)loas_interrupts_complete(machine, plic, LOAS_BOARD_UART_INTERRUPT);
    (void)loas_interrupts_claim(machine, plic, &after);
    check(pending == UART_BIT, "PLIC, the UART's request is pending");
    check(masked == 0, "PLIC, not enabled, not to be claimed");
    check(claimed == LOAS_BOARD_UART_INTERRUPT, "PLIC, claimed");
    check(left == 0, "PLIC, no longer pending");
    check((why & 0xF) == 2, "UART, its interrupt is `room to send`");
    check(after == 0, "PLIC, completed, and nothing new");
}

static void on_uart(void* context, uint32_t input)
{
    (void)context;
    uart_interrupts = uart_interrupts + (input == LOAS_BOARD_UART_INTERRUPT ? 1 : 100);
    uart_put(LOAS_UART_REG_IRQ_ENABLE, 0);
}

static void test_handler(void)
{
    (void)machine->set_handler(machine->context, LOAS_BOARD_UART_INTERRUPT, on_uart, NULL);
    uart_put(LOAS_UART_REG_IRQ_ENABLE, LOAS_UART_IRQ_SENT);
    const int result = machine->wait_interrupt(machine->context, 1000000);
    check(result == LOAS_OK && uart_interrupts == 1, "a handler is called once");
    (void)machine->set_handler(machine->context, LOAS_BOARD_UART_INTERRUPT, NULL, NULL);
    check(machine->wait_interrupt(machine->context, 1000) == LOAS_E_TIMEOUT, "and then there is peace");
    (void)loas_interrupts_enable(machine, LOAS_BOARD_PLIC_BASE, 0, 0);
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    (void)argc, (void)argv;
    machine = hal;
    test_timer();
    test_uart();
    test_plic();
    test_handler();
    loas_print(hal, "%u failures\n", failures);
    return failures == 0 ? 0 : 1;
}
