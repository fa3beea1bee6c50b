// All parameters of a scenario file, for people and as JSON.
#pragma once

#include <string>

namespace loas::listing
{

/// Each parameter with type, default, range, unit, source and what it is, in at most 100 columns.
std::string options_table(bool as_json);

/// Each counter of a result with unit and definition, as Markdown: the table of the page of the result file.
std::string counters_table();

} // namespace loas::listing
