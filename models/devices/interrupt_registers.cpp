// The interrupt controller's registers. A new one is a row here; then update the pages as sw/abi/README.md says.
#include "models/devices/interrupt_controller.h"

namespace loas::devices
{

const kernel::register_table& interrupt_controller_registers()
{
    using kernel::right;
    static const kernel::register_table table{
        "interrupt controller",
        "LOAS_INTERRUPTS_REG_",
        0x1000,
        {
            {0x000, "PENDING", {{"", 0, 32, right::ro, 0, ""}}, "a bit an input: its level", kernel::changes},
            {0x004, "ENABLE", {{"", 0, 32, right::rw, 0, ""}}, "a bit an input: it may interrupt the CPU"},
        }};
    return table;
}

} // namespace loas::devices
