/* Classifies images with a network. */
#include "apps/app.h"

static int loas_classify_run(struct loas_device* dev, const struct loas_classify_job* job,
                             const struct loas_classify_image* image)
{
    const enum loas_wait_mode mode = job->settings.wait_mode;
    if (image->words) {
        return loas_network_run_spikes(dev, job->net, image->words, mode, job->settings.timeout_ns);
    }
    return image->over_time ? loas_network_run_frames(dev, job->net, image->values, mode, job->settings.timeout_ns)
                            : loas_network_run(dev, job->net, image->values, mode, job->settings.timeout_ns);
}

static bool loas_classify_one(struct loas_device* dev, const struct loas_classify_job* job, uint64_t index,
                              struct loas_app_status* status)
{
    struct loas_network* net = job->net;
    struct loas_classify_image image = {0};
    if (!loas_app_step(status, job->image(job->context, index, &image), "take the image")) {
        return false;
    }
    const int result = loas_classify_run(dev, job, &image);
    int64_t* scores = job->scores + index * loas_network_scores(net);
    return loas_app_waited(status, result, "run the network", net->failed_layer, &net->completion) &&
           loas_app_step(status, loas_network_fetch(dev, net, scores), "fetch the scores");
}

int loas_classify(const struct loas_hal* hal, const struct loas_classify_job* job, struct loas_app_status* status)
{
    struct loas_device dev;
    if (!loas_app_open(status, &dev, hal, &job->settings) ||
        !loas_app_step(status, loas_network_load(&dev, job->net), "load the network")) {
        return status->result;
    }
    for (uint64_t image = 0; image < job->image_count; image++) {
        if (!loas_classify_one(&dev, job, image, status)) {
            return status->result;
        }
        job->done(job->context, image + 1u);
    }
    if (loas_app_step(status, loas_queue_close(&dev), "close the queue")) {
        loas_network_unload(&dev, job->net);
    }
    return status->result;
}
