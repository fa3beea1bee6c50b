// What lies beside a result so that it can be repeated, wherever its folder is: the scenario, and what it reads.
#pragma once

#include "platform/config/scenario.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace loas::results
{

inline constexpr const char* inputs_folder = "inputs";
/// An input that is larger stays where it is, and the scenario names it by its whole path: copies of data sets of
/// gigabytes would fill the disk, and nobody mails them.
inline constexpr std::size_t most_kept_bytes = std::size_t{16} << 20;

/// The scenario's own file where a folder of a result is given; anything else as it is.
std::filesystem::path scenario_path(const std::filesystem::path& given);

/// A scenario whose inputs are files of a folder, and the bytes that these had when the run began.
class kept_scenario
{
public:
    /// Reads the inputs of the scenario's kind of workload. One that cannot be read is not kept: the run will tell.
    explicit kept_scenario(const config::scenario& scenario);

    /// The folder has this scenario, and its inputs are the same bytes; of a program the same name is enough: it is
    /// built, run and changed all day, and a folder each time would help nobody.
    bool is_in(const std::filesystem::path& folder) const;

    /// scenario.toml, and the inputs below inputs/KEY/, with their own names. Inputs of an older scenario go.
    /// @param written gets each file that was not there before, also when it fails
    /// Throws text::user_error.
    void write(const std::filesystem::path& folder, std::vector<std::filesystem::path>& written) const;

    /// What write() left there, of any scenario; and the folder, if nothing else is in it.
    static void remove(const std::filesystem::path& folder);

private:
    struct copy {
        std::filesystem::path place; ///< relative to the folder
        std::string bytes;
    };
    void remove_others(const std::filesystem::path& folder) const;

    bool m_of_program;
    std::string m_text; ///< of scenario.toml
    std::vector<copy> m_copies;
    std::vector<std::string> m_keys;            ///< of all paths that are read, by any kind of workload
    std::vector<std::filesystem::path> m_named; ///< that the scenario reads, wherever they are
};

} // namespace loas::results
