/*
 * Where a program for the host CPU begins. The native CPU calls it in the shared object that is given to
 * `loas-vp run --program`, which exports it; on RV64 start-up code calls it.
 */
#ifndef LOAS_MAIN_H
#define LOAS_MAIN_H

#include "hal/loas_hal.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * hal is good until the function returns. argv[0] is the program's name, the others stand behind `--` on the command
 * line; argv[argc] is NULL. Answers 0 when all is well; of anything else the lower 16 bits, or 1 if they are 0, are the
 * exit code that the run's result tells, and the run itself ends with exit code 3.
 */
int loas_main(const struct loas_hal* hal, int argc, char** argv);

#ifdef __cplusplus
}
#endif
#endif
