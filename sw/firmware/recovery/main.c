/* A descriptor that fails: what the device says of it, and how the ones behind it run all the same. */
#include "abi/loas_board.h"
#include "driver/loas_console.h"
#include "driver/loas_driver.h"
#include "driver/loas_interrupts.h"
#include "hal/loas_main.h"
#include "runtime/loas_runtime.h"

static const uint16_t spikes_in[2 * 4] = {0xF, 0x0, 0x5, 0x1, 0x0, 0x3, 0x0, 0x8};
static const int8_t weights[3 * 4] = {5, 0, 0, -2, 0, 7, 0, 0, 3, 0, 4, 0};

static const struct loas_hal* machine;

static bool good(int result, const char* what)
{
    if (result != LOAS_OK) {
        loas_print(machine, "%s: %s\n", what, loas_result_text(result));
    }
    return result == LOAS_OK;
}

/* A program may take the driver's messages itself. */
static void log_line(void* context, enum loas_log_level level, const char* text)
{
    (void)context, (void)level;
    loas_print(machine, "the driver says: %s\n", text);
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    struct loas_hal with_log = *hal;
    struct loas_device dev;
    struct loas_spike_tensor input = {0};
    struct loas_layer layer = {.config = loas_layer_config_default(2, 1, 4, 3, 4), .weights = weights};
    struct loas_descriptor descriptor;
    struct loas_completion record;
    uint32_t bad, behind;
    uint16_t spikes_out[2 * 3];
    uint8_t memory[512];
    const struct loas_scratch scratch = {memory, sizeof memory};
    (void)argc, (void)argv;
    machine = hal;
    with_log.log = log_line;
    layer.config.threshold = 4;

    if (!good(loas_device_probe(&dev, &with_log, LOAS_BOARD_ACCELERATOR_BASE), "probe") ||
        !good(loas_queue_open(&dev, 8), "open the queue") ||
        !good(loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, 1), "enable") ||
        !good(loas_spike_tensor_create(&dev, &input, 2, 1, 4, 4), "create the input") ||
        !good(loas_spike_tensor_write(&dev, &input, spikes_in, scratch), "write the input") ||
        !good(loas_layer_load(&dev, &layer, scratch), "load the layer")) {
        return 1;
    }
    loas_layer_descriptor(&layer, input.address, 1, &descriptor);
    descriptor.flags |= LOAS_FLAG_INTERRUPT;
    descriptor.input_address = 64; /* where nothing is */
    if (!good(loas_submit(&dev, &descriptor, &bad), "submit the bad one")) {
        return 1;
    }
    descriptor.cookie = 2;
    descriptor.input_address = input.address;
    if (!good(loas_submit(&dev, &descriptor, &behind), "submit the one behind it")) {
        return 1;
    }

    const int result = loas_wait(&dev, behind, LOAS_WAIT_INTERRUPT, 1000000, &record);
    loas_print(hal, "waiting for cookie 2: %s\n", loas_result_text(result));
    loas_print(hal, "the record is of cookie %u, status %u, address 0x%lx\n", record.cookie, record.status,
               (unsigned long)record.error_address);

    if (!good(loas_recover(&dev), "recover") ||
        !good(loas_wait(&dev, behind, LOAS_WAIT_INTERRUPT, 1000000, &record), "wait again") ||
        !good(loas_spike_tensor_read(&dev, &layer.output, spikes_out, scratch), "read the output")) {
        return 1;
    }
    loas_print(hal, "after the recovery cookie %u: %s\n", record.cookie, loas_status_text(record.status));
    loas_print(hal, "spikes %x %x %x, %x %x %x\n", spikes_out[0], spikes_out[1], spikes_out[2], spikes_out[3],
               spikes_out[4], spikes_out[5]);
    return good(loas_queue_close(&dev), "close the queue") ? 0 : 1;
}
