// `loas-vp check`: what becomes of each node of a network, before anything runs.
#pragma once

#include "platform/cli/command.h"

namespace loas::cli
{

command check_row();

} // namespace loas::cli
