#include "platform/cli/output_place.h"

#include "platform/results/result.h"
#include "platform/text/read_text.h"
#include "platform/text/toml_reader.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <toml++/toml.h>
#include <unistd.h>

namespace loas::cli
{

using text::user_error;

void require_writable(const std::filesystem::path& directory)
{
    if (directory.empty())
        throw user_error("--out: which folder?");
    std::error_code ignored;
    std::filesystem::path existing = std::filesystem::absolute(directory);
    while (!std::filesystem::exists(existing, ignored) && existing.has_relative_path())
        existing = existing.parent_path();
    if (!std::filesystem::is_directory(existing, ignored))
        throw user_error(fmt::format("--out {}: {} is not a folder", directory.string(), existing.string()));
    if (::access(existing.c_str(), W_OK) != 0)
        throw user_error(fmt::format("--out {}: cannot write to {}", directory.string(), existing.string()));
}

std::filesystem::path output_file(const std::string& given, const char* option)
{
    if (given.empty())
        throw user_error(fmt::format("{}: which file?", option));
    const std::filesystem::path file = std::filesystem::absolute(given);
    require_writable(file.parent_path());
    std::error_code failure;
    std::filesystem::create_directories(file.parent_path(), failure);
    // What is written takes the place of what is there: a device, or a link to the program's own output, would be gone.
    const bool device = file.string().rfind("/dev/", 0) == 0 || file.string().rfind("/proc/", 0) == 0;
    const bool other = std::filesystem::exists(file, failure) && !std::filesystem::is_regular_file(file, failure);
    if (failure || other || device)
        throw user_error(fmt::format("{} {}: not a file that could be written", option, given));
    return std::filesystem::is_symlink(file, failure) ? std::filesystem::weakly_canonical(file) : file;
}

namespace
{

/// Name of the scenario of the result that lies there; "" for what is none of ours.
std::string name_of_occupant(const std::filesystem::path& folder)
{
    const std::filesystem::path file = folder / results::scenario_file;
    const auto dump = text::read_text(file, std::size_t{1} << 20);
    try {
        return dump ? text::parse_toml(*dump, file)["name"].value_or(std::string()) : std::string();
    } catch (const user_error&) {
        return {};
    }
}

} // namespace

result_folder::result_folder(const std::filesystem::path& folder, const config::scenario& scenario, bool force)
    : m_folder(folder), m_scenario(scenario)
{
    std::error_code ignored;
    if (!std::filesystem::exists(folder, ignored)) // nothing to protect; a run that fails leaves no empty one
        return;
    m_lock = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    try {
        // Any other failure: a file system without locks.
        if (m_lock >= 0 && ::flock(m_lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
            throw user_error(fmt::format("--out {}: another run is writing there", folder.string()));
        remove_older(force);
    } catch (...) {
        ::close(m_lock);
        throw;
    }
}

result_folder::~result_folder()
{
    ::close(m_lock);
}

void result_folder::remove_older(bool force) const
{
    const std::filesystem::path result = m_folder / results::result_file;
    std::error_code ignored;
    if (!std::filesystem::exists(std::filesystem::symlink_status(result, ignored)))
        return;
    if (const std::string there = name_of_occupant(m_folder); there != m_scenario.name && !force)
        throw user_error(there.empty()
                             ? fmt::format("--out {}: holds a {} without its {}; --force replaces it, or give another --out",
                                           m_folder.string(), results::result_file, results::scenario_file)
                             : fmt::format("--out {}: holds the result of scenario '{}'; --force replaces it, or give "
                                           "another --out",
                                           m_folder.string(), text::printable(there)));
    std::filesystem::remove(result, ignored);
    std::filesystem::remove(m_folder / results::scenario_file, ignored);
}

void result_folder::write(const std::string& result) const
{
    std::error_code failure;
    std::filesystem::create_directories(m_folder, failure);
    if (failure)
        throw user_error(fmt::format("--out {}: cannot create the folder: {}", m_folder.string(), failure.message()));
    results::write_file(m_folder / results::scenario_file, config::dump(m_scenario));
    results::write_file(m_folder / results::result_file, result);
}

} // namespace loas::cli
