// The page of the DRAM model's bandwidth, latencies and row hits under the usual kinds of traffic. Compares it with the
// file in the sources; --update writes it. usage: dram_page SOURCE_DIR [--update | --traces DIR]
// --traces: writes the same traffic in Ramulator's and DRAMSys's form, for a comparison beside it.
#include "tests/dram_page/traffic_kinds.h"

#include "models/memory/dram/command_checker.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>

using namespace loas;

namespace
{

constexpr std::size_t requests_a_channel = 4000;

std::string fixed(double value, int digits)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string latency(const dram::latency_summary& of)
{
    if (of.requests == 0)
        return "- | - | -";
    return fixed(of.mean, 0) + " | " + fixed(of.percentile_99, 0) + " | " + fixed(of.worst, 0);
}

dram::parameters with_channels(unsigned channels)
{
    dram::parameters parameters;
    parameters.channels = channels;
    return parameters;
}

/// What bounds random traffic, whatever waits.
std::string bound_of_random(const dram::parameters& parameters)
{
    const unsigned row_clocks = parameters.precharge_clocks + parameters.activate_clocks;
    const double burst_clocks = static_cast<double>(parameters.burst_beats) / parameters.beats_per_clock;
    const auto share = [&](unsigned channels) {
        return fixed(std::min(100.0, 100 * burst_clocks / (row_clocks * channels)), 1);
    };
    return "\nRandom bursts are bound by the bus for row commands: each takes a PRECHARGE and an ACTIVATE, " +
           std::to_string(row_clocks) + " clocks of it together,\nand moves data for " + fixed(burst_clocks, 0) +
           " clocks. Channels that share the bus in pairs come to " + share(parameters.channels_per_command_bus) +
           " % of their peak at most, one that has it for itself to\n" + share(1) +
           " %, both less the time of refreshes. With few in flight 16 channels stay below that, since requests are "
           "handed over in\ntheir order: one whose channel is full holds up all behind it, so places of the other "
           "channels are empty (\"in flight\": mean of a\nchannel).\n";
}

std::string row_of(const test::traffic_kind& kind, const dram::parameters& parameters, unsigned in_flight, bool& clean)
{
    dram::command_checker checker(parameters);
    dram::replay_options options;
    options.in_flight = in_flight;
    options.keep_times = kind.timed;
    options.observer = &checker;
    const dram::replay_result result = dram::replay(
        parameters, test::requests_of(kind, parameters, requests_a_channel * parameters.channels), options);
    for (const std::string& each : checker.violations()) {
        std::cerr << kind.name << ": " << each << '\n';
        clean = false;
    }
    return "| " + std::string(kind.name) + " | " + fixed(result.gb_per_s, 2) + " | " +
           fixed(100 * result.share_of_peak, 1) + " | " + fixed(result.mean_in_flight / parameters.channels, 1) +
           " | " + latency(result.reads) + " | " + latency(result.writes) + " | " +
           fixed(100 * result.row_hit_share, 1) + " |\n";
}

std::string page(bool& clean)
{
    std::ostringstream out;
    out << "# The DRAM under the usual kinds of traffic\n\n"
           "Written by `dram_page SOURCE_DIR --update` (`tests/dram_page`); a test compares it. HBM2 with its "
           "defaults, "
        << requests_a_channel
        << " requests of\n32 bytes a channel, handed over in their order, each as soon as its channel has fewer than "
           "so "
           "many of them in flight.\nNo cache, no accelerator. Latencies are from arrival to the last data; every "
           "command "
           "is held against the rules of the standard.\n`loas-vp dram` gives such figures of any trace; "
           "`dram_page . --traces DIR` writes these as traces, in the forms of\nother simulators.\n"
        << bound_of_random(with_channels(16));
    for (const unsigned channels : {1U, 16U})
        for (const unsigned in_flight : {4U, 8U, 16U, 32U}) {
            const dram::parameters parameters = with_channels(channels);
            out << "\n## " << channels << (channels == 1 ? " channel, " : " channels, ") << in_flight
                << " in flight a channel; peak " << fixed(parameters.peak_bytes_per_ns(), 0)
                << " GB/s\n\n| | GB/s | % of peak | in flight | reads: mean ns | 99 % | worst | writes: mean ns | 99 % "
                   "| "
                   "worst | row hits % |\n|---|---|---|---|---|---|---|---|---|---|---|\n";
            for (const test::traffic_kind& kind : test::traffic_kinds())
                out << row_of(kind, parameters, in_flight, clean);
        }
    return out.str();
}

void write_traces(const std::filesystem::path& folder)
{
    std::filesystem::create_directories(folder);
    for (const unsigned channels : {1U, 16U}) {
        const dram::parameters parameters = with_channels(channels);
        std::size_t number = 0;
        for (const test::traffic_kind& kind : test::traffic_kinds()) {
            const std::string name = std::to_string(channels) + "ch_" + std::to_string(++number);
            std::ofstream loads(folder / (name + ".ramulator")), cycles(folder / (name + ".stl"));
            loads << "# " << kind.name << '\n';
            cycles << "# " << kind.name << '\n';
            for (const dram::replay_request& each :
                 test::requests_of(kind, parameters, requests_a_channel * channels)) {
                const std::uint64_t clock = (each.time_ps + parameters.clock_ps() - 1) / parameters.clock_ps();
                loads << (each.write ? "ST 0x" : "LD 0x") << std::hex << each.address << '\n';
                cycles << std::dec << clock << (each.write ? ": write 0x" : ": read 0x") << std::hex << each.address
                       << '\n';
            }
        }
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc == 4 && std::strcmp(argv[2], "--traces") == 0) {
        write_traces(argv[3]);
        return 0;
    }
    if (argc != 2 && !(argc == 3 && std::strcmp(argv[2], "--update") == 0)) {
        std::cerr << "usage: dram_page SOURCE_DIR [--update | --traces DIR]\n";
        return 2;
    }
    bool clean = true;
    const std::string text = page(clean);
    const std::filesystem::path file = std::filesystem::path(argv[1]) / "models/memory/dram/TRAFFIC.md";
    if (argc == 3) {
        std::ofstream(file) << text;
        return clean ? 0 : 1;
    }
    std::ifstream in(file);
    const std::string there((std::istreambuf_iterator<char>(in)), {});
    if (there != text)
        std::cerr << file << " is not what the model gives now: dram_page SOURCE_DIR --update writes it\n";
    return clean && there == text ? 0 : 1;
}
