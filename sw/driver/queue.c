/* The rings: open, close, reset, submit, wait, recover. */
#include "driver/loas_driver.h"

#include "driver/registers.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "descriptors and records are copied as they are: the host must be little-endian like the contract"
#endif

#define LOAS_RESET_TIMEOUT_NS 10000000u
#define LOAS_PENDING 1 /* inside the driver: neither done nor failed */

/* ---------------------------------------------------------------- start and stop */

static int loas_soft_reset(struct loas_device* dev)
{
    const struct loas_hal* hal = dev->hal;
    const uint64_t start = hal->time_ns(hal->context);
    int result = loas_register_write(dev, LOAS_REG_CONTROL, LOAS_CONTROL_SOFT_RESET);
    while (result == LOAS_OK) {
        uint32_t control = 0;
        uint32_t status = 0;
        /* the clock is read before the registers, so that a late look counts */
        const bool expired = hal->time_ns(hal->context) - start > LOAS_RESET_TIMEOUT_NS;
        result = loas_register_read(dev, LOAS_REG_CONTROL, &control);
        if (result == LOAS_OK) {
            result = loas_register_read(dev, LOAS_REG_STATUS, &status);
        }
        if (result == LOAS_OK && !(control & LOAS_CONTROL_SOFT_RESET) && !(status & LOAS_STATE_BUSY)) {
            return LOAS_OK;
        }
        if (result == LOAS_OK && expired) {
            result = LOAS_E_TIMEOUT;
        }
    }
    return result;
}

/* Records of an earlier life must not look like new ones: sequence 0 is none of the first. */
static int loas_clear_records(struct loas_device* dev)
{
    const struct loas_hal* hal = dev->hal;
    const struct loas_completion blank[8] = {{0}};
    const uint64_t bytes = dev->queue.entries * sizeof blank[0];
    for (uint64_t done = 0; done < bytes; done += sizeof blank) {
        const size_t part = bytes - done < sizeof blank ? (size_t)(bytes - done) : sizeof blank;
        int result = hal->dma_write(hal->context, dev->queue.completion_address + done, blank, part);
        if (result != LOAS_OK) {
            return result;
        }
    }
    hal->dma_sync(hal->context, dev->queue.completion_address, bytes, LOAS_SYNC_TO_DEVICE);
    return LOAS_OK;
}

/* Brings the device from any state to an empty, enabled queue on the rings that are allocated. */
static int loas_queue_start(struct loas_device* dev)
{
    struct loas_queue* queue = &dev->queue;
    const struct {
        uint32_t offset;
        uint32_t value;
    } writes[] = {
        {LOAS_REG_QUEUE_BASE_LO, (uint32_t)queue->ring_address},
        {LOAS_REG_QUEUE_BASE_HI, (uint32_t)(queue->ring_address >> 32)},
        {LOAS_REG_COMPLETION_BASE_LO, (uint32_t)queue->completion_address},
        {LOAS_REG_COMPLETION_BASE_HI, (uint32_t)(queue->completion_address >> 32)},
        {LOAS_REG_QUEUE_SIZE, queue->entries},
        {LOAS_REG_IRQ_ENABLE, LOAS_IRQ_COMPLETION | LOAS_IRQ_ERROR},
        {LOAS_REG_CONTROL, LOAS_CONTROL_ENABLE},
    };
    uint32_t status = 0;
    queue->running = false;
    queue->failed = false;
    queue->tail = 0;
    queue->in_flight = 0;
    queue->remembered = 0;
    queue->last_sequence = 0;
    int result = loas_soft_reset(dev);
    if (result == LOAS_OK) {
        result = loas_clear_records(dev);
    }
    for (size_t i = 0; result == LOAS_OK && i < sizeof writes / sizeof writes[0]; i++) {
        result = loas_register_write(dev, writes[i].offset, writes[i].value);
    }
    if (result == LOAS_OK) {
        result = loas_register_read(dev, LOAS_REG_STATUS, &status);
    }
    if (result == LOAS_OK && (status & LOAS_STATE_HALTED)) {
        loas_log_error(dev->hal, "the device refused the rings");
        result = LOAS_E_DEVICE;
    }
    queue->running = result == LOAS_OK;
    return result;
}

