// The accelerators that a scenario can choose: what software sees of each, and how it is built from a scenario. How to
// add one: models/designs/README.md.
#pragma once

#include "models/designs/base/accelerator.h"
#include "platform/config/scenario.h"

#include <memory>

namespace loas::designs
{

struct design {
    const char* word; ///< in a scenario
    ::loas_accelerator id;
    std::uint32_t formats; ///< LOAS_REG_FORMATS
    std::unique_ptr<accelerator> (*build)(const config::scenario& scenario, kernel::event_wheel& wheel);
};

/// The design that the scenario names.
const design& design_of(const config::scenario& scenario);

} // namespace loas::designs
