/* The interrupt controller. */
#include "driver/loas_interrupts.h"

#include "abi/loas_interrupts.h"

int loas_interrupts_enable(const struct loas_hal* hal, uint64_t controller_base, uint32_t inputs)
{
    return hal->write32(hal->context, controller_base + LOAS_INTERRUPTS_REG_ENABLE, inputs);
}

int loas_interrupts_pending(const struct loas_hal* hal, uint64_t controller_base, uint32_t* inputs)
{
    return hal->read32(hal->context, controller_base + LOAS_INTERRUPTS_REG_PENDING, inputs);
}
