// Parameters of the dense array beside those that all designs share. No SystemC.
#pragma once

#include "models/parameter/words.h"

namespace loas::designs
{

struct dense_parameters {
    unsigned columns = 4;

    template <typename table> void describe(table& to)
    {
        to.integer("dense.columns", columns, 1, 1024, "columns", parameter::published,
                   "Dense-SNN: columns of the array, whose rows are tppe.count.");
    }
};

} // namespace loas::designs
