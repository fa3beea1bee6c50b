#include "tests/bench/runs.h"

#include "models/functional/spike_words.h"
#include "platform/draw/layer_network.h"
#include "platform/draw/matched_layer.h"
#include "tests/bench/floor_kernel.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace loas::bench
{
namespace
{

const std::filesystem::path source_dir = LOAS_SOURCE_DIR;

struct measured_workload {
    std::string name;
    std::string scenario;  ///< below scenarios/
    std::string overrides; ///< options of loas-vp
    std::string network;   ///< below scenarios/networks; "": no floor
    std::string only;      ///< layers of the network
    unsigned repetitions;  ///< the least time counts: others use the machine too
    unsigned others;       ///< repetitions of other designs than LoAS; 0: none
};

const std::string masked = " --set workload.single_spike_mask=true"; // "FT": as most published figures are
const std::vector<measured_workload> workloads = {
    {"V-L8", "published/vgg16.toml", masked + " --set workload.only=V-L8", "vgg16.toml", "V-L8", 7, 5},
    {"A-L4", "published/alexnet.toml", masked + " --set workload.only=A-L4", "alexnet.toml", "A-L4", 7, 5},
    {"AlexNet", "published/alexnet.toml", masked, "alexnet.toml", "", 7, 5},
    {"VGG16", "published/vgg16.toml", masked, "vgg16.toml", "", 7, 5},
    {"ResNet19", "published/resnet19.toml", masked, "resnet19.toml", "", 5, 3},
    {"T-HFF", "published/t_hff.toml", masked, "t_hff.toml", "", 3, 1},
    {"quick start", "quickstart/digits.toml", "", "", "", 5, 0},
};

/// What a design does again and again where LoAS joins, by its counters; README.md has these units.
using count_joins = double (*)(const nlohmann::json& totals);

double chunk_joins(const nlohmann::json& totals)
{
    return totals["joins"].get<double>();
}
double streamed_spikes(const nlohmann::json& totals)
{
    return totals["sram_read_bits"]["a_words"].get<double>() / 8; // coordinates in a tile of 256 inputs
}
double merged_elements(const nlohmann::json& totals)
{
    return totals["matches"].get<double>() + totals["partial_sums_read"].get<double>();
}
double dense_chunks(const nlohmann::json& totals)
{
    return totals["sram_read_bits"]["a_mask"].get<double>() * 4 / 128; // a bit for four columns
}

/// Accelerators, and how they are run. A further accelerator is a row more.
struct measured_mode {
    std::string name, overrides;
    count_joins joins = chunk_joins;
    bool other_design = false;
};
const std::vector<measured_mode> modes = {
    {"loas, published, lt", " --set accelerator=loas --set fidelity=published --timing lt"},
    {"loas, literal, ideal memory", " --set accelerator=loas --set memory.backend=ideal"},
    {"loas, literal, cache + HBM", " --set accelerator=loas"},
    {"loas, all checked", " --set accelerator=loas --check-protocol"},
    {"loas-nmtk", " --set accelerator=loas-nmtk", chunk_joins, true},
    {"sparten-snn", " --set accelerator=sparten-snn", chunk_joins, true},
    {"gospa-snn", " --set accelerator=gospa-snn", streamed_spikes, true},
    {"gamma-snn", " --set accelerator=gamma-snn", merged_elements, true},
    {"dense-snn", " --set accelerator=dense-snn", dense_chunks, true},
};

/// Milliseconds and KiB; what loas-vp says of itself, and the whole process as seen from outside.
struct run_cost {
    double load = 0, build = 0, prepare = 0, simulate = 0, account = 0, report = 0, first_cycle = 0, whole = 0;
    long peak_kib = 0;
    double cycles = 0, joins = 0;
};

double milliseconds_since(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

run_cost run_once(const std::string& scenario, const std::string& overrides, count_joins joins = chunk_joins)
{
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / fmt::format("loas_bench_{}", ::getpid());
    std::filesystem::create_directories(folder);
    const std::string command = fmt::format(
        "'{}' run '{}/scenarios/{}' --set run.golden=false{} --json --quiet --host-times --out '{}' 2> '{}'", LOAS_VP,
        source_dir.string(), scenario, overrides, folder.string(), (folder / "times").string());
    const auto start = std::chrono::steady_clock::now();
    std::FILE* answer = ::popen(command.c_str(), "r");
    if (answer == nullptr)
        throw std::runtime_error("cannot run " + command);
    std::string text;
    char part[65536];
    for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, answer)) > 0;)
        text.append(part, got);
    const int status = ::pclose(answer);
    run_cost cost;
    cost.whole = milliseconds_since(start);
    std::ifstream file(folder / "times");
    const std::string told((std::istreambuf_iterator<char>(file)), {});
    std::filesystem::remove_all(folder);
    if (status != 0)
        throw std::runtime_error(command + "\n" + told);
    const std::size_t at = told.find("host ms:");
    if (at == std::string::npos || std::sscanf(told.c_str() + at,
                                               "host ms: load %lf, build %lf, prepare %lf, simulate %lf, account %lf, "
                                               "report %lf, to first cycle %lf; peak "
                                               "KiB: %ld",
                                               &cost.load, &cost.build, &cost.prepare, &cost.simulate, &cost.account,
                                               &cost.report, &cost.first_cycle, &cost.peak_kib) != 8)
        throw std::runtime_error("loas-vp does not say its times: " + told);
    // Not seen from inside: loading of the program and its end.
    const double unseen =
        cost.whole - (cost.load + cost.build + cost.prepare + cost.simulate + cost.account + cost.report);
    cost.first_cycle += std::max(unseen, 0.0);
    const auto totals = nlohmann::json::parse(text)["totals"];
    cost.cycles = totals["cycles"].get<double>();
    cost.joins = joins(totals);
    return cost;
}

