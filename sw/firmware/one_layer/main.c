/* One layer, waited for by polling: the shortest way to a result. */
#include "abi/loas_board.h"
#include "driver/loas_console.h"
#include "driver/loas_driver.h"
#include "hal/loas_main.h"
#include "runtime/loas_runtime.h"

/* Bit t of a word is the spike at timestep t: 2 rows of 4 inputs, 3 neurons, 4 timesteps. */
static const uint16_t spikes_in[2 * 4] = {0xF, 0x0, 0x5, 0x1, 0x0, 0x3, 0x0, 0x8};
static const int8_t weights[3 * 4] = {5, 0, 0, -2, 0, 7, 0, 0, 3, 0, 4, 0};

static const struct loas_hal* machine;

/* Says what went wrong. True: all is well. */
static bool good(int result, const char* what)
{
    if (result != LOAS_OK) {
        loas_print(machine, "%s: %s\n", what, loas_result_text(result));
    }
    return result == LOAS_OK;
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    struct loas_device dev;
    struct loas_spike_tensor input = {0};
    struct loas_layer layer = {.config = loas_layer_config_default(2, 1, 4, 3, 4), .weights = weights};
    struct loas_descriptor descriptor;
    struct loas_completion record;
    uint32_t ticket;
    uint16_t spikes_out[2 * 3];
    uint8_t memory[512]; /* for packing */
    const struct loas_scratch scratch = {memory, sizeof memory};
    (void)argc, (void)argv;
    machine = hal;
    layer.config.threshold = 4;

    if (!good(loas_device_probe(&dev, hal, LOAS_BOARD_ACCELERATOR_BASE), "probe") ||
        !good(loas_queue_open(&dev, 8), "open the queue") ||
        !good(loas_spike_tensor_create(&dev, &input, 2, 1, 4, 4), "create the input") ||
        !good(loas_spike_tensor_write(&dev, &input, spikes_in, scratch), "write the input") ||
        !good(loas_layer_load(&dev, &layer, scratch), "load the layer")) {
        return 1;
    }
    loas_layer_descriptor(&layer, input.address, 7, &descriptor);
    if (!good(loas_submit(&dev, &descriptor, &ticket), "submit") ||
        !good(loas_wait(&dev, ticket, LOAS_WAIT_POLL, 1000000, &record), "wait") ||
        !good(loas_spike_tensor_read(&dev, &layer.output, spikes_out, scratch), "read the output")) {
        return 1;
    }
    loas_print(hal, "record %u of cookie %u: %s\n", record.sequence, record.cookie, loas_status_text(record.status));
    for (int row = 0; row < 2; row++) {
        loas_print(hal, "row %d: %x %x %x\n", row, spikes_out[3 * row], spikes_out[3 * row + 1],
                   spikes_out[3 * row + 2]);
    }
    return good(loas_queue_close(&dev), "close the queue") ? 0 : 1;
}
