// The published evaluation beside this platform: for each layer what was published, what the publication's own
// accounting gives for our workload of the same counts, and what the modelled hardware takes.
#pragma once

#include "models/cost/compression.h"
#include "models/cost/energy.h"
#include "models/cost/published_traffic.h"
#include "platform/designs/design.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace loas::published
{

/// So many that the mean of SparTen's cycles, which scatter most from workload to workload, is known to a fraction of a
/// percent: the page prints its standard error.
constexpr unsigned default_seeds = 32;

struct scoreboard_request {
    std::vector<std::string> networks; ///< names of scenarios/networks/NAME.toml; empty: those of the publication
    unsigned seeds = default_seeds;    ///< workloads drawn for the accounting; the hardware runs the first
    std::filesystem::path scenarios;   ///< the project's folder of scenarios
    bool reruns = true;                ///< of the machines, with something changed
    unsigned jobs = 0;                 ///< at a time: drawn workloads, simulations; 0: as many as there are processors
};

/// A figure over the seeds.
struct spread {
    double mean = 0, low = 0, high = 0;
    double standard_error = 0; ///< of the mean; 0 of a single seed
};

/// What one accounting says about a layer or a network.
struct counted {
    spread cycles, matches, dram_kib, sram_kib;
};

/// The same as published, where it was.
struct published_figures {
    double cycles = 0, matches = 0, dram_kib = 0, sram_kib = 0;
    std::optional<double> energy; ///< no unit; of totals only
};

/// What the modelled hardware took.
struct modelled {
    std::uint64_t cycles = 0;
    double dram_kib = 0, sram_kib = 0;
    double energy_uj = 0;
    double published_energy = 0; ///< the published formula on the hardware's own counts; no unit
    double busy_cycles = 0, tile_cycles = 0;
    std::array<double, 4> group_uj{}; ///< of its energy, by cost::energy_group
    double dram_moved_uj = 0;         ///< of DRAM's: bits read and written
    double dram_standing_uj = 0;      ///< of DRAM's: standby and refresh, which go by the cycle, not by what is moved

    void add(const modelled& other);
};

/// A layer, or all layers, in one form: as they are, or fine-tuned ("FT": inputs that spike once are masked).
struct score {
    std::optional<published_figures> published;      ///< LoAS
    std::optional<published_figures> published_nmtk; ///< LoAS in the loop order of SparTen
    /// The accounting of each seed, and what they amount to; uniform: with weights placed uniformly.
    std::vector<cost::published_traffic> seeds, seeds_nmtk, seeds_uniform;
    counted rule, rule_nmtk, rule_uniform;
    double rule_energy = 0; ///< by the published formula from the accounting's counts; no unit
    modelled literal;
    cost::spike_storage storage;
};

constexpr std::size_t forms = 2; ///< normal, FT

/// A design that LoAS is compared with: what its descriptor says, at the published sizes.
struct rival {
    const char* title;
    const char* key; ///< in published_results.json
    cost::published_design design;
    cost::published_constants constants;
    bool fitted = false; ///< the workloads' columns of weights were placed so that its cycles are as published
};
const std::vector<rival>& rival_designs();

/// By the accounting alone, on the spikes as they are: so were the published figures.
struct rival_score {
    std::optional<published_figures> published;
    std::vector<cost::published_traffic> seeds;
    counted rule;
    double rule_energy = 0;
    double input_kib = 0; ///< the spikes in the design's format; the first seed's
};

struct layer_score {
    std::string name;
    std::array<score, forms> form;
    std::vector<rival_score> rivals = std::vector<rival_score>(rival_designs().size());
    double packed_input_kib = 0;       ///< the spikes in the format of LoAS, beside those of the rivals
    std::vector<char> unmatched_seeds; ///< 1: the drawn layer has not exactly the published counts
    bool counts_matched = true;        ///< all have
};

/// The machines that stand side by side: all simulated as described, on the same memory.
struct machine {
    std::string title;
    const char* key; ///< in published_results.json
    std::vector<std::string> overrides;
    const designs::design* design;
};
/// First LoAS, in both forms, then its rivals.
const std::vector<machine>& machines();

/// What each of machines() took: of a layer, or of all.
struct side_by_side {
    std::string name; ///< of the layer, or of what was changed
    std::string parameter;
    std::vector<modelled> machines;
};

/// A design of another kind than the rivals: for ANNs, with the network's layers as those of an ANN, or of dense
/// weights. And, to compare, LoAS.
struct other_layer {
    std::string name;
    std::optional<double> published; ///< cycles; of LoAS those of the normal form
    std::optional<std::uint64_t> published_weights; ///< items from DRAM, of designs of dense weights
    cost::published_traffic rule;    ///< the accounting of the first seed; nothing where nobody has one
    modelled literal;
};
struct other_score {
    const designs::design* design = nullptr;
    std::vector<other_layer> layers; ///< the last one is the total
    std::vector<modelled> changed;   ///< of the total, for each change of the design's publication

    const other_layer& total() const { return layers.back(); }
    double
    rule_energy(double dram_per_byte) const; ///< by the published formula, of the total; no unit; 0: there is none
};

struct network_score {
    std::string name;
    std::vector<layer_score> layers;     ///< the last one is the total
    std::vector<side_by_side> literal;   ///< by layer, the last one is the total
    std::vector<side_by_side> reruns;    ///< totals with parameters changed, on all machines
    std::vector<double> published_speed; ///< of LoAS over each machine; empty: not published
    std::vector<other_score> others;     ///< LoAS first; empty: the network has no layers as an ANN
    std::vector<std::pair<std::uint64_t, std::uint64_t>> sizes; ///< M and N of the layers, where there are others
};

/// From the published accounting to the literal machine, one parameter after the other.
struct walk_step {
    std::string change;
    std::string parameter; ///< as for --set; "" at the beginning
    std::uint64_t cycles = 0;
};
struct walk {
    std::string layer;
    std::vector<walk_step> steps; ///< the first is the accounting itself
};

struct scoreboard {
    unsigned seeds = 0;
    std::vector<network_score> networks;
    std::vector<walk> walks;
    bool golden_equal = true; ///< of every layer that was simulated
};

/// Throws text::user_error for unknown networks and unreadable files, and what rerun() throws.
scoreboard make_scoreboard(const scoreboard_request& request);

/// Cycles of all layers, at most 100 columns.
std::string to_text(const scoreboard& board);
/// Everything, as a page.
std::string to_markdown(const scoreboard& board);
std::string to_json(const scoreboard& board);

} // namespace loas::published
