/* A write through a null pointer, caught by physical memory protection. RV64 only: the native CPU has no PMP. */
#include "driver/loas_console.h"
#include "hal/loas_main.h"
#include "hal/rv64/loas_rv64.h"

static const struct loas_hal* machine;
static volatile unsigned caught;

static uint64_t on_exception(uint64_t cause, uint64_t pc, uint64_t value)
{
    caught = caught + 1;
    loas_print(machine, "caught: cause %lu, address 0x%lx\n", cause, value);
    return pc + loas_rv64_instruction_bytes(pc);
}

int loas_main(const struct loas_hal* hal, int argc, char** argv)
{
    volatile int* volatile nowhere = NULL;
    (void)argc, (void)argv;
    machine = hal;
    loas_rv64_on_exception(on_exception);
    loas_rv64_forbid(0, 0, 4096); /* the first page: no null pointer, no field of a struct behind one */
    nowhere[3] = 1;
    loas_print(hal, "%u write caught, and the program goes on\n", caught);
    return caught == 1 ? 0 : 1;
}
