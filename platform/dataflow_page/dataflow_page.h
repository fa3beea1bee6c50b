// What `loas-vp dataflow` answers: tables, JSON, a page, or what a search finds. The page is an exploration as one HTML
// file, made of the page of loas-vp report; its script is dataflow.js, which the build puts among that page's.
#pragma once

#include "platform/mapping_search/mapping_search.h"

#include <filesystem>
#include <string>
#include <vector>

namespace loas::dataflow_page
{

/// Sizes of the buffer in KiB of a page for which none are given, in the words of --capacity: curves need several.
inline constexpr const char* usual_capacities = "4,8,16,32,64,128,256,512,1024,4096";

/// In it lies `dataflow`, which is what to_json() gives. The same exploration gives the same bytes.
std::string to_page(const explorer::exploration& explored);

/// A command line.
struct question {
    std::string file, inputs;
    std::vector<std::string> overrides; ///< as of --set
    mapping_search::request asked;
    bool searches = false, as_json = false, as_csv = false;
    std::filesystem::path page, save; ///< empty: not given
};

struct reply {
    std::string text;    ///< goes to standard output
    std::string problem; ///< why --save wrote nothing, though there is an answer; empty: all went well
};

/// Writes the files that were asked for. Throws text::user_error.
reply answer(question asked);

} // namespace loas::dataflow_page
