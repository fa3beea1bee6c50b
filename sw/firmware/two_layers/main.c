/*
 * Two layers in flight: the second reads what the first writes, and both are queued before the first has begun. A
 * handler is called by the interrupt; the program sleeps meanwhile.
 */
#include "abi/loas_board.h"
#include "driver/loas_console.h"
#include "driver/loas_driver.h"
#include "driver/loas_interrupts.h"
#include "hal/loas_main.h"
#include "runtime/loas_runtime.h"

#define ROWS 4
#define INPUTS 64
#define HIDDEN 32
#define OUTPUTS 8
#define TIMESTEPS 4

static uint16_t spikes_in[ROWS * INPUTS];
static int8_t first_weights[HIDDEN * INPUTS];
static int8_t second_weights[OUTPUTS * HIDDEN];
static uint8_t memory[16384];

static const struct loas_hal* machine;
static struct loas_device dev;
static volatile uint32_t records; /* that the handler was told of */
static uint32_t cookies[2];

static bool good(int result, const char* what)
{
    if (result != LOAS_OK) {
        loas_print(machine, "%s: %s\n", what, loas_result_text(result));
    }
    return result == LOAS_OK;
}

static void done(void* context, uint32_t ticket, const struct loas_completion* record)
{
    (void)context, (void)ticket;
    if (records < 2) {
        cookies[records] = record->cookie;
    }
    records = records + 1;
}

/* In the interrupt: short, and it prints nothing. */
static void on_interrupt(void* context, uint32_t input)
{
    (void)context, (void)input;
    (void)loas_interrupt_service(&dev, done, NULL);
}

/* Nine tenths of the weights are 0, and of the inputs two thirds are silent. */
static void draw(void)
{
    uint32_t state = 12345;
    for (unsigned i = 0; i < sizeof spikes_in / sizeof spikes_in[0]; i++) {
        state = state * 1664525u + 1013904223u;
        spikes_in[i] = state >> 30 == 0 ? (uint16_t)(state >> 20 & 0xFu) : 0;
    }
    for (unsigned i = 0; i < sizeof first_weights; i++) {
        state = state * 1664525u + 1013904223u;
        first_weights[i] = (int8_t)(state >> 28 == 0 ? (int)(state >> 20 & 0x7Fu) - 40 : 0);
    }
    for (unsigned i = 0; i < sizeof second_weights; i++) {
        state = state * 1664525u + 1013904223u;
        second_weights[i] = (int8_t)(state >> 29 == 0 ? (int)(state >> 20 & 0x7Fu) - 40 : 0);
    }
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    static struct loas_layer first, second;
    struct loas_spike_tensor input = {0};
    struct loas_descriptor descriptor;
    uint16_t spikes_out[ROWS * OUTPUTS];
    const struct loas_scratch scratch = {memory, sizeof memory};
    (void)argc, (void)argv;
    machine = hal;
    draw();
    first.config = loas_layer_config_default(ROWS, 1, INPUTS, HIDDEN, TIMESTEPS);
    first.weights = first_weights;
    first.config.threshold = 20;
    second.config = loas_layer_config_default(ROWS, 1, HIDDEN, OUTPUTS, TIMESTEPS);
    second.weights = second_weights;
    second.config.threshold = 20;

    if (!good(loas_device_probe(&dev, hal, LOAS_BOARD_ACCELERATOR_BASE), "probe") ||
        !good(loas_queue_open(&dev, 8), "open the queue") ||
        !good(loas_spike_tensor_create(&dev, &input, ROWS, 1, INPUTS, TIMESTEPS), "create the input") ||
        !good(loas_spike_tensor_write(&dev, &input, spikes_in, scratch), "write the input") ||
        !good(loas_layer_load(&dev, &first, scratch), "load the first layer") ||
        !good(loas_layer_load(&dev, &second, scratch), "load the second layer")) {
        return 1;
    }
    /* both are submitted before the input may interrupt: the handler shares dev with this function */
    loas_layer_descriptor(&first, input.address, 1, &descriptor);
    descriptor.flags |= LOAS_FLAG_INTERRUPT;
    if (!good(loas_submit(&dev, &descriptor, NULL), "submit the first layer")) {
        return 1;
    }
    loas_layer_descriptor(&second, first.output.address, 2, &descriptor);
    descriptor.flags |= LOAS_FLAG_INTERRUPT;
    if (!good(loas_submit(&dev, &descriptor, NULL), "submit the second layer")) {
        return 1;
    }
    loas_print(hal, "two layers are queued\n");
    if (!good(hal->set_handler(hal->context, LOAS_BOARD_ACCELERATOR_INTERRUPT, on_interrupt, NULL),
              "set the handler") ||
        !good(loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, 1), "enable it")) {
        return 1;
    }
    while (records < 2) {
        if (!good(hal->wait_interrupt(hal->context, 1000000), "sleep")) {
            return 1;
        }
    }
    loas_print(hal, "the handler was told of cookies %u and %u\n", cookies[0], cookies[1]);

    if (!good(loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, 0), "disable it") ||
        !good(loas_spike_tensor_read(&dev, &second.output, spikes_out, scratch), "read the output")) {
        return 1;
    }
    for (int row = 0; row < ROWS; row++) {
        loas_print(hal, "row %d:", row);
        for (int neuron = 0; neuron < OUTPUTS; neuron++) {
            loas_print(hal, " %x", spikes_out[row * OUTPUTS + neuron]);
        }
        loas_print(hal, "\n");
    }
    return good(loas_queue_close(&dev), "close the queue") ? 0 : 1;
}
