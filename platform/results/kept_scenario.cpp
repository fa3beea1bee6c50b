#include "platform/results/kept_scenario.h"

#include "platform/config/options.h"
#include "platform/results/result.h"
#include "platform/text/read_text.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace loas::results
{
namespace
{

namespace fs = std::filesystem;

bool has_bytes(const fs::path& file, const std::string& bytes)
{
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && text::read_text(file, bytes.size()) == bytes;
}

} // namespace

fs::path scenario_path(const fs::path& given)
{
    std::error_code ignored;
    const fs::path inside = given / scenario_file;
    return fs::is_directory(given, ignored) && fs::exists(inside, ignored) ? inside : given;
}

kept_scenario::kept_scenario(const config::scenario& scenario)
    : m_of_program(scenario.workload.kind == config::workload_kind::program)
{
    config::scenario kept = scenario;
    for (const config::option& o : config::options_of(kept)) {
        if (!o.read_by)
            continue;
        m_keys.emplace_back(o.key);
        const std::string named = std::get<std::string>(o.get());
        if (named.empty() || *o.read_by != scenario.workload.kind)
            continue;
        const auto [file, entry] = text::split_entry(named);
        m_named.push_back(file);
        std::error_code ignored; // a folder, a pipe or a device is no copy's original
        if (!fs::is_regular_file(file, ignored) || fs::file_size(file, ignored) > most_kept_bytes)
            continue;
        std::optional<std::string> bytes = text::read_text(file, most_kept_bytes);
        if (!bytes || bytes->size() > most_kept_bytes)
            continue;
        const fs::path place = fs::path(inputs_folder) / o.key / file.filename();
        o.set(place.string() + (entry.empty() ? "" : ':' + entry));
        m_copies.push_back({place, *std::move(bytes)});
    }
    m_text = config::dump(kept);
}

bool kept_scenario::is_in(const fs::path& folder) const
{
    const auto is_there = [&](const copy& c) { return has_bytes(folder / c.place, c.bytes); };
    return has_bytes(folder / scenario_file, m_text) &&
           (m_of_program || std::all_of(m_copies.begin(), m_copies.end(), is_there));
}

void kept_scenario::write(const fs::path& folder, std::vector<fs::path>& written) const
{
    const auto put = [&](const fs::path& file, const std::string& bytes) {
        if (has_bytes(file, bytes)) // perhaps the very file that was read
            return;
        std::error_code failure;
        fs::create_directories(file.parent_path(), failure);
        if (failure)
            throw text::user_error(
                fmt::format("{}: cannot create the folder: {}", file.parent_path().string(), failure.message()));
        write_file(file, bytes);
        written.push_back(file);
    };
    for (const copy& each : m_copies)
        put(folder / each.place, each.bytes);
    put(folder / scenario_file, m_text);
    remove_others(folder);
}

void kept_scenario::remove(const fs::path& folder)
{
    std::error_code ignored;
    fs::remove(folder / scenario_file, ignored);
    kept_scenario(config::scenario()).remove_others(folder);
    fs::remove(folder, ignored);
}

/// Only below inputs/KEY, where nobody but us writes, and nothing that the scenario still reads.
void kept_scenario::remove_others(const fs::path& folder) const
{
    std::error_code ignored;
    const auto wanted = [&](const fs::path& file) {
        return std::any_of(m_copies.begin(), m_copies.end(),
                           [&](const copy& c) { return folder / c.place == file; }) ||
               std::any_of(m_named.begin(), m_named.end(),
                           [&](const fs::path& named) { return fs::equivalent(named, file, ignored); });
    };
    for (const std::string& key : m_keys) {
        const fs::path inputs = folder / inputs_folder / key;
        for (const fs::directory_entry& each : fs::directory_iterator(inputs, ignored))
            if (each.is_regular_file(ignored) && !wanted(each.path()))
                fs::remove(each.path(), ignored);
        fs::remove(inputs, ignored); // if it is empty
    }
    fs::remove(folder / inputs_folder, ignored);
}

} // namespace loas::results
