#include "platform/kept_sweep/kept_sweep.h"

#include "platform/config/options.h"
#include "platform/results/kept_scenario.h"
#include "platform/results/result.h"
#include "platform/text/read_text.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace loas::kept_sweep
{
namespace
{

namespace fs = std::filesystem;
using text::user_error;

constexpr const char* base_role = "base";
constexpr const char* workloads_role = "workloads";
constexpr const char* axes_role = "axes";
constexpr std::uint64_t most_kept_together = 16 * results::most_kept_bytes;

void make_folder_of(const fs::path& file)
{
    std::error_code failure;
    fs::create_directories(file.parent_path(), failure);
    if (failure)
        throw user_error(fmt::format("{}: cannot create the folder: {}", file.parent_path().string(), failure.message()));
}

} // namespace

copies::copies(sweep::definition of)
{
    of.base = keep_scenario(of.base, base_role);
    for (sweep::dimension& each : of.dimensions)
        for (sweep::column& one : each.columns)
            for (config::value& v : one.values)
                if (auto* path = std::get_if<std::string>(&v); one.is_path && !path->empty())
                    *path = one.key == sweep::workload_axis
                                ? keep_scenario(*path, workloads_role)
                                : keep_file(*path, "", fs::path(results::inputs_folder) / axes_role / one.key);
    m_toml = to_toml(of);
}

/// What the file and its includes say, in one file of the same name, which is the name of a scenario without one. Nothing
/// else: what is not said is the preset's, an axis's or a data file's to say.
std::string copies::keep_scenario(const fs::path& file, const char* role)
{
    config::scenario said = config::load_unchecked({file}, {});
    const fs::path home = fs::path(results::inputs_folder) / role;
    for (const config::option& o : config::options_of(said)) {
        if (!o.is_path())
            continue;
        if (const std::string named = std::get<std::string>(o.get()); !named.empty())
            o.set(keep_file(named, home, home / file.stem() / o.key));
    }
    const fs::path place = home / file.filename();
    m_scenarios.emplace_back(place, config::dump_given(said));
    return place.string();
}

/// What the copy is called, relative to home; a file that is not copied as it is. below: its folder.
std::string copies::keep_file(const std::string& named, const fs::path& home, const fs::path& below)
{
    const text::archive_entry parts = text::split_entry(named);
    const fs::path& file = parts.file; // clang 14 lets no lambda see a name of a structured binding
    std::error_code ignored; // a folder, a pipe or a device is no copy's original
    if (!fs::is_regular_file(file, ignored))
        return named;
    fs::path place = below / file.filename();
    const auto taken = [&](const auto& each) { return each.first == place && each.second != file; };
    for (unsigned number = 2; std::any_of(m_files.begin(), m_files.end(), taken); ++number)
        place = below / std::to_string(number) / file.filename();
    if (std::none_of(m_files.begin(), m_files.end(), [&](const auto& each) { return each.first == place; })) {
        const std::uint64_t bytes = fs::file_size(file, ignored);
        if (bytes > results::most_kept_bytes || m_bytes + bytes > most_kept_together)
            return named;
        m_bytes += bytes;
        m_files.emplace_back(place, file);
    }
    return (home.empty() ? place : place.lexically_relative(home)).string() + (parts.entry.empty() ? "" : ':' + parts.entry);
}

void copies::write(const fs::path& folder) const
{
    for (const auto& [place, text] : m_scenarios) {
        make_folder_of(folder / place);
        results::write_file(folder / place, text);
    }
    for (const auto& [place, original] : m_files) {
        std::error_code ignored;
        if (fs::equivalent(folder / place, original, ignored)) // a sweep that is swept again into its own folder
            continue;
        const std::optional<std::string> bytes = text::read_text(original, results::most_kept_bytes);
        if (!bytes)
            continue; // the point that wants it will tell
        make_folder_of(folder / place);
        results::write_file(folder / place, *bytes);
    }
}

void copy_kept(const fs::path& from, const fs::path& to)
{
    std::error_code failure;
    for (const char* role : {base_role, workloads_role, axes_role}) {
        const fs::path source = from / results::inputs_folder / role, target = to / results::inputs_folder / role;
        if (!fs::is_directory(source, failure) || fs::equivalent(source, target, failure))
            continue;
        make_folder_of(target);
        fs::copy(source, target, fs::copy_options::recursive | fs::copy_options::overwrite_existing, failure);
        if (failure)
            throw user_error(fmt::format("{}: cannot be copied: {}", source.string(), failure.message()));
    }
}

void remove_kept(const fs::path& folder)
{
    std::error_code ignored;
    for (const char* role : {base_role, workloads_role, axes_role})
        fs::remove_all(folder / results::inputs_folder / role, ignored);
    fs::remove(folder / results::inputs_folder, ignored); // if it is empty
}

} // namespace loas::kept_sweep
