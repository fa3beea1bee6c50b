/* The device outside of its queue: probe, counters, error registers. */
#include "driver/loas_driver.h"

#include "driver/registers.h"

static int loas_read_capabilities(struct loas_device* dev)
{
    struct {
        uint32_t offset;
        uint32_t* value;
    } const registers[] = {
        {LOAS_REG_ACCELERATOR, &dev->accelerator},
        {LOAS_REG_FEATURES, &dev->features},
        {LOAS_REG_TILES, &dev->tiles},
        {LOAS_REG_MAX_TIMESTEPS, &dev->max_timesteps},
        {LOAS_REG_CHUNK_BITS, &dev->chunk_bits},
        {LOAS_REG_CLOCK_KHZ, &dev->clock_khz},
    };
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        int result = loas_register_read(dev, registers[i].offset, registers[i].value);
        if (result != LOAS_OK) {
            return result;
        }
    }
    return LOAS_OK;
}

/* Answers LOAS_E_NO_DEVICE on what this driver does not know. */
static int loas_read_formats(struct loas_device* dev)
{
    uint32_t formats = 0;
    if (dev->version_minor >= 1) { /* before there was one format, and no register */
        int result = loas_register_read(dev, LOAS_REG_FORMATS, &formats);
        if (result != LOAS_OK) {
            return result;
        }
    }
    dev->spike_format = formats & LOAS_FORMATS_SPIKES_MASK;
    dev->weight_format = (formats & LOAS_FORMATS_WEIGHTS_MASK) >> LOAS_FORMATS_WEIGHTS_SHIFT;
    dev->needs_work_area = (formats & LOAS_FORMATS_WORK_AREA) != 0;
    const uint32_t known = LOAS_FORMATS_SPIKES_MASK | LOAS_FORMATS_WEIGHTS_MASK | LOAS_FORMATS_WORK_AREA;
    if ((formats & ~known) != 0 || dev->spike_format >= LOAS_SPIKES_COUNT || dev->weight_format >= LOAS_WEIGHTS_COUNT) {
        loas_log_error(dev->hal, "the accelerator uses formats of tensors that this driver does not know");
        return LOAS_E_NO_DEVICE;
    }
    return LOAS_OK;
}

int loas_device_probe(struct loas_device* dev, const struct loas_hal* hal, uint64_t register_base)
{
    uint32_t id = 0;
    uint32_t version = 0;
    if (!dev || !hal) {
        return LOAS_E_ARGUMENT;
    }
    *dev = (struct loas_device){.hal = hal, .register_base = register_base};
    int result = loas_register_read(dev, LOAS_REG_ID, &id);
    if (result != LOAS_OK) {
        return result;
    }
    if (id != LOAS_ID_VALUE) {
        loas_log_error(hal, "no accelerator at this address: wrong identification register");
        return LOAS_E_NO_DEVICE;
    }
    result = loas_register_read(dev, LOAS_REG_VERSION, &version);
    if (result != LOAS_OK) {
        return result;
    }
    if (version >> 16 != LOAS_ABI_MAJOR) {
        loas_log_error(hal, "the accelerator implements another major version of the contract");
        return LOAS_E_VERSION;
    }
    dev->version_minor = version & 0xFFFFu;
    result = loas_read_capabilities(dev);
    if (result != LOAS_OK) {
        return result;
    }
    if (dev->tiles == 0 || dev->chunk_bits == 0 || dev->max_timesteps == 0 || dev->max_timesteps > LOAS_MAX_TIMESTEPS) {
        loas_log_error(hal, "the accelerator's capability registers make no sense");
        return LOAS_E_NO_DEVICE;
    }
    return loas_read_formats(dev);
}

int loas_device_probe_ring(struct loas_device* dev, const struct loas_hal* hal, uint64_t register_base, uint32_t ring)
{
    uint32_t rings = 1;
    int result = loas_device_probe(dev, hal, register_base);
    if (result != LOAS_OK || ring == 0) {
        return result;
    }
    if (dev->version_minor >= 2) { /* before there was one */
        result = loas_register_read(dev, LOAS_REG_RINGS, &rings);
    }
    if (result == LOAS_OK && ring >= rings) {
        result = LOAS_E_ARGUMENT;
    }
    dev->register_base += (uint64_t)ring * LOAS_REGISTER_BLOCK_BYTES;
    return result;
}

int loas_counter_read(struct loas_device* dev, enum loas_counter counter, uint64_t* value)
{
    uint32_t low = 0;
    uint32_t high = 0;
    if ((unsigned)counter >= LOAS_COUNTER_COUNT || !value) {
        return LOAS_E_ARGUMENT;
    }
    const uint32_t offset = LOAS_REG_COUNTERS + 8u * (uint32_t)counter;
    /* low first: that latches the high half */
    int result = loas_register_read(dev, offset, &low);
    if (result == LOAS_OK) {
        result = loas_register_read(dev, offset + 4u, &high);
    }
    if (result == LOAS_OK) {
        *value = (uint64_t)high << 32 | low;
    }
    return result;
}

int loas_error_read(struct loas_device* dev, struct loas_error* error)
{
    uint32_t low = 0;
    uint32_t high = 0;
    if (!error) {
        return LOAS_E_ARGUMENT;
    }
    *error = (struct loas_error){0};
    int result = loas_register_read(dev, LOAS_REG_ERROR_CODE, &error->status);
    if (result == LOAS_OK) {
        result = loas_register_read(dev, LOAS_REG_ERROR_INDEX, &error->index);
    }
    if (result == LOAS_OK) {
        result = loas_register_read(dev, LOAS_REG_ERROR_ADDRESS_LO, &low);
    }
    if (result == LOAS_OK) {
        result = loas_register_read(dev, LOAS_REG_ERROR_ADDRESS_HI, &high);
    }
    error->address = (uint64_t)high << 32 | low;
    return result;
}
