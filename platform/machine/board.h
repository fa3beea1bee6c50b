// The board: which devices there are, and where. The machine is wired from these rows; the C header, the tables of the
// documents and the test that goes over every register come from them, too (see sw/abi/README.md).
#pragma once

#include "abi/loas_abi.h"
#include "models/control/ring_registers.h"
#include "models/devices/interrupt_controller.h"

#include <cstdint>

namespace loas::machine
{

struct board_device {
    const char* name; ///< in C after LOAS_BOARD_, in capitals
    std::uint64_t base;
    std::uint64_t size_bytes;                     ///< 0: the scenario says it
    int interrupt;                                ///< its first input at the interrupt controller; -1: none
    const char* compatible;                       ///< as a device tree names it
    const char* what;                             ///< in the tables of documents, which are Markdown
    const kernel::register_table& (*registers)(); ///< nullptr: it has none
};

namespace board
{

inline constexpr board_device interrupt_controller{
    "interrupt_controller",
    0x0C000000,
    0x1000,
    -1,
    "loas,interrupt-controller",
    "interrupt controller ([registers](sw/abi/README.md))",
    devices::interrupt_controller_registers,
};
/// A block of registers and an interrupt for each ring.
inline constexpr board_device accelerator{
    "accelerator",
    0x10000000,
    LOAS_MAX_RINGS* std::uint64_t{LOAS_REGISTER_BLOCK_BYTES},
    0,
    "loas,accelerator",
    "accelerator registers, a block a ring ([contract](sw/abi/README.md))",
    control::ring_registers,
};
inline constexpr board_device ram{"ram", 0x80000000, 0, -1, "memory", "RAM, memory.ram_mib", nullptr};

inline constexpr const board_device* devices[] = {&interrupt_controller, &accelerator, &ram};

} // namespace board
} // namespace loas::machine
