/* Classifies images with a network. */
#include "apps/app.h"

static bool loas_classify_image(struct loas_device* dev, const struct loas_classify_job* job, uint64_t image,
                                struct loas_app_status* status)
{
    struct loas_network* net = job->net;
    const struct loas_layer_config* input = &net->encoder->config;
    const uint64_t image_values = (uint64_t)input->in_height * input->in_width * input->in_channels;
    const uint64_t classes = net->layers[net->layer_count - 1u].config.out_channels;
    const int result = loas_network_run(dev, net, job->images + image * image_values, job->settings.wait_mode,
                                        job->settings.timeout_ns);
    return loas_app_waited(status, result, "run the network", net->failed_layer, &net->completion) &&
           loas_app_step(status, loas_network_fetch(dev, net, job->scores + image * classes), "fetch the scores");
}

int loas_classify(const struct loas_hal* hal, const struct loas_classify_job* job, struct loas_app_status* status)
{
    struct loas_device dev;
    if (!loas_app_open(status, &dev, hal, &job->settings) ||
        !loas_app_step(status, loas_network_load(&dev, job->net), "load the network")) {
        return status->result;
    }
    for (uint64_t image = 0; image < job->image_count; image++) {
        if (!loas_classify_image(&dev, job, image, status)) {
            return status->result;
        }
        job->done(job->context, image + 1u);
    }
    if (loas_app_step(status, loas_queue_close(&dev), "close the queue")) {
        loas_network_unload(&dev, job->net);
    }
    return status->result;
}
