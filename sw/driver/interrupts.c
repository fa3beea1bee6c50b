/* The interrupt controller. */
#include "driver/loas_interrupts.h"

#include "abi/loas_devices.h"

int loas_interrupts_start(const struct loas_hal* hal, uint64_t controller_base, uint32_t inputs)
{
    int result = hal->write32(hal->context, controller_base + LOAS_PLIC_REG_THRESHOLD, 0);
    for (uint32_t first = 0; result == LOAS_OK && first < inputs; first += 32) {
        result = loas_interrupts_enable(hal, controller_base, first, 0);
    }
    for (uint32_t input = 1; result == LOAS_OK && input < inputs; input++) {
        result = hal->write32(hal->context, controller_base + LOAS_PLIC_REG_PRIORITY + 4 * input, 1);
    }
    return result;
}

int loas_interrupts_enable(const struct loas_hal* hal, uint64_t controller_base, uint32_t first, uint32_t bits)
{
    return hal->write32(hal->context, controller_base + LOAS_PLIC_REG_ENABLE + first / 8, bits);
}

int loas_interrupts_pending(const struct loas_hal* hal, uint64_t controller_base, uint32_t first, uint32_t* bits)
{
    return hal->read32(hal->context, controller_base + LOAS_PLIC_REG_PENDING + first / 8, bits);
}

int loas_interrupts_claim(const struct loas_hal* hal, uint64_t controller_base, uint32_t* input)
{
    return hal->read32(hal->context, controller_base + LOAS_PLIC_REG_CLAIM, input);
}

int loas_interrupts_complete(const struct loas_hal* hal, uint64_t controller_base, uint32_t input)
{
    return hal->write32(hal->context, controller_base + LOAS_PLIC_REG_CLAIM, input);
}
