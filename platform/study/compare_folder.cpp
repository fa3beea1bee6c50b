#include "platform/study/compare_folder.h"

#include "platform/designs/design.h"
#include "platform/results/kept_scenario.h"
#include "platform/results/read_result.h"
#include "platform/results/result.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace loas::study
{

namespace fs = std::filesystem;

namespace
{

/// Folders of designs that the comparison there has and this one has not.
std::vector<fs::path> further_runs(const fs::path& out, const compared_designs& designs)
{
    std::vector<fs::path> further = results::compared_runs(out);
    further.erase(std::remove_if(further.begin(), further.end(),
                                 [&](const fs::path& each) {
                                     return std::count(designs.accelerators.begin(), designs.accelerators.end(),
                                                       each.filename().string()) != 0;
                                 }),
                  further.end());
    return further;
}

/// Its name is a design's, so that it leads nowhere else, and a result of ours lies there.
bool is_result_of_design(const fs::path& folder)
{
    const auto& all = loas::designs::all();
    return std::any_of(all.begin(), all.end(), [&](const auto* each) { return folder.filename() == each->word; }) &&
           output::holds_result(folder);
}

} // namespace

compare_folder::compare_folder(const fs::path& out, const compared_designs& designs, bool force) : m_path(out)
{
    std::error_code ignored;
    if (fs::exists(out / results::result_file, ignored))
        throw text::user_error(fmt::format("--out {}: holds the result of a run; give another --out", out.string()));
    std::string lost;
    for (const fs::path& each : further_runs(out, designs)) {
        lost += (lost.empty() ? "" : ", ") + each.filename().string();
        if (is_result_of_design(out / each.filename()))
            m_dropped.push_back(out / each.filename());
    }
    if (!lost.empty() && !force)
        throw text::user_error(fmt::format("--out {}: holds a comparison with {}, too; --force replaces it, or give another "
                                           "--out",
                                           out.string(), lost));
    for (std::size_t i = 0; i < designs.accelerators.size(); ++i)
        m_folders.emplace_back(out / designs.accelerators[i], designs.scenarios[i], force);
    for (const output::result_folder& each : m_folders) // nothing is refused any more
        each.begin();
    for (const fs::path& each : m_dropped)
        fs::remove(each / results::result_file, ignored);
    fs::remove(out / results::comparison_file, ignored);
}

void compare_folder::write(const comparison& compared)
{
    auto folder = m_folders.begin();
    for (const results::run_result& each : compared.results)
        (folder++)->write(results::to_json(each));
    for (const fs::path& each : m_dropped) // the runs may have read what lay there
        results::kept_scenario::remove(each);
    results::write_file(m_path / results::comparison_file, to_json(compared, false));
}

} // namespace loas::study
