// A new register is a row here; then update the header and the pages as sw/abi/README.md says.
#include "models/devices/device_registers.h"

namespace loas::devices
{

using kernel::field_row;
using kernel::right;

namespace
{

field_row bit(const char* name, unsigned at, right rights, const char* meaning, std::uint32_t reset = 0)
{
    return {name, at, 1, rights, reset, meaning};
}

} // namespace

const kernel::register_table& finisher_registers()
{
    static const kernel::register_table table{
        "finisher",
        "LOAS_FINISHER_REG_",
        0x1000,
        {{0x0,
          "END",
          {{"WHY", 0, 16, right::wo, 0, "0x5555: it passed; 0x3333: it failed; other values do nothing"},
           {"CODE", 16, 16, right::wo, 0, "the exit code of a program that failed; 0 counts as 1"}},
          "ends the program",
          kernel::plain,
          "LOAS_FINISHER_"}},
    };
    return table;
}

const kernel::register_table& clint_registers()
{
    const right ro = right::ro, rw = right::rw;
    static const kernel::register_table table{
        "core-local interruptor",
        "LOAS_CLINT_REG_",
        0x10000,
        {{0x0000,
          "MSIP",
          {bit("PENDING", 0, rw, "the hart's software interrupt")},
          "interrupts the hart",
          kernel::plain,
          "LOAS_CLINT_MSIP_"},
         {0x4000,
          "MTIMECMP",
          {{"", 0, 32, rw, ~0U, ""}},
          "64 bits: the hart's timer interrupt is active while MTIME is not below it",
          kernel::plain,
          nullptr,
          nullptr,
          2},
         {0xBFF8,
          "MTIME",
          {{"", 0, 32, ro, 0, ""}},
          "64 bits: ticks of 100 ns since the start",
          kernel::changes,
          nullptr,
          nullptr,
          2}},
        4,
        true};
    return table;
}

const kernel::register_table& plic_registers()
{
    const right ro = right::ro, rw = right::rw, wo = right::wo;
    static const kernel::register_table table{
        "platform-level interrupt controller",
        "LOAS_PLIC_REG_",
        0x600000,
        {{0x000000,
          "PRIORITY",
          {{"", 0, 3, rw, 0, ""}},
          "of an input, 4 bytes apart, input 0 is none; 0: it never interrupts",
          kernel::plain,
          nullptr,
          nullptr,
          plic_inputs},
         {0x001000,
          "PENDING",
          {{"", 0, 32, ro, 0, ""}},
          "bit i of word w: input 32 w + i waits for a claim",
          kernel::changes,
          nullptr,
          nullptr,
          plic_inputs / 32},
         {0x002000,
          "ENABLE",
          {{"", 0, 32, rw, 0, ""}},
          "the same bits: the input may interrupt the hart",
          kernel::plain,
          nullptr,
          nullptr,
          plic_inputs / 32},
         {0x200000, "THRESHOLD", {{"", 0, 3, rw, 0, ""}}, "only priorities above it interrupt"},
         {0x200004,
          "CLAIM",
          {{"", 0, 32, wo, 0, ""}},
          "read: the enabled pending input of highest priority, of these the lowest, 0: none; written with it: dealt "
          "with",
          kernel::changes,
          nullptr,
          "claims: the input is no longer pending, and not again before it is dealt with"}}};
    return table;
}

const kernel::register_table& uart_registers()
{
    const right ro = right::ro, rw = right::rw, wo = right::wo;
    static const kernel::register_table table{
        "UART",
        "LOAS_UART_REG_",
        0x100,
        {{0x0,
          "DATA",
          {{"", 0, 8, wo, 0, ""}},
          "read: the oldest byte received; written: a byte to send. With LINE_CONTROL_DIVISOR: divisor, lower half",
          kernel::changes,
          nullptr,
          "takes the byte"},
         {0x1,
          "IRQ_ENABLE",
          {bit("RECEIVED", 0, rw, "interrupt while a byte received waits"),
           bit("SENT", 1, rw, "interrupt when there is room to send")},
          "with LINE_CONTROL_DIVISOR: divisor, upper half",
          kernel::plain,
          "LOAS_UART_IRQ_"},
         {0x2,
          "IRQ_ID",
          {{"", 0, 8, wo, 1, ""}},
          "read: 1 no interrupt, 2 room to send, 4 byte received, 0xC0 more with FIFOs; written: bit 0 FIFOs on, bit 1 "
          "empties that of bytes received",
          kernel::changes,
          nullptr,
          "ends the interrupt `room to send` if it shows that"},
         {0x3,
          "LINE_CONTROL",
          {{"FORMAT", 0, 7, rw, 0, "kept, means nothing here: a byte is a byte"},
           bit("DIVISOR", 7, rw, "the first two registers are the divisor, which is kept and means nothing")},
          "format of bytes on the line",
          kernel::plain,
          "LOAS_UART_LINE_CONTROL_"},
         {0x4, "MODEM_CONTROL", {{"", 0, 5, rw, 0, ""}}, "kept, means nothing here"},
         {0x5,
          "LINE_STATUS",
          {bit("RECEIVED", 0, ro, "a byte received waits"), bit("ROOM", 5, ro, "there is room to send", 1),
           bit("EMPTY", 6, ro, "all has been sent", 1)},
          "what can be done",
          kernel::changes,
          "LOAS_UART_LINE_STATUS_"},
         {0x6, "MODEM_STATUS", {{"", 0, 8, ro, 0xB0, ""}}, "carrier, ready and clear to send"},
         {0x7, "SCRATCH", {{"", 0, 8, rw, 0, ""}}, "kept for software"}},
        1};
    return table;
}

const kernel::register_table& watchdog_registers()
{
    const right ro = right::ro, rw = right::rw, wo = right::wo, w1c = right::w1c;
    static const kernel::register_table table{
        "watchdog",
        "LOAS_WATCHDOG_REG_",
        0x1000,
        {{0x00,
          "CONTROL",
          {bit("ENABLE", 0, rw, "it counts while set")},
          "starts and stops it; each start counts from the whole time-out",
          kernel::plain,
          "LOAS_WATCHDOG_"},
         {0x04,
          "TIMEOUT_US",
          {{"", 0, 32, rw, 1000, ""}},
          "time-out in microseconds, from the next start or restart on; 0 counts as 1"},
         {0x08, "RESTART", {{"", 0, 32, wo, 0, ""}}, "any value written: the time-out begins anew"},
         {0x0C,
          "STATUS",
          {bit("EXPIRED", 0, w1c, "the time-out has passed; it interrupts while this is set")},
          "a time-out that passes while EXPIRED is set ends the program",
          kernel::changes,
          "LOAS_WATCHDOG_"},
         {0x10,
          "LEFT_US",
          {{"", 0, 32, ro, 0, ""}},
          "microseconds until the time-out; 0 while stopped",
          kernel::changes}}};
    return table;
}

} // namespace loas::devices
