// The platform's deterministic random numbers, under the name that tests use.
#pragma once

#include "models/functional/random_source.h"

namespace loas::support
{

using functional::random_source;

} // namespace loas::support
