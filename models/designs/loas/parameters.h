// Parameters of LoAS in SparTen's loop order, beside those that all designs share. No SystemC.
#pragma once

#include "models/parameter/words.h"

namespace loas::designs
{

struct nmtk_parameters {
    unsigned rows = 0; ///< of a group when each tile holds a column; 0: each tile holds a row

    bool holds_columns() const { return rows > 0; }

    template <typename table> void describe(table& to)
    {
        to.integer("nmtk.rows", rows, 0, 1024, "rows", parameter::published,
                   "LoAS-nmtk: each tile holds a column and so many rows stream by, with a sum for each; the tiles "
                   "meet after each chunk, and prefix-sums and buffers are ideal; 0 = a tile holds a row, as in LoAS.")
            .under_published(32); // a tile has a column, not a row
    }
};

} // namespace loas::designs
