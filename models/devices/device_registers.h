// The registers of the board's devices. The pages, the C header and the register views come from them, too.
#pragma once

#include "models/kernel/register_row.h"

namespace loas::devices
{

inline constexpr unsigned plic_inputs = 64; ///< input 0 is none

const kernel::register_table& finisher_registers();
const kernel::register_table& clint_registers();
const kernel::register_table& plic_registers();
const kernel::register_table& uart_registers();
const kernel::register_table& watchdog_registers();

} // namespace loas::devices
