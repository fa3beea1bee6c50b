// The folder of a comparison: the folder of a run for each design, and which ones these are.
#pragma once

#include "platform/output/result_folder.h"
#include "platform/study/compare.h"

#include <filesystem>
#include <list>
#include <vector>

namespace loas::study
{

class compare_folder
{
public:
    /// Ours until the end, as folders of runs are. Throws text::user_error before anything runs, and before any older
    /// result goes: it cannot be written, or something else lies there, or a comparison of more designs, and not force.
    compare_folder(const std::filesystem::path& out, const compared_designs& designs, bool force);

    /// The list comes last; what is left of designs that are no longer compared goes. Throws text::user_error.
    void write(const comparison& compared);

private:
    std::filesystem::path m_path;
    std::list<output::result_folder> m_folders; ///< of compared.accelerators
    std::vector<std::filesystem::path> m_dropped; ///< of designs that the comparison before this one had, too
};

} // namespace loas::study
