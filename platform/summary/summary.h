// A run's result for people.
#pragma once

#include "platform/results/result.h"

#include <string>
#include <string_view>

namespace loas::summary
{

/// Summary for people, at most 100 columns.
std::string to_table(const results::run_result& result);
/// What whoever reads figures of this timing has to know, in whole lines; "" where there is nothing to say.
std::string_view caution_of(std::string_view timing);

/// In words how many sums left the accumulators' widths, and what that means: the numbers are either another machine's,
/// or not the network's. "" if none did.
std::string overflow_text(const results::run_result& result, const results::layer_result& total);

} // namespace loas::summary
