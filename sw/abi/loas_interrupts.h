/*
 * The interrupt controller: 32-bit registers in a block of 0x1000 bytes; only aligned 32-bit accesses. Inputs are
 * levels: a device holds its input until software has dealt with the cause there. C11 and C++17, freestanding.
 */
#ifndef LOAS_INTERRUPTS_H
#define LOAS_INTERRUPTS_H

/* generated from models/devices/interrupt_registers.cpp */
#define LOAS_INTERRUPTS_REG_PENDING 0x000u /* RO: a bit an input: its level */
#define LOAS_INTERRUPTS_REG_ENABLE 0x004u  /* RW: a bit an input: it may interrupt the CPU */
/* end of what is generated */

#endif
