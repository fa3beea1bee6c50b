// A program for the native CPU whose exception nobody catches.
#include "abi/loas_board.h"
#include "abi/loas_devices.h"
#include "hal/loas_main.h"

#include <stdexcept>
#include <string>

namespace
{

void throws(void*, uint32_t)
{
    throw std::runtime_error("nobody catches me");
}

void let_the_watchdog_interrupt(const loas_hal& hal)
{
    const uint32_t input = LOAS_BOARD_WATCHDOG_INTERRUPT;
    hal.write32(hal.context, LOAS_BOARD_PLIC_BASE + LOAS_PLIC_REG_PRIORITY + 4 * input, 1);
    hal.write32(hal.context, LOAS_BOARD_PLIC_BASE + LOAS_PLIC_REG_ENABLE + input / 32 * 4, 1U << input % 32);
    hal.set_handler(hal.context, input, throws, nullptr);
    hal.write32(hal.context, LOAS_BOARD_WATCHDOG_BASE + LOAS_WATCHDOG_REG_CONTROL, LOAS_WATCHDOG_ENABLE);
    hal.wait_interrupt(hal.context, UINT64_MAX);
}

} // namespace

int loas_main(const loas_hal* hal, int argc, char** argv)
{
    if (argc > 1 && std::string(argv[1]) == "handler")
        let_the_watchdog_interrupt(*hal);
    if (argc > 1)
        throw argc;
    throw std::runtime_error("nobody catches me");
}
