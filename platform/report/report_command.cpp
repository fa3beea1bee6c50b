#include "platform/report/report_command.h"

#include "platform/designs/design.h"
#include "platform/report/page.h"
#include "platform/results/read_result.h"
#include "platform/results/result.h"
#include "platform/results/tree.h"
#include "platform/sweep/point_record.h"
#include "platform/sweep/store.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>

namespace loas::report
{
namespace
{

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;
using text::user_error;

constexpr std::size_t most_runs = 100;
constexpr std::size_t most_points = 100'000; // beyond, no browser draws the page
constexpr std::size_t most_not_ok = 100;

struct input {
    fs::path given, file;
    bool is_sweep = false;
};

/// What a path means: a folder is what lies in it.
input input_of(const fs::path& given)
{
    std::error_code ignored;
    if (!fs::is_directory(given, ignored))
        return {given, given, given.extension() == fs::path(sweep::points_file).extension()};
    const bool run = fs::exists(given / results::result_file, ignored);
    const bool points = fs::exists(given / sweep::points_file, ignored);
    if (run && points)
        throw user_error(fmt::format("{}: both {} and {} are in it; name the file", given.string(),
                                     results::result_file, sweep::points_file));
    if (!run && !points)
        throw user_error(fmt::format("{}: neither {} nor {} is in it; the folder of loas-vp run or loas-vp sweep is "
                                     "needed",
                                     given.string(), results::result_file, sweep::points_file));
    return {given, given / (run ? results::result_file : sweep::points_file), points};
}

/// A comparison is the runs that its list names.
std::vector<fs::path> runs_of(const fs::path& given)
{
    const std::vector<fs::path> compared = results::compared_runs(given);
    return compared.empty() ? std::vector<fs::path>{given} : compared;
}

std::vector<fs::path> all_runs_of(const std::vector<fs::path>& given)
{
    std::vector<fs::path> all;
    for (const fs::path& each : given)
        for (fs::path& run : runs_of(each))
            all.push_back(std::move(run));
    return all;
}

/// "results/digits" and "results/digits/results.json" are both of the folder digits.
std::string folder_name(const fs::path& file)
{
    return fs::absolute(file).lexically_normal().parent_path().filename().string();
}

/// The shortest names that tell the runs apart: scenarios, else designs, else folders, else what was given.
std::vector<std::string> labels_of(const std::vector<input>& inputs, const std::vector<json>& results)
{
    std::vector<std::string> scenarios, designs, folders, paths;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        scenarios.push_back(results[i]["scenario"].get<std::string>());
        designs.push_back(results[i]["accelerator"].get<std::string>());
        folders.push_back(folder_name(inputs[i].file));
        paths.push_back(inputs[i].given.string());
    }
    for (const std::vector<std::string>* names : {&scenarios, &designs, &folders}) {
        std::vector<std::string> sorted = *names;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end())
            return *names;
    }
    return paths;
}

/// What the hardware could do in the best case, whatever it runs.
json peak_of(const config::scenario& scenario)
{
    const designs::design& design = designs::design_of(scenario);
    const memory::backend_facts& backend = memory::backend_facts_of(scenario.memory.backend);
    json peak;
    peak["adders_of_tile"] = design.adders_of_tile != nullptr ? design.adders_of_tile(scenario) : 1;
    peak["memory_bytes_per_ns"] = nullptr;
    if (backend.peak_bytes_per_ns != nullptr)
        peak["memory_bytes_per_ns"] = backend.peak_bytes_per_ns(scenario.memory, scenario.dram);
    return peak;
}

/// The values of one name over all points that are ok; a point that has none of it has null.
class columns
{
public:
    void add(std::size_t row, const char* role, const sweep::point_record::named_values& values)
    {
        for (const auto& [key, value] : values) {
            if (value.is_structured())
                continue; // a distribution cannot be drawn as a figure
            const auto [place, is_new] = m_places.emplace(std::string(role) + '.' + key, m_columns.size());
            if (is_new)
                m_columns.push_back({{"key", key}, {"role", role}, {"values", json::array()}});
            json& list = m_columns[place->second]["values"];
            while (list.size() < row)
                list.push_back(nullptr);
            list.push_back(value);
        }
    }

    json finish(std::size_t rows)
    {
        for (json& column : m_columns)
            while (column["values"].size() < rows)
                column["values"].push_back(nullptr);
        return std::move(m_columns);
    }

private:
    std::map<std::string, std::size_t> m_places;
    json m_columns = json::array();
};

