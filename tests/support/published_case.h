// Plain matrices, on which a design under fidelity "published" and the accounting of the publication must agree to the
// cycle: both have the same order of inputs there.
#pragma once

#include "models/cost/unfold.h"
#include "platform/reference/reference.h"

namespace loas::support
{

struct published_case {
    reference::reference_layer layer;
    cost::unfolded_layer unfolded;
};

/// M <= 70, K <= 700, N <= 150, T <= 16; the same for the same seed.
published_case random_published_case(unsigned seed);

} // namespace loas::support