/// The floor of a workload's layers, and the tensors' size as they are drawn, of the largest layer.
struct floor_of_layers : private floor_kernel::match_reader {
    std::vector<floor_kernel> kernels;
    std::vector<std::vector<std::uint16_t>> spikes;
    double tensor_mib = 0;
    double outputs_ms = std::numeric_limits<double>::max(); ///< without match counts
    double best_ms = std::numeric_limits<double>::max();

    explicit floor_of_layers(const measured_workload& workload)
    {
        if (workload.network.empty())
            return;
        const std::string file = (source_dir / "scenarios/networks" / workload.network).string();
        for (const draw::layer_statistics& each :
             draw::select_layers(draw::load_layer_network(file), workload.only, workload.name)) {
            draw::matched_layer made = draw::make_matched_layer(each, 1);
            functional::silence_single_spikes(made.spikes);
            reference::reference_layer layer;
            layer.timesteps = made.timesteps;
            layer.in_height = each.in_height;
            layer.in_width = each.in_width;
            layer.in_channels = each.in_channels;
            layer.out_channels = each.out_channels;
            layer.kernel_h = layer.kernel_w = each.kernel;
            layer.stride_h = layer.stride_w = each.stride;
            layer.pad_h = layer.pad_w = each.padding;
            layer.single_spike_mask = true;
            layer.leak_q8 = made.layer.leak_q8;
            layer.threshold = made.layer.threshold;
            layer.weights = made.layer.weights;
            kernels.emplace_back(layer);
            const double bytes = static_cast<double>(2 * made.spikes.size() + layer.weights.size());
            tensor_mib = std::max(tensor_mib, bytes / 1024 / 1024);
            spikes.push_back(std::move(made.spikes));
        }
    }

    void measure()
    {
        for (int repetition = 0; repetition < 3; ++repetition) {
            measure(outputs_ms, nullptr);
            measure(best_ms, this);
        }
    }

private:
    void measure(double& least_ms, floor_kernel::match_reader* reader)
    {
        const auto start = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < kernels.size(); ++i)
            kernels[i].run(spikes[i], reader);
        least_ms = std::min(least_ms, milliseconds_since(start));
    }
    /// The counts stand in memory: that is all that the floor has to do.
    void counted(const floor_kernel&, std::size_t, const std::uint8_t*) override {}
};

void take_better(run_cost& best, const run_cost& now)
{
    if (best.whole == 0) {
        best = now;
        return;
    }
    for (double run_cost::*time : {&run_cost::load, &run_cost::build, &run_cost::prepare, &run_cost::simulate,
                                   &run_cost::account, &run_cost::report, &run_cost::first_cycle, &run_cost::whole})
        best.*time = std::min(best.*time, now.*time);
    best.peak_kib = std::max(best.peak_kib, now.peak_kib);
}