static void loas_queue_free(struct loas_device* dev)
{
    const uint32_t last_ticket = dev->queue.last_ticket;
    dev->hal->dma_free(dev->hal->context, dev->queue.completion_address);
    dev->hal->dma_free(dev->hal->context, dev->queue.ring_address);
    dev->queue = (struct loas_queue){.last_ticket = last_ticket};
}

int loas_queue_open(struct loas_device* dev, uint32_t entries)
{
    const struct loas_hal* hal = dev->hal;
    struct loas_queue* queue = &dev->queue;
    if (queue->open || entries < LOAS_MIN_QUEUE_ENTRIES || entries > LOAS_MAX_QUEUE_ENTRIES ||
        (entries & (entries - 1u)) != 0) {
        return LOAS_E_ARGUMENT;
    }
    int result = hal->dma_alloc(hal->context, (uint64_t)entries * sizeof(struct loas_descriptor),
                                sizeof(struct loas_descriptor), &queue->ring_address);
    if (result != LOAS_OK) {
        return result;
    }
    result = hal->dma_alloc(hal->context, (uint64_t)entries * sizeof(struct loas_completion),
                            sizeof(struct loas_completion), &queue->completion_address);
    if (result != LOAS_OK) {
        hal->dma_free(hal->context, queue->ring_address);
        return result;
    }
    queue->entries = entries;
    result = loas_queue_start(dev);
    if (result != LOAS_OK) {
        /* nothing was submitted, so the device writes no record even if it is enabled by now; still, try to stop it */
        (void)loas_register_write(dev, LOAS_REG_CONTROL, LOAS_CONTROL_SOFT_RESET);
        loas_queue_free(dev);
        return result;
    }
    queue->open = true;
    return LOAS_OK;
}

int loas_queue_close(struct loas_device* dev)
{
    uint32_t status = 0;
    if (!dev->queue.open) {
        return LOAS_OK;
    }
    int result = loas_register_read(dev, LOAS_REG_STATUS, &status);
    if (result == LOAS_OK) {
        result = status == LOAS_STATE_IDLE ? loas_register_write(dev, LOAS_REG_CONTROL, 0) : loas_soft_reset(dev);
    }
    if (result == LOAS_OK) {
        loas_queue_free(dev);
    }
    return result;
}

int loas_reset(struct loas_device* dev)
{
    return dev->queue.open ? loas_queue_start(dev) : loas_soft_reset(dev);
}

/* ---------------------------------------------------------------- completion records */

static uint32_t loas_slot(const struct loas_queue* queue, uint32_t age)
{
    return (queue->tail - 1u - age) & (queue->entries - 1u);
}

/* `age` counts back from the latest submission. */
static int loas_record_read(struct loas_device* dev, uint32_t age, struct loas_completion* record)
{
    const struct loas_hal* hal = dev->hal;
    const uint64_t address = dev->queue.completion_address + loas_slot(&dev->queue, age) * sizeof *record;
    hal->dma_sync(hal->context, address, sizeof *record, LOAS_SYNC_FROM_DEVICE);
    return hal->dma_read(hal->context, record, address, sizeof *record);
}

