// What lies beside the points of a sweep, so that its sweep.toml can be swept again wherever the folder is moved.
#pragma once

#include "platform/sweep/definition.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace loas::kept_sweep
{

/// Of a sweep the base, the workloads and the files that they and the axes name, as files of the sweep's folder. A file
/// that is larger than results::most_kept_bytes, or that comes after the first 16 of that size together, stays where it is
/// and goes by its whole path.
class copies
{
public:
    /// Throws text::user_error.
    explicit copies(sweep::definition of);

    /// The sweep with all values listed, with paths relative to its folder.
    const std::string& toml() const { return m_toml; }
    /// Below inputs/: base/, workloads/ and axes/. Throws text::user_error.
    void write(const std::filesystem::path& folder) const;

private:
    std::string keep_scenario(const std::filesystem::path& file, const char* role);
    std::string keep_file(const std::string& named, const std::filesystem::path& home, const std::filesystem::path& below);

    std::string m_toml;
    std::vector<std::pair<std::filesystem::path, std::string>> m_scenarios;       ///< place in the folder, text
    std::vector<std::pair<std::filesystem::path, std::filesystem::path>> m_files; ///< place in the folder, original
    std::uint64_t m_bytes = 0;
};

/// What write() made, from the folder of a sweep into another. Throws text::user_error.
void copy_kept(const std::filesystem::path& from, const std::filesystem::path& to);

/// Takes away what write() made there.
void remove_kept(const std::filesystem::path& folder);

} // namespace loas::kept_sweep
