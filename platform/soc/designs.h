// The accelerators that a scenario can choose: what software sees of each, and how it is built from a scenario. How to
// add one: models/accelerators/README.md.
#pragma once

#include "accelerator/accelerator.h"
#include "config/scenario.h"
#include "tlm/link_monitor.h"

#include <memory>

namespace loas::soc
{

struct design {
    const char* word; ///< in a scenario
    ::loas_accelerator id;
    std::uint32_t formats; ///< LOAS_REG_FORMATS
    std::unique_ptr<accelerators::accelerator> (*build)(const config::scenario& scenario,
                                                        tlm_blocks::event_wheel& wheel, tlm_blocks::links& links);
};

/// The design that the scenario names.
const design& design_of(const config::scenario& scenario);

} // namespace loas::soc
