/*
 * Text on the board's UART. C11, freestanding, no state; nothing is kept back, so what was printed before a crash is
 * there.
 */
#ifndef LOAS_CONSOLE_H
#define LOAS_CONSOLE_H

#include "hal/loas_hal.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LOAS_PRINTF_LIKE __attribute__((format(printf, 2, 3)))
#else
#define LOAS_PRINTF_LIKE
#endif

/*
 * As printf, with %s %c %d %i %u %x %%, the lengths l, ll and z, a width and leading zeros (%04x). Other conversions
 * are printed as they stand.
 */
void loas_print(const struct loas_hal* hal, const char* format, ...) LOAS_PRINTF_LIKE;

/* The next character that was typed, -1: none. */
int loas_console_read(const struct loas_hal* hal);

#ifdef __cplusplus
}
#endif
#endif
