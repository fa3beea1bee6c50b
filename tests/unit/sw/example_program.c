#include "abi/loas_board.h"
#include "driver/loas_driver.h"
#include "driver/loas_interrupts.h"
#include "runtime/loas_runtime.h"

/* One layer: 2 rows of 4 inputs, 3 neurons, 4 timesteps. Answers LOAS_OK and the spike words of rows x neurons. */
int example_program(const struct loas_hal* hal, uint16_t words_out[2 * 3])
{
    static const uint16_t words_in[2 * 4] = {0xF, 0x0, 0x5, 0x1, 0x0, 0x3, 0x0, 0x8};
    static const int8_t weights[3 * 4] = {5, 0, 0, -2, 0, 7, 0, 0, 3, 0, 4, 0};
    struct loas_device dev;
    struct loas_spike_tensor input = {0};
    struct loas_layer layer = {.config = loas_layer_config_default(2, 1, 4, 3, 4), .weights = weights};
    struct loas_descriptor descriptor;
    struct loas_completion completion;
    uint32_t ticket;
    uint8_t memory[512];
    const struct loas_scratch scratch = {memory, sizeof memory};
    layer.config.threshold = 4;

    int result = loas_device_probe(&dev, hal, LOAS_BOARD_ACCELERATOR_BASE);
    if (result != LOAS_OK) {
        return result;
    }
    result = loas_queue_open(&dev, 8);
    if (result != LOAS_OK) {
        return result;
    }
    /* without this the accelerator's interrupt does not reach the CPU */
    result = loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, 1);
    if (result == LOAS_OK) {
        result = loas_spike_tensor_create(&dev, &input, 2, 1, 4, 4);
    }
    if (result == LOAS_OK) {
        result = loas_spike_tensor_write(&dev, &input, words_in, scratch);
    }
    if (result == LOAS_OK) {
        result = loas_layer_load(&dev, &layer, scratch);
    }
    if (result == LOAS_OK) {
        loas_layer_descriptor(&layer, input.address, 0, &descriptor);
        descriptor.flags |= LOAS_FLAG_INTERRUPT;
        result = loas_submit(&dev, &descriptor, &ticket);
    }
    if (result == LOAS_OK) {
        result = loas_wait(&dev, ticket, LOAS_WAIT_INTERRUPT, 1000000, &completion);
    }
    if (result == LOAS_OK) {
        result = loas_spike_tensor_read(&dev, &layer.output, words_out, scratch);
    }
    /* first stop the device, then free what it may have been using */
    const int closed = loas_queue_close(&dev);
    if (closed == LOAS_OK) {
        loas_layer_unload(&dev, &layer);
        loas_spike_tensor_destroy(&dev, &input);
    }
    return result != LOAS_OK ? result : closed;
}
