/* Classifies all images of a network that is linked in, waiting by interrupt. */
#include "abi/loas_board.h"
#include "driver/loas_console.h"
#include "driver/loas_driver.h"
#include "driver/loas_interrupts.h"
#include "hal/loas_main.h"
#include "runtime/loas_network_data.h"

#define MOST_CLASSES 64u

static const struct loas_hal* machine;

static bool good(int result, const char* what)
{
    if (result != LOAS_OK) {
        loas_print(machine, "%s: %s\n", what, loas_result_text(result));
    }
    return result == LOAS_OK;
}

/* The class of the highest score, of equal ones the first. */
static int32_t best(const int64_t* scores)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i < loas_data_classes; i++) {
        at = scores[i] > scores[at] ? i : at;
    }
    return (int32_t)at;
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    struct loas_device dev;
    struct loas_network* net = &loas_data_network;
    int64_t scores[MOST_CLASSES];
    uint32_t right = 0;
    (void)argc, (void)argv;
    machine = hal;
    if (loas_data_classes > MOST_CLASSES || !loas_data_labels ||
        !good(loas_device_probe(&dev, hal, LOAS_BOARD_ACCELERATOR_BASE), "probe") ||
        !good(loas_queue_open(&dev, 16), "open the queue") ||
        !good(loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, 1), "enable") ||
        !good(loas_network_load(&dev, net), "load the network")) {
        return 1;
    }
    for (uint32_t image = 0; image < loas_data_images; image++) {
        if (!good(loas_network_run(&dev, net, loas_data_image(image), LOAS_WAIT_INTERRUPT, 100000000), "run") ||
            !good(loas_network_fetch(&dev, net, scores), "fetch the scores")) {
            return 1;
        }
        if (best(scores) == loas_data_labels[image]) {
            right++;
        } else {
            loas_print(hal, "image %u: is %d, taken for %d\n", image, loas_data_labels[image], best(scores));
        }
    }
    loas_print(hal, "%u of %u images are right\n", right, loas_data_images);
    if (!good(loas_queue_close(&dev), "close the queue")) {
        return 1;
    }
    loas_network_unload(&dev, net);
    return 0;
}
