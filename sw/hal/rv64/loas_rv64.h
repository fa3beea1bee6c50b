/* What the HAL on RV64 has beside loas_hal.h: exceptions and memory protection. For machine mode without a system. */
#ifndef LOAS_RV64_H
#define LOAS_RV64_H

#include <stdint.h>

/*
 * What happens at an exception of the program, beside a bus error of read32 and its like: `handler` gets mcause, mepc
 * and mtval and answers the pc at which the program goes on. NULL, as at the start: the program ends with a message.
 */
typedef uint64_t loas_rv64_exception(uint64_t cause, uint64_t pc, uint64_t value);
void loas_rv64_on_exception(loas_rv64_exception* handler);

/* Bytes of the instruction at pc, 2 or 4: where a handler goes on behind it. */
uint64_t loas_rv64_instruction_bytes(uint64_t pc);

/*
 * PMP region `index` (0 to 7, the first one that matches counts): nobody, not even machine mode, accesses these bytes
 * until the next reset. base and bytes: bytes a power of two, 8 or more, base a multiple of it. Start-up code has given
 * region 7 to the 64 KiB below the stack (__guard_bytes): a full stack ends the program and does not run into its data,
 * unless a function with a larger frame steps over them.
 */
void loas_rv64_forbid(unsigned index, uint64_t base, uint64_t bytes);

#endif
