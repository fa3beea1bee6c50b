#include "platform/output/result_folder.h"

#include "platform/output/output_place.h"
#include "platform/process/stop_signals.h"
#include "platform/results/result.h"
#include "platform/sweep/store.h"
#include "platform/text/read_text.h"
#include "platform/text/toml_reader.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>
#include <utility>

namespace loas::output
{
namespace
{

namespace fs = std::filesystem;
using text::user_error;

/// Name of the scenario of the result that lies there; "" for what is none of ours.
std::string name_of_occupant(const fs::path& folder)
{
    const fs::path file = folder / results::scenario_file;
    const auto dump = text::read_text(file, std::size_t{1} << 20);
    try {
        return dump ? text::parse_toml(*dump, file)["name"].value_or(std::string()) : std::string();
    } catch (const user_error&) {
        return {};
    }
}

bool is_there(const fs::path& file)
{
    std::error_code ignored;
    return fs::exists(fs::symlink_status(file, ignored));
}

/// results/NAME, where the name must not lead anywhere else.
fs::path default_folder(const config::scenario& scenario)
{
    if (scenario.name.empty() || scenario.name == "." || scenario.name == ".." ||
        scenario.name.find('/') != std::string::npos)
        throw user_error(
            fmt::format("name = '{}' cannot be the name of a folder under results/: change it, or give --out",
                        text::printable(scenario.name)));
    return fs::path("results") / scenario.name;
}

/// Whoever made a folder for a run that failed may have taken it away before we had our lock on it.
bool still_named(int open, const fs::path& folder)
{
    struct stat ours {
    }, there{};
    return ::fstat(open, &ours) == 0 && ::stat(folder.c_str(), &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

} // namespace

result_folder::result_folder(const fs::path& out, const config::scenario& scenario, bool force) : m_kept(scenario)
{
    try {
        if (out.empty())
            lock_fresh(scenario);
        else if (!lock(out))
            throw user_error(fmt::format("--out {}: another run is writing there", out.string()));
        require_own(scenario.name, force);
    } catch (...) {
        unlock();
        throw;
    }
}

result_folder::~result_folder()
{
    unlock();
}

/// False: another run has it.
bool result_folder::lock(const fs::path& folder)
{
    require_writable(folder); // said before a long run, not after it
    m_folder = folder;
    for (;;) {
        std::error_code failure;
        std::vector<fs::path> made;
        for (fs::path each = fs::absolute(folder); !is_there(each) && each.has_relative_path(); each = each.parent_path())
            made.push_back(each);
        fs::create_directories(folder, failure);
        if (failure)
            throw user_error(fmt::format("--out {}: cannot create the folder: {}", folder.string(), failure.message()));
        m_lock = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        // Any other failure: a file system without locks.
        if (m_lock >= 0 && ::flock(m_lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            unlock();
            return false;
        }
        if (m_lock >= 0 ? still_named(m_lock, folder) : is_there(folder)) {
            m_made = std::move(made);
            process::remove_when_interrupted(m_made);
            return true;
        }
        unlock();
    }
}

void result_folder::unlock()
{
    for (const fs::path& each : m_made)
        ::rmdir(each.c_str()); // of those that are empty
    m_made.clear();
    process::remove_when_interrupted(m_made);
    if (m_lock >= 0)
        ::close(std::exchange(m_lock, -1));
}

void result_folder::lock_fresh(const config::scenario& scenario)
{
    const fs::path folder = default_folder(scenario);
    fs::path fresh = folder;
    for (unsigned number = 2; number < 1000; ++number) {
        if (lock(fresh)) {
            if (occupant(scenario.name).empty())
                return;
            unlock();
        }
        fresh = folder.string() + '-' + std::to_string(number);
    }
    throw user_error(fmt::format("{}: a thousand runs with other settings are there; give --out", folder.string()));
}

/// What lies there and is not the same run's, in words; "": nothing.
std::string result_folder::occupant(const std::string& name) const
{
    for (const char* each : {sweep::points_file, sweep::sweep_file})
        if (is_there(m_folder / each))
            return fmt::format("a sweep ({})", each);
    const bool result = is_there(m_folder / results::result_file), scenario = is_there(m_folder / results::scenario_file);
    if ((!result && !scenario) || m_kept.is_in(m_folder))
        return {};
    if (!scenario)
        return fmt::format("a {} without its {}", results::result_file, results::scenario_file);
    const std::string there = name_of_occupant(m_folder);
    if (!result || there.empty())
        return fmt::format("{} {} that {}", result ? "beside a result a" : "a", results::scenario_file,
                           there.empty() ? "is no scenario of a result" : "is not this run's");
    return fmt::format("the result of scenario '{}'{}", text::printable(there),
                       there == name ? " with other settings or inputs" : "");
}

void result_folder::require_own(const std::string& name, bool force) const
{
    if (const std::string there = occupant(name); !there.empty() && !force)
        throw user_error(fmt::format("--out {}: holds {}; --force replaces it, or give another --out", m_folder.string(),
                                     there));
}

void result_folder::begin() const
{
    std::error_code ignored;
    for (const char* each : {results::result_file, sweep::points_file, sweep::sweep_file})
        fs::remove(m_folder / each, ignored);
}

void result_folder::write(const std::string& result)
{
    std::vector<fs::path> written;
    try {
        m_kept.write(m_folder, written);
        results::write_file(m_folder / results::result_file, result);
    } catch (...) {
        std::error_code ignored;
        for (const fs::path& each : written)
            for (fs::path gone = each; gone != m_folder && fs::remove(gone, ignored);)
                gone = gone.parent_path(); // folders only when they are empty
        throw;
    }
    m_made.clear();
    process::remove_when_interrupted(m_made);
}

bool holds_result(const fs::path& folder)
{
    return is_there(folder / results::result_file) && !name_of_occupant(folder).empty();
}

} // namespace loas::output
