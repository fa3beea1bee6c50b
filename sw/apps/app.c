/* How each application begins and ends. */
#include "apps/app.h"

#include "abi/loas_board.h"
#include "driver/loas_interrupts.h"

bool loas_app_step(struct loas_app_status* status, int result, const char* call)
{
    *status = (struct loas_app_status){.result = result, .call = call, .layer = LOAS_NO_LAYER};
    return result == LOAS_OK;
}

bool loas_app_waited(struct loas_app_status* status, int result, const char* call, uint32_t layer,
                     const struct loas_completion* completion)
{
    loas_app_step(status, result, call);
    status->layer = layer;
    status->has_completion = true;
    status->completion = *completion;
    return result == LOAS_OK;
}

bool loas_app_open(struct loas_app_status* status, struct loas_device* dev, const struct loas_hal* hal,
                   const struct loas_app_settings* settings)
{
    return loas_app_step(status, loas_device_probe(dev, hal, LOAS_BOARD_ACCELERATOR_BASE), "probe") &&
           loas_app_step(status, loas_queue_open(dev, settings->queue_entries), "open the queue") &&
           loas_app_step(status, loas_interrupts_enable(hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, 1),
                         "enable the interrupt");
}
