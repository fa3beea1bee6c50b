/* The UART, polled. */
#include "driver/loas_console.h"

#include <stdarg.h>
#include <stdbool.h>

#include "abi/loas_board.h"
#include "abi/loas_devices.h"

#define LOAS_NUMBER_DIGITS 20

struct loas_conversion {
    bool zeros;
    unsigned width;
    unsigned longs; /* of the length: 0 int, 1 and 2 64 bits (32 where long has them) */
};

static void loas_put(const struct loas_hal* hal, char c)
{
    uint8_t status = 0;
    while (hal->read8(hal->context, LOAS_BOARD_UART_BASE + LOAS_UART_REG_LINE_STATUS, &status) == LOAS_OK &&
           !(status & LOAS_UART_LINE_STATUS_ROOM)) {
    }
    (void)hal->write8(hal->context, LOAS_BOARD_UART_BASE + LOAS_UART_REG_DATA, (uint8_t)c);
}

static void loas_put_text(const struct loas_hal* hal, const char* text)
{
    for (; *text; text++) {
        loas_put(hal, *text);
    }
}

static void loas_put_number(const struct loas_hal* hal, uint64_t value, bool negative, unsigned base,
                            struct loas_conversion how)
{
    char digits[LOAS_NUMBER_DIGITS];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    const unsigned used = count + (negative ? 1u : 0u);
    if (negative && how.zeros) {
        loas_put(hal, '-');
    }
    for (unsigned i = used; i < how.width; i++) {
        loas_put(hal, how.zeros ? '0' : ' ');
    }
    if (negative && !how.zeros) {
        loas_put(hal, '-');
    }
    while (count > 0) {
        loas_put(hal, digits[--count]);
    }
}

static const char* loas_parse(const char* format, struct loas_conversion* how)
{
    *how = (struct loas_conversion){0};
    how->zeros = *format == '0';
    for (; *format >= '0' && *format <= '9'; format++) {
        how->width = how->width * 10u + (unsigned)(*format - '0');
    }
    for (; *format == 'l' || *format == 'z'; format++) {
        how->longs++;
    }
    return format;
}

void loas_print(const struct loas_hal* hal, const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (; *format; format++) {
        struct loas_conversion how;
        if (*format != '%') {
            loas_put(hal, *format);
            continue;
        }
        const char* begin = format;
        format = loas_parse(format + 1, &how);
        if (*format == 'd' || *format == 'i') {
            const int64_t value = how.longs > 1   ? va_arg(arguments, long long)
                                  : how.longs > 0 ? va_arg(arguments, long)
                                                  : va_arg(arguments, int);
            loas_put_number(hal, value < 0 ? 0u - (uint64_t)value : (uint64_t)value, value < 0, 10, how);
        } else if (*format == 'u' || *format == 'x') {
            const uint64_t value = how.longs > 1   ? va_arg(arguments, unsigned long long)
                                   : how.longs > 0 ? va_arg(arguments, unsigned long)
                                                   : va_arg(arguments, unsigned);
            loas_put_number(hal, value, false, *format == 'x' ? 16 : 10, how);
        } else if (*format == 's') {
            loas_put_text(hal, va_arg(arguments, const char*));
        } else if (*format == 'c') {
            loas_put(hal, (char)va_arg(arguments, int));
        } else if (*format == '%') {
            loas_put(hal, '%');
        } else {
            for (; begin < format; begin++) {
                loas_put(hal, *begin);
            }
            if (!*format) {
                break;
            }
            loas_put(hal, *format);
        }
    }
    va_end(arguments);
}

int loas_console_read(const struct loas_hal* hal)
{
    uint8_t status = 0;
    uint8_t byte = 0;
    if (hal->read8(hal->context, LOAS_BOARD_UART_BASE + LOAS_UART_REG_LINE_STATUS, &status) != LOAS_OK ||
        !(status & LOAS_UART_LINE_STATUS_RECEIVED) ||
        hal->read8(hal->context, LOAS_BOARD_UART_BASE + LOAS_UART_REG_DATA, &byte) != LOAS_OK) {
        return -1;
    }
    return byte;
}
