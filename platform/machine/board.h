// The board: which devices there are, and where. The machine is wired from these rows; the C header, the tables of the
// documents, the device tree, the register views and the test that goes over every register come from them, too (see
// sw/abi/README.md). A superset of QEMU's `virt`: firmware for that board finds what it looks for.
#pragma once

#include "abi/loas_abi.h"
#include "models/control/ring_registers.h"
#include "models/devices/device_registers.h"

#include <cstdint>

namespace loas::machine
{

struct board_device {
    const char* name; ///< in C after LOAS_BOARD_, in capitals
    std::uint64_t base;
    std::uint64_t size_bytes;                     ///< 0: the scenario says it
    int interrupt;                                ///< its first input at the PLIC; -1: none
    const char* compatible;                       ///< as a device tree names it; words of several apart by a blank
    const char* what;                             ///< in the tables of documents, which are Markdown
    const kernel::register_table& (*registers)(); ///< nullptr: it has none
};

namespace board
{

inline constexpr board_device boot_rom{
    "boot_rom", 0x1000, 0xF000, -1, "mtd-rom", "boot ROM with the device tree", nullptr,
};
inline constexpr board_device finisher{
    "finisher",
    0x100000,
    0x1000,
    -1,
    "sifive,test1 sifive,test0 syscon",
    "ends the program",
    devices::finisher_registers,
};
inline constexpr board_device clint{
    "clint",
    0x2000000,
    0x10000,
    -1,
    "sifive,clint0 riscv,clint0",
    "timer and software interrupt of the hart",
    devices::clint_registers,
};
inline constexpr board_device plic{
    "plic", 0xC000000, 0x600000, -1, "sifive,plic-1.0.0 riscv,plic0", "interrupt controller", devices::plic_registers,
};
inline constexpr board_device uart{
    "uart", 0x10000000, 0x100, 10, "ns16550a", "UART, a 16550", devices::uart_registers,
};
inline constexpr board_device watchdog{
    "watchdog", 0x10010000, 0x1000, 13, "loas,watchdog", "watchdog timer", devices::watchdog_registers,
};
inline constexpr board_device dummy{
    "dummy", 0x10020000, 0x10000, -1, "loas,dummy", "dummy target, logs every access", nullptr,
};
/// A block of registers and an interrupt for each ring.
inline constexpr board_device accelerator{
    "accelerator",
    0x40000000,
    LOAS_MAX_RINGS* std::uint64_t{LOAS_REGISTER_BLOCK_BYTES},
    32,
    "loas,accelerator",
    "accelerator, a block of registers and an interrupt a ring ([contract](sw/abi/README.md))",
    control::ring_registers,
};
inline constexpr board_device ram{"ram", 0x80000000, 0, -1, "memory", "RAM, memory.ram_mib", nullptr};

/// In the order of their addresses.
inline constexpr const board_device* devices[] = {&boot_rom, &finisher, &clint,       &plic, &uart,
                                                  &watchdog, &dummy,    &accelerator, &ram};

} // namespace board
} // namespace loas::machine
