/*
 * The board: where the devices are, and at which input of the interrupt controller. C11 and C++17, freestanding.
 */
#ifndef LOAS_BOARD_H
#define LOAS_BOARD_H

/* generated from platform/machine/board.h */

#define LOAS_BOARD_INTERRUPT_CONTROLLER_BASE 0x0C000000u
#define LOAS_BOARD_INTERRUPT_CONTROLLER_BYTES 0x1000u

#define LOAS_BOARD_ACCELERATOR_BASE 0x10000000u
#define LOAS_BOARD_ACCELERATOR_BYTES 0x10000u
#define LOAS_BOARD_ACCELERATOR_INTERRUPT 0u

#define LOAS_BOARD_RAM_BASE 0x80000000u
/* end of what is generated */

#endif