/* Takes note of every record that has arrived, oldest first, and tells of it. */
static int loas_absorb(struct loas_device* dev, loas_completion_handler* done, void* context)
{
    const struct loas_hal* hal = dev->hal;
    struct loas_queue* queue = &dev->queue;
    while (queue->in_flight > 0) {
        const uint32_t age = queue->in_flight - 1u;
        const uint64_t address = queue->completion_address + loas_slot(queue, age) * sizeof(struct loas_completion) +
                                 offsetof(struct loas_completion, sequence);
        struct loas_completion record;
        uint32_t sequence = 0;
        /* The number alone first: it is written last, so what is read after it is the whole record. */
        hal->dma_sync(hal->context, address, sizeof sequence, LOAS_SYNC_FROM_DEVICE);
        int result = hal->dma_read(hal->context, &sequence, address, sizeof sequence);
        if (result != LOAS_OK || sequence != queue->last_sequence - age) {
            return result;
        }
        result = loas_record_read(dev, age, &record);
        if (result != LOAS_OK) {
            return result;
        }
        queue->in_flight = age;
        if (record.status != LOAS_STATUS_OK) {
            queue->failed = true;
            queue->failure = record;
            loas_log_error(hal, loas_status_text(record.status));
        }
        if (done) {
            done(context, queue->last_ticket - age, &record);
        }
    }
    return LOAS_OK;
}

/* ---------------------------------------------------------------- submit and wait */

int loas_submit(struct loas_device* dev, const struct loas_descriptor* descriptor, uint32_t* ticket)
{
    const struct loas_hal* hal = dev->hal;
    struct loas_queue* queue = &dev->queue;
    int result = LOAS_OK;
    if (!queue->running || !descriptor) {
        return LOAS_E_ARGUMENT;
    }
    if (queue->in_flight == queue->entries - 1u) {
        result = loas_absorb(dev, NULL, NULL);
        if (result != LOAS_OK) {
            return result;
        }
        if (queue->in_flight == queue->entries - 1u) {
            return LOAS_E_QUEUE_FULL;
        }
    }
    const uint64_t address = queue->ring_address + queue->tail * sizeof *descriptor;
    const uint32_t next = (queue->tail + 1u) & (queue->entries - 1u);
    result = hal->dma_write(hal->context, address, descriptor, sizeof *descriptor);
    if (result != LOAS_OK) {
        return result;
    }
    hal->dma_sync(hal->context, address, sizeof *descriptor, LOAS_SYNC_TO_DEVICE);
    result = loas_register_write(dev, LOAS_REG_QUEUE_TAIL, next);
    if (result != LOAS_OK) {
        return result;
    }
    queue->tail = next;
    queue->in_flight++;
    queue->remembered += queue->remembered < queue->entries ? 1u : 0u;
    queue->last_ticket++;
    queue->last_sequence++;
    if (ticket) {
        *ticket = queue->last_ticket;
    }
    return LOAS_OK;
}

/* The device halted without a record: says why with the error registers. */
static int loas_failure_from_registers(struct loas_device* dev, struct loas_completion* record)
{
    struct loas_error error;
    int result = loas_error_read(dev, &error);
    if (result == LOAS_OK) {
        *record = (struct loas_completion){
            .status = (uint16_t)error.status, .index = (uint16_t)error.index, .error_address = error.address};
        loas_log_error(dev->hal, loas_status_text(error.status));
        result = LOAS_E_DEVICE;
    }
    return result;
}

/* To be cleared before the records are read: one that arrives in between raises the line again, none is missed. */
static int loas_clear_interrupt(struct loas_device* dev)
{
    uint32_t pending = 0;
    int result = loas_register_read(dev, LOAS_REG_IRQ_STATUS, &pending);
    if (result == LOAS_OK && pending != 0) {
        result = loas_register_write(dev, LOAS_REG_IRQ_STATUS, pending);
    }
    return result;
}

/* LOAS_OK: there is news to look at. LOAS_E_TIMEOUT: time to look a last time. */
static int loas_await_interrupt(struct loas_device* dev, uint64_t timeout_ns)
{
    const int result = dev->hal->wait_interrupt(dev->hal->context, timeout_ns);
    return result == LOAS_OK ? loas_clear_interrupt(dev) : result;
}

int loas_interrupt_service(struct loas_device* dev, loas_completion_handler* done, void* context)
{
    const int result = loas_clear_interrupt(dev);
    return result == LOAS_OK ? loas_absorb(dev, done, context) : result;
}

/*
 * One look at a ticket: done, failed or LOAS_PENDING. `*halted` stays with the caller from look to look: once the
 * device is halted its last record has been written, so the look after that finds it, or there is none.
 */
