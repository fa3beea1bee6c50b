// What a run found out, as data: filled by platform/run, written by this room as JSON and as a table for people, and
// read from JSON again. platform/results/README.md describes the JSON; a test checks it against a real file.
#pragma once

#include "models/cost/compression.h"
#include "models/cost/energy.h"
#include "models/cost/published_traffic.h"
#include "models/observe/counters.h"
#include "models/observe/memory_statistics.h"
#include "models/observe/utilisation.h"
#include "platform/config/scenario.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loas::results
{

inline constexpr const char* result_schema = "loas-vp.result/3";
inline constexpr const char* result_file = "results.json";
inline constexpr const char* scenario_file = "scenario.toml"; ///< what was run, beside the result

/// What the host did for a layer in device memory, all runs.
struct host_work {
    std::uint64_t read_bytes = 0, written_bytes = 0;
    std::uint64_t host_ns = 0; ///< of the CPU's time
};

/// The input of a layer of branches: what others give, side by side, put together by the host in device memory.
struct joined_input : host_work {
    std::vector<std::string> sources; ///< layers
};

/// Neurons that the host computes from the accelerator's currents.
struct host_neurons : host_work {
    std::string because; ///< what the accelerator's neurons cannot, in words
};

/// One layer, summed over its runs (one for each image; layer.runs of a synthetic layer).
struct layer_result {
    std::string name;
    std::uint64_t m = 0, k = 0, n = 0;
    unsigned timesteps = 0;
    std::uint64_t runs = 0;
    std::uint64_t spikes = 0;                     ///< in the unfolded inputs
    std::uint64_t non_silent = 0;                 ///< non-silent entries of the unfolded inputs
    /// Of the input tensor, masked before it was given to the accelerator: each had spiked once. None: it masks no input.
    std::optional<std::uint64_t> masked_inputs;
    std::uint64_t column_streams = 0; ///< side by side, at most; 0: the design had no choice (scheduler.spread)
    std::optional<joined_input> joined;           ///< none: the input is what one layer gives
    std::optional<results::host_neurons> host_neurons; ///< none: they are the accelerator's
    std::uint64_t weights = 0;                    ///< non-zero weights; of one run: they do not change
    unsigned spike_format = 0, weight_format = 0; ///< enums of the contract (sw/abi)
    cost::tensor_size stored_spikes;              ///< the input in memory, all runs
    cost::tensor_size stored_weights;             ///< of one run
    cost::published_traffic published;            ///< by the publication's own accounting; all 0 without one
    std::uint64_t golden_different = 0;           ///< runs whose output differs from the golden model
    observe::counter_set counters;
    observe::memory_statistics memory;         ///< of a result that was read: the channels' sum as one of them
    observe::utilisation_timeline utilisation; ///< of the first run; empty: not recorded
    cost::layer_energy energy;
    cost::published_energy published_energy; ///< by the publication's rule, from this run's figures

    double spike_sparsity() const;
    double silent_ratio() const;
    double weight_sparsity() const;
};

struct accuracy_result {
    std::uint64_t images = 0; ///< 0: the workload classifies none
    bool labelled = false;
    std::uint64_t correct = 0;
    std::vector<int> predictions; ///< class of each image; none of a network that gives a map of scores
};

/// A layer's spikes beside those of the network as its file describes it, in floating point.
struct float_layer {
    std::string name;
    double disagreement = 0;                ///< share of all neurons and timesteps whose spike differs
    double of_spikes = 0;                   ///< as many differ, for each spike in floating point; 0 where there is none
    double rate = 0, float_rate = 0;        ///< spikes of a neuron and timestep
    std::uint64_t dead = 0, saturated = 0;  ///< neurons that never, or always, spiked here but not there
};

/// How true the network that ran is to the file's.
struct float_result {
    std::uint64_t images = 0; ///< compared; 0: none was
    std::uint64_t agree = 0;  ///< of these, classified alike
    std::uint64_t correct = 0; ///< of these, right by the float network; of labelled ones
    /// Of a network that gives a map of scores, which classifies nothing: the share of its pixels, of all images, whose best
    /// channel is the same, and the correlation of all scores with the float network's.
    struct map_agreement {
        double same_pixels = 0, correlation = 0;
    };
    std::optional<map_agreement> map;
    std::vector<float_layer> layers;   ///< those that spike, on the host and on the accelerator
    std::vector<std::string> warnings; ///< in words
};

/// A network of more timesteps than the hardware holds.
struct blocks_result {
    unsigned timesteps = 0; ///< T of the network; each layer has those of a block
    unsigned count = 1;     ///< blocks; 1: it ran in one
};

/// A network's complexity as NeuroBench counts it, of an input on average; see platform/neurobench/README.md.
struct neurobench_result {
    std::uint64_t parameters = 0, footprint_bytes = 0; ///< 0: the workload is no network
    double connection_sparsity = 0, activation_sparsity = 0;
    double effective_macs = 0, effective_acs = 0, dense = 0, membrane_updates = 0;
};

/// A program of the user's on the host CPU (workload.kind = "program").
struct program_result {
    std::string name;                                             ///< of its file; "": the run had none
    std::uint64_t code = 0;                                       ///< with which it ended
    std::string ended_by;                                         ///< in words: its main function, a device, a call
    std::string cpu;                                              ///< "native" or "rv64"
    std::uint64_t instructions = 0;                               ///< 0: native
    std::uint64_t running_ns = 0, devices_ns = 0, waiting_ns = 0; ///< of the CPU's time; waiting: for an interrupt
};

/// mm2 at 32 nm.
struct area_result {
    std::vector<std::pair<std::string, double>> tile; ///< components of one TPPE or PE
    double tile_mm2 = 0;                              ///< one
    double tiles_mm2 = 0, cache_mm2 = 0, row_stores_mm2 = 0, buffers_mm2 = 0, rest_mm2 = 0;
    double cache_cacti_mm2 = 0; ///< the cache by CACTI instead; not in the total

    area_result() = default;
    area_result(const cost::system_area& area); // it is the same, with names of its own
    double total_mm2() const { return tiles_mm2 + cache_mm2 + row_stores_mm2 + buffers_mm2 + rest_mm2; }
};

struct run_result {
    std::string scenario;
    std::string accelerator;
    std::string fidelity;
    std::string timing; ///< "at" or "lt"
    std::string inputs_made_up; ///< of what else than the design takes, in words; "": of what it takes
    std::vector<std::string> guesses; ///< of its network, that may make it another, in words
    bool golden_checked = false; ///< it was asked for, and there was something to compare
    std::vector<std::string> golden_differences; ///< in words, the first few
    std::vector<std::string> golden_unchecked;   ///< layers that could not be compared, in words, the first few
    std::uint64_t runs = 0;                      ///< how often the workload ran: images of a network, runs of a layer
    accuracy_result accuracy;
    float_result floats;
    blocks_result blocks;
    neurobench_result neurobench;
    program_result program;
    std::uint64_t simulated_ns = 0; ///< from reset to the end of the program on the CPU
    std::vector<layer_result> layers;
    std::vector<observe::channel_statistics> dram_channels; ///< over all layers
    area_result area;
    cost::cache_leakage cache_leakage{}; ///< by both sources, of which energy.cache_leakage chooses
    std::vector<std::pair<std::string, config::value>> configuration;

    // Conditions of the run that figures are worked out with; the file has them as parts of the configuration.
    unsigned tiles = 0;
    double clock_mhz = 0;
    double dram_clock_ns = 0; ///< of the DRAM's command clock
    std::uint64_t dram_burst_bytes = 0;
    std::string energy_rule = "physical"; ///< "physical" or "published": what the summary shows
    void take_conditions(const config::scenario& from);

    /// The publication has an accounting of the design.
    bool accounted() const;
    std::string golden() const; ///< "equal", "different", "incomplete" (a layer could not be compared) or "not checked"
    bool golden_failed() const; ///< different or incomplete: a check that was asked for did not come out good
    layer_result totals() const;

    /// Adds what ran apart: further layers of the same scenario.
    void append(const run_result& further);
    static constexpr std::size_t differences_kept = 10; ///< of golden_differences and of golden_unchecked
};

/// Read and written on chip, by all kinds; spike words are T bits each, so it is rounded up to whole bytes.
std::uint64_t sram_bytes(const observe::counter_set& counters);

/// Read from and written to memory, by all kinds.
std::uint64_t dram_bytes(const observe::counter_set& counters);

/// Of all accesses to lines of the cache those that found theirs, 0..1; 0 without a cache.
double cache_hit_share(const observe::counter_set& counters);

/// Busy share of the tiles' cycles, 0..1.
double utilisation(const layer_result& layer, unsigned tiles);

/// Additions of a weight to a current that the spikes ask for: a spike at a non-zero weight.
std::uint64_t synaptic_operations(const layer_result& layer);

/// How often the first layer ran for a whole input.
std::uint64_t runs_of(const run_result& result);

/// What the accelerator does by itself, without the host's encoding and loading.
struct performance {
    double accelerator_ns = 0;   ///< that layers took, all runs
    double runs_per_second = 0;  ///< images or runs, one after another; 0 when no layer took time
    std::uint64_t synaptic_operations = 0;
    double tops_per_watt = 0; ///< synaptic operations, by all energy, DRAM included; 0 without energy
};
performance performance_of(const run_result& result);

/// Mean power while the layers ran, mW (pJ / ns); 0 when none did.
double mean_power_mw(double energy_pj, std::uint64_t cycles, double clock_mhz);

/// Words of the result file.
std::string_view spike_format_name(const layer_result& layer);
std::string_view weight_format_name(const layer_result& layer);

nlohmann::ordered_json to_json_tree(const run_result& result);

/// Its `neurobench` alone, as text.
std::string to_neurobench(const run_result& result);

/// The result file's text: that tree. The same result gives the same bytes.
std::string to_json(const run_result& result);

/// The result of such a tree; to_json() of it gives the same text again. Throws tree_error (tree.h), naming the key,
/// for one that is missing or not what it must be.
run_result from_json_tree(const nlohmann::ordered_json& tree);

/// The same of a text that to_json() made.
run_result from_json(std::string_view text);

/// 1234567 as "1,234,567": long counts are read, not parsed, in texts for people.
std::string grouped(std::uint64_t value);

/// "12,345" or "0.001234": whole and in groups from 1000 on, else four digits.
std::string readable(double value);

/// The scenario that it was run with, by its configuration; of files it has only the names. Throws tree_error.
config::scenario scenario_of(const run_result& result);

/// A table in columns: the first one left, the others right.
std::string align(const std::vector<std::vector<std::string>>& rows);

/// Writes a file so that it is there whole or not at all. Throws text::user_error naming file and reason.
void write_file(const std::filesystem::path& path, const std::string& text);

/// The same, of a text that comes in parts: next adds one to what it gets; false: there was none left.
void write_file(const std::filesystem::path& path, const std::function<bool(std::string&)>& next);

} // namespace loas::results
