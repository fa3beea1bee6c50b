/* Inside the driver only: register access. */
#ifndef LOAS_DRIVER_REGISTERS_H
#define LOAS_DRIVER_REGISTERS_H

#include "driver/loas_driver.h"

static inline int loas_register_read(const struct loas_device* dev, uint32_t offset, uint32_t* value)
{
    return dev->hal->read32(dev->hal->context, dev->register_base + offset, value);
}

static inline int loas_register_write(const struct loas_device* dev, uint32_t offset, uint32_t value)
{
    return dev->hal->write32(dev->hal->context, dev->register_base + offset, value);
}

static inline void loas_log_error(const struct loas_hal* hal, const char* text)
{
    if (hal->log) {
        hal->log(hal->context, LOAS_LOG_ERROR, text);
    }
}

static inline void loas_log_warning(const struct loas_hal* hal, const char* text)
{
    if (hal->log) {
        hal->log(hal->context, LOAS_LOG_WARNING, text);
    }
}

#endif
