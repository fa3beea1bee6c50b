// The publication's accounting of a design, at the published sizes, as its descriptor has it.
#pragma once

#include "models/cost/published_traffic.h"
#include "platform/config/scenario.h"
#include "platform/designs/design.h"

#include <string_view>

namespace loas::support
{

/// word: of a design that has one.
inline cost::published_design accounting_of(std::string_view word)
{
    return designs::design_called(word).accounting(config::scenario{});
}

} // namespace loas::support
