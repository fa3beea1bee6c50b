// Parameters of SparTen-SNN beside those that all designs share. No SystemC.
#pragma once

#include "models/parameter/words.h"

namespace loas::designs
{

struct sparten_parameters {
    unsigned rows = 32;         ///< of A that a PE takes against a chunk
    unsigned chunk_buffers = 2; ///< chunks that a PE holds

    template <typename table> void describe(table& to)
    {
        using parameter::published;
        to.integer("sparten.rows", rows, 1, 1024, "rows", published,
                   "SparTen: rows of A that a PE takes against a chunk of its column; it holds a sum for each.");
        to.integer("sparten.chunk_buffers", chunk_buffers, 1, 16, "chunks", published,
                   "SparTen: chunks that a PE holds, the one it joins and those fetched ahead; with 1 the PEs "
                   "meet after each chunk.")
            .under_published(1); // the PEs meet after each tile
    }
};

} // namespace loas::designs
