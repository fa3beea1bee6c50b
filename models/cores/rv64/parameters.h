// What instructions of the RV64 CPU cost, by class. Nothing is published about a host CPU: a small in-order core.
#pragma once

#include "models/parameter/words.h"

namespace loas::rv64
{

/// Clock cycles, each 1 or more: time passes with every instruction.
struct class_cycles {
    unsigned alu = 1;
    unsigned mul = 3;
    unsigned div = 20;
    unsigned load = 1;         ///< from RAM; what a device takes comes on top
    unsigned store = 1;        ///< to RAM, in the same way
    unsigned taken_branch = 2; ///< jumps too
    unsigned csr = 3;
    unsigned fp = 3; ///< of F and D, without division and root, which cost what a division does

    template <typename table> void describe(table& to)
    {
        using parameter::ours;
        to.integer("cpu.alu_cycles", alu, 1, 1000, "cycles", ours,
                   "rv64: an instruction that is in no other class; a branch that is not taken too.");
        to.integer("cpu.mul_cycles", mul, 1, 1000, "cycles", ours, "rv64: a multiplication.");
        to.integer("cpu.div_cycles", div, 1, 1000, "cycles", ours,
                   "rv64: a division or remainder; a division or square root of floating point.");
        to.integer("cpu.load_cycles", load, 1, 1000, "cycles", ours,
                   "rv64: a load from RAM; with a store, an atomic instruction.");
        to.integer("cpu.store_cycles", store, 1, 1000, "cycles", ours, "rv64: a store to RAM.");
        to.integer("cpu.taken_branch_cycles", taken_branch, 1, 1000, "cycles", ours,
                   "rv64: a branch that is taken, a jump, a return from a trap.");
        to.integer("cpu.csr_cycles", csr, 1, 1000, "cycles", ours, "rv64: an access to a control and status register.");
    }
};

} // namespace loas::rv64
