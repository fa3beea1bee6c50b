// What the global cache costs by CACTI 7 (32 nm, itrs-lop, 360 K): runs for 64 KiB to 1 MiB, 1 to 64 banks and 1 to 4
// ports, and what lies between them.
#pragma once

#include "models/memory/cache/parameters.h"

namespace loas::cost
{

struct sram_figures {
    double read_pj, write_pj; ///< a line
    double subthreshold_mw;   ///< leakage of all banks through transistors that are off
    double gate_mw;           ///< leakage of all banks through gates
    double area_mm2;

    double leakage_mw() const { return subthreshold_mw + gate_mw; }
};

/// At a point of the runs what CACTI says. Elsewhere a figure is taken to be a power of each of size, banks and ports
/// between two runs, and beyond the outermost ones; twice 64 banks are two memories of 64; line lengths, run for the
/// default only, are a factor (project's choice).
sram_figures cache_by_cacti(const cache::parameters& size);

} // namespace loas::cost
