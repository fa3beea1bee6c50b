#include "platform/cli/dram_command.h"

#include "models/cost/dram_energy.h"
#include "models/memory/dram/command_checker.h"
#include "models/memory/dram/replay.h"
#include "platform/output/output_place.h"
#include "platform/results/channel_tree.h"
#include "platform/results/result.h"
#include "platform/text/say.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace loas::cli
{
namespace
{

using json = nlohmann::ordered_json;
using text::user_error;

constexpr double longest_cycle_ns = 1e6;

struct replayed {
    std::string file;
    config::scenario scenario;
    bool times_kept = false;
    unsigned in_flight = 0;
    dram::replay_result result;
    dram::channel_statistics total;
    std::uint64_t recorded = 0, as_recorded = 0; ///< requests whose end the trace says; those that ended then
    std::uint64_t commands_checked = 0;
};

/// The DRAM of the scenario that --memory and --set describe.
config::scenario dram_scenario_of(const po::variables_map& given)
{
    const auto overrides =
        given.count("set") != 0 ? given["set"].as<std::vector<std::string>>() : std::vector<std::string>();
    const config::scenario scenario = given.count("memory") != 0
                                          ? config::load_scenario(given["memory"].as<std::string>(), overrides)
                                          : config::default_scenario(overrides);
    for (const std::string& each : overrides) {
        const std::string_view key = std::string_view(each).substr(0, each.find('='));
        const auto begins = [&](std::string_view with) { return key.substr(0, with.size()) == with; };
        if ((!begins("dram.") && !begins("energy.dram_")) || begins("dram.ideal") || begins("dram.lose_response"))
            text::say(fmt::format("--set {}: without effect here, where only the timing and energy of a DRAM count",
                                  text::printable(each)));
    }
    return scenario;
}

std::uint64_t cycle_ps_of(const po::variables_map& given, const dram::parameters& parameters)
{
    if (given.count("cycle-ns") == 0)
        return parameters.clock_ps();
    const double ns = given["cycle-ns"].as<double>();
    if (!(ns >= 0.001) || ns > longest_cycle_ns)
        throw user_error(fmt::format("--cycle-ns: allowed are 0.001..{}", longest_cycle_ns));
    return static_cast<std::uint64_t>(std::llround(ns * 1000));
}

bool times_kept(const po::variables_map& given, const trace::dram_trace& trace, const std::string& file)
{
    const std::string word = given_or_empty(given, "times");
    if (!word.empty() && word != "keep" && word != "ignore")
        throw user_error("--times: allowed are keep, ignore");
    if (word == "keep" && !trace.has_times)
        throw user_error(fmt::format("--times keep: {} has no times", file));
    return trace.has_times && word != "ignore";
}

/// A breach is a mistake in the model.
void refuse(const std::vector<std::string>& violations)
{
    if (violations.empty())
        return;
    std::string all = "the DRAM model broke a rule of its standard:";
    for (const std::string& each : violations)
        all += "\n  " + each;
    throw std::runtime_error(all);
}

replayed replay_of(const po::variables_map& given)
{
    replayed out;
    out.file = given["file"].as<std::string>();
    out.scenario = dram_scenario_of(given);
    const dram::parameters& parameters = out.scenario.dram;
    const trace::dram_trace trace =
        trace::read_dram_trace(out.file, parameters.burst_bytes(), cycle_ps_of(given, parameters));
    if (given.count("cycle-ns") != 0 && !trace.in_cycles)
        text::say(fmt::format("--cycle-ns: without effect, for {} has no times in cycles", text::printable(out.file)));
    out.times_kept = times_kept(given, trace, out.file);
    if (given.count("in-flight") != 0) {
        const int in_flight = given["in-flight"].as<int>();
        if (in_flight < 1 || in_flight > 1 << 20)
            throw user_error("--in-flight: allowed are 1..1048576");
        out.in_flight = static_cast<unsigned>(in_flight);
    }
    dram::replay_options options;
    options.in_flight = out.in_flight;
    options.keep_times = out.times_kept;
    dram::command_checker checker(parameters);
    if (given.count("check") != 0)
        options.observer = &checker;
    std::vector<std::uint64_t> ends_ps;
    if (out.times_kept && !trace.recorded_ps.empty())
        options.ends_ps = &ends_ps;
    out.result = dram::replay(parameters, trace.requests, options);
    refuse(checker.violations());
    out.commands_checked = checker.commands();
    for (const dram::channel_statistics& channel : out.result.channels)
        out.total.add(channel);
    out.recorded = ends_ps.size();
    for (std::size_t i = 0; i < ends_ps.size(); ++i)
        out.as_recorded += ends_ps[i] == trace.recorded_ps[i];
    return out;
}

cost::dram_energy energy_of(const replayed& from)
{
    const dram::parameters& parameters = from.scenario.dram;
    return cost::energy_of_dram(from.total,
                                {parameters.burst_bytes(), parameters.channels, parameters.banks(), from.result.time_ns,
                                 static_cast<double>(parameters.clock_ps()) / 1000},
                                from.scenario.energy);
}

std::string to_text(const replayed& from)
{
    const dram::replay_result& result = from.result;
    const dram::parameters& parameters = from.scenario.dram;
    const double bursts = static_cast<double>(
        std::max<std::uint64_t>(from.total.row_hits + from.total.row_misses + from.total.row_conflicts, 1));
    const auto percent = [](double share) { return 100 * share; };
    const std::string pace = from.times_kept       ? "at their times"
                             : from.in_flight == 0 ? "as fast as the queues take them"
                                                   : fmt::format("at most {} of a channel in flight", from.in_flight);
    std::string out = fmt::format("{}: {} requests of {} bytes, {:.1f} % written, {}\n", from.file, result.requests,
                                  parameters.burst_bytes(),
                                  percent(static_cast<double>(result.writes.requests) /
                                          static_cast<double>(std::max<std::uint64_t>(result.requests, 1))),
                                  pace);
    out += fmt::format("{} channels of {} bits, {} banks, rows of {} bytes, {} page, {}\n\n", parameters.channels,
                       parameters.channel_bits, parameters.banks(), parameters.row_bytes,
                       parameter::word_of(parameters.page), parameter::word_of(parameters.scheduler));
    out += fmt::format("time        {:>10.1f} ns{}\n", result.time_ns,
                       result.begin_ns == 0 ? "" : fmt::format(", from the first request at {:.1f} ns on", result.begin_ns));
    out += fmt::format("bandwidth   {:>10.2f} GB/s, {:.1f} % of {:.1f}\n", result.gb_per_s,
                       percent(result.share_of_peak), parameters.peak_bytes_per_ns());
    out += fmt::format("in flight   {:>10.1f} on average\n", result.mean_in_flight);
    out += fmt::format("row hits    {:>10.1f} %, misses {:.1f} %, conflicts {:.1f} %\n",
                       percent(static_cast<double>(from.total.row_hits) / bursts),
                       percent(static_cast<double>(from.total.row_misses) / bursts),
                       percent(static_cast<double>(from.total.row_conflicts) / bursts));
    if (from.total.merged_writes + from.total.forwarded_reads != 0)
        out += fmt::format("moved none  {:>10} writes merged with waiting ones, {} reads answered from them\n",
                           from.total.merged_writes, from.total.forwarded_reads);
    out +=
        fmt::format("refreshes   {:>10} of all banks, {} of one\n\n", from.total.refreshes, from.total.bank_refreshes);
    out += fmt::format("{:<10} {:>10} {:>10} {:>10} {:>10} {:>10}\n", "latency ns", "requests", "mean", "median",
                       "99 %", "worst");
    for (const auto& [name, of] :
         {std::pair("reads", result.reads), std::pair("writes", result.writes), std::pair("all", result.all)})
        out += fmt::format("{:<10} {:>10} {:>10.1f} {:>10.1f} {:>10.1f} {:>10.1f}\n", name, of.requests, of.mean,
                           of.median, of.percentile_99, of.worst);
    const cost::dram_energy energy = energy_of(from);
    out += fmt::format("\nenergy nJ   activate {:.1f}, read {:.1f}, write {:.1f}, refresh {:.1f}, background {:.1f}\n",
                       energy.activate_pj / 1000, energy.read_pj / 1000, energy.write_pj / 1000,
                       energy.refresh_pj / 1000, energy.background_pj / 1000);
    if (from.recorded != 0)
        out += fmt::format("as recorded {} of {} requests end when the trace says\n", from.as_recorded, from.recorded);
    if (from.commands_checked != 0)
        out += fmt::format("checked     {} commands, no breach\n", from.commands_checked);
    return out;
}

json to_json(const dram::latency_summary& of)
{
    return {{"requests", of.requests},
            {"mean", of.mean},
            {"median", of.median},
            {"percentile_99", of.percentile_99},
            {"worst", of.worst}};
}

std::string to_json(const replayed& from)
{
    const dram::replay_result& result = from.result;
    const cost::dram_energy energy = energy_of(from);
    json out = {{"trace", from.file},
                {"requests", result.requests},
                {"bytes", result.bytes},
                {"merged_writes", from.total.merged_writes},
                {"forwarded_reads", from.total.forwarded_reads},
                {"times_kept", from.times_kept},
                {"in_flight_at_most", from.in_flight == 0 ? json() : json(from.in_flight)},
                {"begin_ns", result.begin_ns},
                {"time_ns", result.time_ns},
                {"gb_per_s", result.gb_per_s},
                {"peak_gb_per_s", from.scenario.dram.peak_bytes_per_ns()},
                {"share_of_peak", result.share_of_peak},
                {"mean_in_flight", result.mean_in_flight},
                {"row_hit_share", result.row_hit_share},
                {"latency_ns",
                 {{"reads", to_json(result.reads)}, {"writes", to_json(result.writes)}, {"all", to_json(result.all)}}},
                {"energy_pj",
                 {{"activate", energy.activate_pj},
                  {"read", energy.read_pj},
                  {"write", energy.write_pj},
                  {"refresh", energy.refresh_pj},
                  {"background", energy.background_pj}}}};
    if (from.recorded != 0)
        out["as_recorded"] = {{"requests", from.recorded}, {"equal", from.as_recorded}};
    if (from.commands_checked != 0)
        out["commands_checked"] = from.commands_checked;
    results::tree_writer tree(out);
    std::vector<dram::channel_statistics> channels = result.channels;
    const results::dram_scale scale{static_cast<double>(from.scenario.dram.clock_ps()) / 1000,
                                    from.scenario.dram.burst_bytes()};
    tree.list("channels", channels,
              [&](auto& item, dram::channel_statistics& channel) { results::describe(item, channel, scale); });
    return out.dump(2) + '\n';
}

process::exit_code dram_replay(const po::variables_map& given)
{
    const replayed done = replay_of(given);
    print(given.count("json") != 0 ? to_json(done) : to_text(done));
    return process::exit_code::good;
}

} // namespace

std::unique_ptr<trace::dram_trace_writer> trace_of(const po::variables_map& given, const config::scenario& scenario,
                                                   const std::filesystem::path& results)
{
    if (given.count("trace") == 0)
        return nullptr;
    const std::string wanted = given["trace"].as<std::string>();
    const std::string_view kind = "dram=";
    if (wanted.compare(0, kind.size(), kind) != 0 || wanted.size() == kind.size())
        throw user_error(fmt::format("--trace {}: expected dram=FILE", text::printable(wanted)));
    if (scenario.timing == config::timing::lt || scenario.memory.backend != "dram" || scenario.dram.ideal ||
        scenario.cache.ideal)
        throw user_error(fmt::format("--trace {}: this run has no DRAM to look at (memory.backend, timing, dram.ideal, "
                                     "cache.ideal)",
                                     text::printable(wanted)));
    const std::filesystem::path file = output::output_file(wanted.substr(kind.size()), "--trace", false);
    for (const char* each : {results::result_file, results::scenario_file})
        if (file == std::filesystem::weakly_canonical(results / each))
            throw user_error(fmt::format("--trace {}: the run writes {} there", text::printable(wanted), each));
    return std::make_unique<trace::dram_trace_writer>(file, scenario.dram);
}

command dram_row()
{
    return {"dram",
            "FILE",
            "replay a trace of memory accesses on the DRAM alone",
            "file",
            dram_replay,
            {text("memory", "FILE", "a scenario with the [dram], as in scenarios/memory (default: HBM2)"), set_row(),
             optional<int>("in-flight", "N", "requests of a channel under way at a time (default: as the queues hold)"),
             text("times", "keep|ignore",
                  "no request before its time (default if the trace has times), or as fast as possible"),
             optional<double>("cycle-ns", "NS", "a cycle of DRAMSys's form (default: the DRAM's clock)"),
             flag("check", "hold every command against the standard; a breach ends with exit code 5"),
             flag("json", "as JSON, with counters of each channel and bank")},
            {"run scenarios/quickstart/digits.toml --trace dram=digits.csv", "dram digits.csv --check",
             "dram digits.csv --memory scenarios/memory/ddr5.toml --times ignore --json"}};
}

} // namespace loas::cli
