/* One layer on the accelerator, waited for by interrupt; the spikes that it gives are printed. */
#include "abi/loas_board.h"
#include "driver/loas_console.h"
#include "driver/loas_driver.h"
#include "driver/loas_interrupts.h"
#include "hal/loas_main.h"
#include "runtime/loas_runtime.h"

#define ROWS 2
#define INPUTS 4
#define NEURONS 3
#define TIMESTEPS 4

/* Bit t of a word is the spike at timestep t. */
static const uint16_t spikes_in[ROWS * INPUTS] = {0xF, 0x0, 0x5, 0x1, 0x0, 0x3, 0x0, 0x8};
static const int8_t weights[NEURONS * INPUTS] = {5, 0, 0, -2, 0, 7, 0, 0, 3, 0, 4, 0};

static int run(const struct loas_hal* hal, uint16_t* spikes_out, struct loas_completion* completion)
{
    struct loas_device dev;
    struct loas_spike_tensor input = {0};
    struct loas_layer layer = {.config = loas_layer_config_default(ROWS, 1, INPUTS, NEURONS, TIMESTEPS),
                               .weights = weights};
    struct loas_descriptor descriptor;
    uint32_t ticket;
    uint8_t memory[512];
    const struct loas_scratch scratch = {memory, sizeof memory};
    int result;
    layer.config.threshold = 4;

    if ((result = loas_device_probe(&dev, hal, LOAS_BOARD_ACCELERATOR_BASE)) != LOAS_OK ||
        (result = loas_queue_open(&dev, 8)) != LOAS_OK ||
        (result = loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, 1)) != LOAS_OK ||
        (result = loas_spike_tensor_create(&dev, &input, ROWS, 1, INPUTS, TIMESTEPS)) != LOAS_OK ||
        (result = loas_spike_tensor_write(&dev, &input, spikes_in, scratch)) != LOAS_OK ||
        (result = loas_layer_load(&dev, &layer, scratch)) != LOAS_OK) {
        return result;
    }
    loas_layer_descriptor(&layer, input.address, 0, &descriptor);
    descriptor.flags |= LOAS_FLAG_INTERRUPT;
    if ((result = loas_submit(&dev, &descriptor, &ticket)) != LOAS_OK ||
        (result = loas_wait(&dev, ticket, LOAS_WAIT_INTERRUPT, 1000000, completion)) != LOAS_OK) {
        return result;
    }
    return loas_spike_tensor_read(&dev, &layer.output, spikes_out, scratch);
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    uint16_t spikes_out[ROWS * NEURONS];
    struct loas_completion completion;
    (void)argc, (void)argv;
    const int result = run(hal, spikes_out, &completion);
    if (result != LOAS_OK) {
        loas_print(hal, "failed: %s\n", loas_result_text(result));
        return 1;
    }
    for (int row = 0; row < ROWS; row++) {
        for (int neuron = 0; neuron < NEURONS; neuron++) {
            loas_print(hal, "row %d, neuron %d: spikes %x\n", row, neuron, spikes_out[row * NEURONS + neuron]);
        }
    }
    return 0;
}