std::string measure_workloads(const std::string& only, nlohmann::ordered_json& history)
{
    std::string table =
        "| workload | run | simulation ms | floor ms | floor without counts ms | ratio | M cycles/s | ns a join of its "
        "own | load ms | driver ms | account, report ms | to first cycle ms | peak MiB (2 x tensors + 64) |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (const measured_workload& workload : workloads) {
        if (workload.name.find(only) == std::string::npos)
            continue;
        floor_of_layers floor(workload);
        std::vector<run_cost> best(modes.size());
        for (unsigned repetition = 0; repetition < workload.repetitions; ++repetition)
            for (std::size_t i = 0; i < modes.size(); ++i) { // floor and runs in turn: they see the same machine
                if (modes[i].other_design && repetition >= workload.others)
                    continue;
                take_better(best[i],
                            run_once(workload.scenario, workload.overrides + modes[i].overrides, modes[i].joins));
                if (!floor.kernels.empty())
                    floor.measure();
            }
        for (std::size_t i = 0; i < modes.size(); ++i) {
            const run_cost& cost = best[i];
            if (cost.whole == 0) // not run
                continue;
            const bool has_floor = !floor.kernels.empty();
            const double ratio = cost.simulate / floor.best_ms;
            table += fmt::format("| {} | {} | {:.1f} | {} | {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | "
                                 "{:.1f} | {:.0f}{} |\n",
                                 workload.name, modes[i].name, cost.simulate,
                                 has_floor ? fmt::format("{:.2f}", floor.best_ms) : "-",
                                 has_floor ? fmt::format("{:.2f}", floor.outputs_ms) : "-",
                                 has_floor ? fmt::format("{:.1f}", ratio) : "-", cost.cycles / cost.simulate / 1e3,
                                 cost.simulate * 1e6 / cost.joins, cost.load, cost.prepare, cost.account + cost.report,
                                 cost.first_cycle, static_cast<double>(cost.peak_kib) / 1024,
                                 has_floor ? fmt::format(" ({:.0f})", 2 * floor.tensor_mib + 64) : "");
            if (has_floor)
                history[workload.name + ", " + modes[i].name] = std::round(10 * ratio) / 10;
        }
        fmt::print(stderr, "bench: {} done\n", workload.name);
    }
    return table;
}

/// Simulation time over joins: a matrix of 2304 x 512 with more and more rows, and the straight line through it.
std::string measure_growth()
{
    std::string table = "| rows | joins | simulation ms |\n|---|---|---|\n";
    double n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (const unsigned rows : {64U, 128U, 256U, 512U, 1024U}) {
        run_cost best;
        for (int repetition = 0; repetition < 3; ++repetition)
            take_better(best,
                        run_once("layers/v_l8.toml",
                                 fmt::format(" --set layer.height={} --set layer.width=1 --set layer.channels=2304 "
                                             "--set layer.kernel=1 --set layer.padding=0",
                                             rows)));
        table += fmt::format("| {} | {:.0f} | {:.1f} |\n", rows, best.joins, best.simulate);
        n += 1;
        x += best.joins;
        y += best.simulate;
        xx += best.joins * best.joins;
        xy += best.joins * best.simulate;
        yy += best.simulate * best.simulate;
    }
    const double slope = (n * xy - x * y) / (n * xx - x * x), start = (y - slope * x) / n;
    const double fit = (n * xy - x * y) * (n * xy - x * y) / ((n * xx - x * x) * (n * yy - y * y));
    return table +
           fmt::format("\nA straight line: {:.2f} ms + {:.1f} ns a join, R2 {:.5f}.\n", start, slope * 1e6, fit);
}

std::string machine_name()
{
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.rfind("model name", 0) == 0)
            return line.substr(line.find(':') + 2);
    return "unknown";
}

/// Between the two comments that bear the name.
void replace_part(std::string& page, const std::string& name, const std::string& text)
{
    const std::string begin = "<!-- bench: " + name + " -->\n", end = "<!-- end of " + name + " -->";
    const std::size_t from = page.find(begin), to = page.find(end);
    if (from == std::string::npos || to == std::string::npos)
        throw std::runtime_error("tests/bench/README.md has no place for " + name);
    page.replace(from + begin.size(), to - from - begin.size(), text);
}

} // namespace

int measure_runs(const std::string& only, bool update)
{
    try {
        if (std::none_of(workloads.begin(), workloads.end(),
                         [&](const measured_workload& each) { return each.name.find(only) != std::string::npos; }))
            throw std::runtime_error("no workload has '" + only + "' in its name");
        nlohmann::ordered_json history;
        const std::string date = fmt::format("{:%Y-%m-%d}", fmt::localtime(std::time(nullptr)));
        history["date"] = date;
        history["machine"] = machine_name();
        const std::string table =
            fmt::format("{}, {}\n\n{}", date, machine_name(), measure_workloads(only, history["ratios"]));
        const std::string growth = only.empty() ? measure_growth() : "";
        fmt::print("{}\n{}", table, growth);
        if (!update)
            return 0;
        const std::filesystem::path page = source_dir / "tests/bench/README.md";
        std::ifstream in(page);
        std::string text((std::istreambuf_iterator<char>(in)), {});
        replace_part(text, "runs", table);
        replace_part(text, "growth", growth);
        std::ofstream(page) << text;
        std::ofstream(source_dir / "tests/bench/history.jsonl", std::ios::app) << history.dump() << '\n';
        return 0;
    } catch (const std::exception& failed) {
        fmt::print(stderr, "bench: {}\n", failed.what());
        return 1;
    }
}

} // namespace loas::bench
