// Where --out leads to, said before long work and not after it. All throw text::user_error.
#pragma once

#include "platform/config/scenario.h"

#include <filesystem>
#include <string>

namespace loas::cli
{

/// The folder, or the nearest one above it that exists, must be a folder that we may write to.
void require_writable(const std::filesystem::path& directory);

/// A file to write, asked for before long work: its folder can be written, and is made if need be.
std::filesystem::path output_file(const std::string& given, const char* option = "--out");

/// The folder of a run, ours alone until the end: two runs at once would mix their files. An older result goes before
/// the run begins, so that a run that fails leaves none that looks like its own; and result and scenario of one run are
/// there together: the result comes last.
class result_folder
{
public:
    /// Throws text::user_error: another run is writing there, or it holds another scenario and not force.
    result_folder(const std::filesystem::path& folder, const config::scenario& scenario, bool force);
    ~result_folder();
    result_folder(const result_folder&) = delete;
    result_folder& operator=(const result_folder&) = delete;

    /// Makes the folder, if need be.
    void write(const std::string& result) const;

private:
    void remove_older(bool force) const;

    std::filesystem::path m_folder;
    const config::scenario& m_scenario;
    int m_lock = -1;
};

} // namespace loas::cli