/// A line of points.jsonl; nothing: it is none, and why.
std::optional<sweep::point_record> point_of(const std::string& line, std::string& mistake)
{
    try {
        return sweep::read_point(line);
    } catch (const results::tree_error& damaged) {
        mistake = damaged.what();
        return {};
    }
}

json read_sweep(const fs::path& file)
{
    std::error_code ignored;
    std::ifstream stream;
    if (fs::is_regular_file(file, ignored)) // a pipe may have no writer
        stream.open(file, std::ios::binary);
    if (!stream.is_open())
        throw user_error(
            fmt::format("{}: cannot read it; {} of loas-vp sweep is needed", file.string(), sweep::points_file));
    json sweep, index = json::array(), not_ok = json::array();
    std::map<std::string, std::size_t> statuses;
    columns all;
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        if (number > most_points)
            throw user_error(fmt::format("{}: more than {} points are too many for a page", file.string(),
                                         results::grouped(most_points)));
        const bool ended = !stream.eof();
        std::string mistake;
        const std::optional<sweep::point_record> point = point_of(line, mistake);
        if (!point && !ended)
            break; // a sweep may be writing it
        if (!point)
            throw user_error(
                fmt::format("{}:{}: not the line of a point of loas-vp sweep: {}", file.string(), number, mistake));
        ++statuses[point->status];
        if (!point->ok()) {
            if (not_ok.size() < most_not_ok)
                not_ok.push_back({{"index", point->index},
                                  {"axes", point->axes_text()},
                                  {"status", point->status},
                                  {"reason", text::printable(point->reason, 300)}});
            continue;
        }
        const std::size_t row = index.size();
        index.push_back(point->index);
        all.add(row, "axis", point->axes);
        all.add(row, "figure", point->figures);
        all.add(row, "derived", point->derived);
    }
    if (statuses.empty())
        throw user_error(fmt::format("{}: there is no finished point in it", file.string()));
    sweep["name"] = folder_name(file);
    sweep["points"] = nullptr;
    if (fs::exists(file.parent_path() / sweep::sweep_file, ignored)) {
        const std::size_t points = sweep::read_identity(file.parent_path()).points;
        if (file.filename() == sweep::points_file)
            sweep::point_lines(file.parent_path(), points); // checks that they are of this sweep
        sweep["points"] = points;
    }
    sweep["statuses"] = statuses;
    sweep["not_ok"] = std::move(not_ok);
    sweep["columns"] = all.finish(index.size());
    sweep["index"] = std::move(index);
    return sweep;
}

} // namespace

std::string make_report(const std::vector<fs::path>& given)
{
    std::vector<input> inputs;
    for (const fs::path& each : all_runs_of(given))
        inputs.push_back(input_of(each));
    const auto sweeps = std::count_if(inputs.begin(), inputs.end(), [](const input& each) { return each.is_sweep; });
    if (sweeps > 1)
        throw user_error("report: one sweep at a time; loas-vp merge joins the shards of one");
    if (sweeps == 1 && inputs.size() > 1)
        throw user_error("report: runs and a sweep do not go into one page; make two");
    if (inputs.size() > most_runs)
        throw user_error(
            fmt::format("report: more than {} results are too many for a page; loas-vp sweep is for many", most_runs));

    json data;
    data["names"] = names_json();
    std::string title;
    if (sweeps == 1) {
        data["sweep"] = read_sweep(inputs.front().file);
        title = data["sweep"]["name"].get<std::string>() + ": sweep";
    } else {
        std::vector<json> results, peaks;
        for (const input& each : inputs) {
            results::whole_result read = results::read_result(each.file);
            peaks.push_back(peak_of(results::scenario_of(read.run)));
            results.push_back(std::move(read.tree));
            results.back()["accuracy"].erase("predictions"); // the page shows how many are right
        }
        const std::vector<std::string> labels = labels_of(inputs, results);
        for (std::size_t i = 0; i < results.size(); ++i)
            data["runs"].push_back(
                {{"label", labels[i]}, {"peak", std::move(peaks[i])}, {"result", std::move(results[i])}});
        title = labels.size() == 1 ? labels.front()
                                   : fmt::format("{} and {} more: comparison", labels.front(), labels.size() - 1);
    }
    return to_page(title, data);
}

bool is_of(const std::vector<fs::path>& results, const fs::path& file)
{
    for (const fs::path& each : all_runs_of(results))
        for (const fs::path& part : {each, each / results::result_file, each / sweep::points_file}) {
            std::error_code ignored;
            if (fs::equivalent(file, part, ignored))
                return true;
        }
    return false;
}

} // namespace loas::report
