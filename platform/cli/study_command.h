// loas-vp explain, cost, diff and compare: questions about results and scenarios.
#pragma once

#include "platform/cli/command.h"

namespace loas::cli
{

command explain_row();
command cost_row();
command diff_row();
command compare_row();

} // namespace loas::cli