static int loas_look(struct loas_device* dev, uint32_t age, bool* halted, struct loas_completion* record)
{
    struct loas_queue* queue = &dev->queue;
    uint32_t status = 0;
    int result = loas_absorb(dev, NULL, NULL);
    if (result != LOAS_OK) {
        return result;
    }
    if (queue->in_flight <= age) {
        result = loas_record_read(dev, age, record);
        return result == LOAS_OK && record->status != LOAS_STATUS_OK ? LOAS_E_DEVICE : result;
    }
    if (queue->failed) {
        *record = queue->failure;
        return LOAS_E_DEVICE;
    }
    if (*halted) {
        return loas_failure_from_registers(dev, record);
    }
    /* this read also lets time pass for a polling CPU */
    result = loas_register_read(dev, LOAS_REG_STATUS, &status);
    *halted = (status & LOAS_STATE_HALTED) != 0;
    return result == LOAS_OK ? LOAS_PENDING : result;
}

int loas_wait(struct loas_device* dev, uint32_t ticket, enum loas_wait_mode mode, uint64_t timeout_ns,
              struct loas_completion* out)
{
    const struct loas_hal* hal = dev->hal;
    const uint32_t age = dev->queue.last_ticket - ticket;
    struct loas_completion record = {0};
    bool halted = false;
    bool last_look = false;
    bool slept_through = false; /* a wait for an interrupt has ended by its time-out */
    int result = LOAS_PENDING;
    if (!dev->queue.running || age >= dev->queue.remembered) {
        return LOAS_E_ARGUMENT;
    }
    const uint64_t start = hal->time_ns(hal->context);
    while (result == LOAS_PENDING) {
        /* the clock is read before the records, so that a late look counts */
        const uint64_t elapsed = hal->time_ns(hal->context) - start;
        last_look = last_look || elapsed >= timeout_ns;
        result = loas_look(dev, age, &halted, &record);
        if (result != LOAS_PENDING || halted) {
            continue;
        }
        if (last_look) {
            result = LOAS_E_TIMEOUT;
        } else if (mode == LOAS_WAIT_INTERRUPT) {
            result = loas_await_interrupt(dev, timeout_ns - elapsed);
            slept_through = last_look = result == LOAS_E_TIMEOUT;
            result = result == LOAS_OK || last_look ? LOAS_PENDING : result;
        }
    }
    if (result == LOAS_OK && slept_through) {
        loas_log_warning(hal, "the record was there, but no interrupt came: it ended a wait only at its time-out");
    }
    if (out && (result == LOAS_OK || result == LOAS_E_DEVICE)) {
        *out = record;
    }
    return result;
}

int loas_recover(struct loas_device* dev)
{
    struct loas_queue* queue = &dev->queue;
    uint32_t status = 0;
    if (!queue->running) {
        return LOAS_E_ARGUMENT;
    }
    int result = loas_register_read(dev, LOAS_REG_STATUS, &status);
    /* The failed record is in memory a moment before the halt: the device is still busy with it then. */
    while (result == LOAS_OK && queue->failed && (status & (LOAS_STATE_HALTED | LOAS_STATE_BUSY)) == LOAS_STATE_BUSY) {
        result = loas_register_read(dev, LOAS_REG_STATUS, &status);
    }
    if (result == LOAS_OK && (status & LOAS_STATE_HALTED)) {
        /* The failed record is noted now; found after the halt it would look like a new failure. */
        result = loas_absorb(dev, NULL, NULL);
        if (result == LOAS_OK) {
            result = loas_register_write(dev, LOAS_REG_IRQ_STATUS, LOAS_IRQ_ERROR);
        }
        if (result == LOAS_OK) {
            result = loas_register_write(dev, LOAS_REG_CONTROL, LOAS_CONTROL_ENABLE | LOAS_CONTROL_RESUME);
        }
    }
    if (result == LOAS_OK) {
        queue->failed = false;
    }
    return result;
}
