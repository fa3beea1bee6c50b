// The report as one HTML page that needs nothing but itself: data of finished runs, and the charts that show them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace loas::report
{

/// The files of platform/report/page and Chart.js, built into the program.
struct page_assets {
    std::string_view html; ///< with @TITLE@, @STYLE@, @DATA@, @CHART_JS@ and @SCRIPT@ where the rest goes
    std::string_view style, chart_js, script;
};
const page_assets& embedded_page();

/// Names, units and definitions that the page shows: of counters, parts of the energy, and parameters.
nlohmann::ordered_json names_json();

/// @param data what the page's script finds in it: platform/report/report_command.h. The same data give the same bytes.
std::string to_page(const std::string& title, const nlohmann::ordered_json& data);

} // namespace loas::report
