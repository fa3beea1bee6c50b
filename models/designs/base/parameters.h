// Parameters that all designs share. No SystemC.
#pragma once

#include "models/compute/parameters.h"

#include <cstdint>

namespace loas::designs
{

struct scheduler_parameters {
    unsigned prefetch_rows = 1;    ///< row groups of A fetched ahead of the one that is joined
    unsigned prefetch_columns = 8; ///< column fibers of B fetched ahead of those that are joined

    template <typename table> void describe(table& to)
    {
        using parameter::ours;
        to.integer("scheduler.prefetch_rows", prefetch_rows, 0, 64, "row groups", ours,
                   "Row groups of A fetched ahead.");
        to.integer("scheduler.prefetch_columns", prefetch_columns, 0, 4096, "column fibers", ours,
                   "Column fibers of B fetched ahead.");
    }
};

/// What a design is given beside its own parameters.
struct accelerator_parameters {
    double clock_mhz = 0;
    unsigned line_bytes = 0;       ///< that memory gives at once
    compute::tppe_parameters tppe; ///< count: the tiles, whatever they are
    compute::plif_parameters plif;
    compute::compressor_parameters compressor;
    scheduler_parameters scheduler;
    std::uint64_t longest_wait_ps = 10'000'000'000'000; ///< for one access to memory; after that the machine is stuck
};

} // namespace loas::designs
