// The registers by which software meets one ring of the accelerator. The C header and the page come from here, too.
#pragma once

#include "models/kernel/register_row.h"

namespace loas::control
{

const kernel::register_table& ring_registers();

} // namespace loas::control
