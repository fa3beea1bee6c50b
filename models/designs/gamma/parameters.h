// Parameters of Gamma-SNN beside those that all designs share. No SystemC.
#pragma once

#include "models/parameter/words.h"

namespace loas::designs
{

struct gamma_parameters {
    unsigned radix = 64;
    unsigned merger_latency = 6; ///< cycles
    unsigned tile_inputs = 0;    ///< 0: each PE for itself
    unsigned tile_columns = 64;

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.integer("gamma.radix", radix, 2, 1024, "rows", published,
                   "Gamma: scaled rows of B and partial rows that a PE merges at a time.");
        to.integer("gamma.merger_latency", merger_latency, 0, 64, "cycles", ours,
                   "Gamma: stages of the merger, one for each doubling of the radix.")
            .under_published(0);
        to.integer("gamma.tile_inputs", tile_inputs, 0, 65535, "inputs", published,
                   "Gamma: the PEs meet after a tile of so many inputs and gamma.tile_columns columns; 0 = each "
                   "goes on by itself with whole rows.")
            .under_published(64);
        to.integer("gamma.tile_columns", tile_columns, 1, 65535, "columns", published,
                   "Gamma: columns of such a tile.");
    }
};

} // namespace loas::designs
