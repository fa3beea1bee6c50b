#include "platform/study/compare_folder.h"

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

/// The list of a comparison that is there may become one of other designs only if none is lost from it.
void require_all_again(const fs::path& out, const compared_designs& designs)
{
    std::string lost;
    for (const fs::path& each : results::compared_runs(out))
        if (const std::string name = each.filename().string();
            std::count(designs.accelerators.begin(), designs.accelerators.end(), name) == 0)
            lost += (lost.empty() ? "" : ", ") + name;
    if (!lost.empty())
        throw text::user_error(fmt::format("--out {}: holds a comparison with {}, too; --force replaces it, or give another "
                                           "--out",
                                           out.string(), lost));
}

} // namespace

compare_folder::compare_folder(const fs::path& out, const compared_designs& designs, bool force) : m_path(out)
{
    std::error_code ignored;
    if (fs::exists(out / results::result_file, ignored))
        throw text::user_error(fmt::format("--out {}: holds the result of a run; give another --out", out.string()));
    if (!force)
        require_all_again(out, designs);
    for (std::size_t i = 0; i < designs.accelerators.size(); ++i)
        m_folders.emplace_back(out / designs.accelerators[i], designs.scenarios[i], force);
    fs::remove(out / results::comparison_file, ignored);
}

void compare_folder::write(const comparison& compared)
{
    auto folder = m_folders.begin();
    for (const results::run_result& each : compared.results)
        (folder++)->write(results::to_json(each));
    results::write_file(m_path / results::comparison_file, to_json(compared, false));
}

} // namespace loas::study
