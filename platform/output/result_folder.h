// The folder of a run.
#pragma once

#include "platform/config/scenario.h"
#include "platform/results/kept_scenario.h"

#include <filesystem>
#include <string>
#include <vector>

namespace loas::output
{

/// Ours alone until the end, whether it was there or not: two runs at once would mix their files. An older result stays
/// while a run may still be refused, and goes when it begins, so that a run that fails leaves none that looks like its
/// own. Result, scenario and inputs of one run are there together: the result comes last. What is made for a run that
/// fails goes again.
class result_folder
{
public:
    /// @param out as --out says. Empty: results/NAME of the scenario, or, where that holds a run with other settings or
    ///            inputs, or another run is writing there, the first of results/NAME-2, -3, ... for which neither is so
    /// Throws text::user_error: another run is writing there, it cannot be written, or it holds a sweep, another scenario
    /// or the same with other settings or inputs, and not force.
    result_folder(const std::filesystem::path& out, const config::scenario& scenario, bool force);
    ~result_folder();
    result_folder(const result_folder&) = delete;
    result_folder& operator=(const result_folder&) = delete;

    const std::filesystem::path& path() const { return m_folder; }

    /// The run begins: the older result goes. Its scenario and inputs stay until there are others, which may be the same:
    /// the run may read them.
    void begin() const;

    /// Throws text::user_error.
    void write(const std::string& result);

private:
    bool lock(const std::filesystem::path& folder);
    void unlock();
    void lock_fresh(const config::scenario& scenario);
    std::string occupant(const std::string& name) const;
    void require_own(const std::string& name, bool force) const;

    std::filesystem::path m_folder;
    results::kept_scenario m_kept;
    int m_lock = -1;
    std::vector<std::filesystem::path> m_made; ///< folders, the deepest first, until there is something in them
};

/// A result with its scenario lies there.
bool holds_result(const std::filesystem::path& folder);

} // namespace loas::output
