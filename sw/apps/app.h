/* Inside the applications only: how each of them begins and ends, and how it keeps what went wrong. */
#ifndef LOAS_APPS_APP_H
#define LOAS_APPS_APP_H

#include "apps/loas_apps.h"

/* Keeps the answer of a call and what the call was for. True: go on. */
bool loas_app_step(struct loas_app_status* status, int result, const char* call);

/* The same of a call that has waited for descriptors. */
bool loas_app_waited(struct loas_app_status* status, int result, const char* call, uint32_t layer,
                     const struct loas_completion* completion);

/* Probes the accelerator, opens its queue and lets it interrupt. hal must outlive dev. */
bool loas_app_open(struct loas_app_status* status, struct loas_device* dev, const struct loas_hal* hal,
                   const struct loas_app_settings* settings);

#endif
