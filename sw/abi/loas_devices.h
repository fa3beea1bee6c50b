/*
 * The registers of the board's devices beside the accelerator: offsets from the bases in loas_board.h. C11 and C++17,
 * freestanding. DEVICES.md explains them.
 */
#ifndef LOAS_DEVICES_H
#define LOAS_DEVICES_H

/* What the lower half of LOAS_FINISHER_REG_END can be told. */
#define LOAS_FINISHER_PASS 0x5555u
#define LOAS_FINISHER_FAIL 0x3333u

/* generated from models/devices/device_registers.cpp */

/* finisher: 0x1000 bytes */
#define LOAS_FINISHER_REG_END 0x000u /* WO: ends the program */

#define LOAS_FINISHER_WHY_SHIFT 0u          /* 0x5555: it passed; 0x3333: it failed; other values do nothing */
#define LOAS_FINISHER_WHY_MASK 0xffffu      /* the same, in place */
#define LOAS_FINISHER_CODE_SHIFT 16u        /* the exit code of a program that failed; 0 counts as 1 */
#define LOAS_FINISHER_CODE_MASK 0xffff0000u /* the same, in place */

/* core-local interruptor: 0x10000 bytes */
#define LOAS_CLINT_REG_MSIP 0x000u      /* RW: interrupts the hart */
#define LOAS_CLINT_REG_MTIMECMP 0x4000u /* RW: 64 bits: the hart's timer interrupt is active while MTIME is not below it */
#define LOAS_CLINT_REG_MTIME 0xBFF8u    /* RO: 64 bits: ticks of 100 ns since the start */

#define LOAS_CLINT_MSIP_PENDING 0x1u /* the hart's software interrupt */

/* platform-level interrupt controller: 0x600000 bytes */
#define LOAS_PLIC_REG_PRIORITY 0x000u     /* RW: of an input, 4 bytes apart, input 0 is none; 0: it never interrupts */
#define LOAS_PLIC_REG_PENDING 0x1000u     /* RO: bit i of word w: input 32 w + i waits for a claim */
#define LOAS_PLIC_REG_ENABLE 0x2000u      /* RW: the same bits: the input may interrupt the hart */
#define LOAS_PLIC_REG_THRESHOLD 0x200000u /* RW: only priorities above it interrupt */
#define LOAS_PLIC_REG_CLAIM 0x200004u     /* WO: read: the enabled pending input of highest priority, of these the lowest, 0: none; written with it: dealt with; a read claims: the input is no longer pending, and not again before it is dealt with */

/* UART: 0x100 bytes */
#define LOAS_UART_REG_DATA 0x000u          /* WO: read: the oldest byte received; written: a byte to send. With LINE_CONTROL_DIVISOR: divisor, lower half; a read takes the byte */
#define LOAS_UART_REG_IRQ_ENABLE 0x001u    /* RW: with LINE_CONTROL_DIVISOR: divisor, upper half */
#define LOAS_UART_REG_IRQ_ID 0x002u        /* WO: read: 1 no interrupt, 2 room to send, 4 byte received, 0xC0 more with FIFOs; written: bit 0 FIFOs on, bit 1 empties that of bytes received; a read ends the interrupt `room to send` if it shows that */
#define LOAS_UART_REG_LINE_CONTROL 0x003u  /* RW: format of bytes on the line */
#define LOAS_UART_REG_MODEM_CONTROL 0x004u /* RW: kept, means nothing here */
#define LOAS_UART_REG_LINE_STATUS 0x005u   /* RO: what can be done */
#define LOAS_UART_REG_MODEM_STATUS 0x006u  /* RO: carrier, ready and clear to send */
#define LOAS_UART_REG_SCRATCH 0x007u       /* RW: kept for software */

#define LOAS_UART_IRQ_RECEIVED 0x1u /* interrupt while a byte received waits */
#define LOAS_UART_IRQ_SENT 0x2u     /* interrupt when there is room to send */

#define LOAS_UART_LINE_CONTROL_FORMAT_SHIFT 0u   /* kept, means nothing here: a byte is a byte */
#define LOAS_UART_LINE_CONTROL_FORMAT_MASK 0x7fu /* the same, in place */
#define LOAS_UART_LINE_CONTROL_DIVISOR 0x80u     /* the first two registers are the divisor, which is kept and means nothing */

#define LOAS_UART_LINE_STATUS_RECEIVED 0x1u /* a byte received waits */
#define LOAS_UART_LINE_STATUS_ROOM 0x20u    /* there is room to send */
#define LOAS_UART_LINE_STATUS_EMPTY 0x40u   /* all has been sent */

/* watchdog: 0x1000 bytes */
#define LOAS_WATCHDOG_REG_CONTROL 0x000u    /* RW: starts and stops it; each start counts from the whole time-out */
#define LOAS_WATCHDOG_REG_TIMEOUT_US 0x004u /* RW: time-out in microseconds, from the next start or restart on; 0 counts as 1 */
#define LOAS_WATCHDOG_REG_RESTART 0x008u    /* WO: any value written: the time-out begins anew */
#define LOAS_WATCHDOG_REG_STATUS 0x00Cu     /* W1C: a time-out that passes while EXPIRED is set ends the program */
#define LOAS_WATCHDOG_REG_LEFT_US 0x010u    /* RO: microseconds until the time-out; 0 while stopped */

#define LOAS_WATCHDOG_ENABLE 0x1u /* it counts while set */

#define LOAS_WATCHDOG_EXPIRED 0x1u /* the time-out has passed; it interrupts while this is set */
/* end of what is generated */

#endif
