// How figures and points are written in tables and sentences.
#pragma once

#include "platform/explorer/figures.h"

#include <string>

namespace loas::explorer
{

/// "4,719,012": the nearest whole number.
std::string rounded(double value);
/// "4,719k": from a million on in thousands, "1,066M": from a billion on in millions.
std::string whole(double value);
/// A table's KiB: a digit behind the point, from 100 on none.
std::string kib(double bytes);
/// A table's uJ: two digits behind the point, from 100 on none.
std::string micro(double pico);
/// A sentence's: two digits behind the point, from 100 on none.
std::string number(double value);
/// "mnkt (m16,t4)", of a layer.
std::string name_of(const mapping& point, unsigned timesteps);

} // namespace loas::explorer
