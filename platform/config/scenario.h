// A scenario: everything that a run may change, as plain structs. The initialisers are the defaults (fidelity
// "literal"); meaning, unit, range and source of each member stand in the table of options.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace loas::config
{

/// What is computed: the network and its inputs. Paths are absolute and normalised; empty = not given.
struct workload_params {
    /// "network" | "layer": the one of layer_params | "layers": each of a list, by itself
    std::string kind = "network";
    std::filesystem::path network;  ///< NIR file
    std::filesystem::path images;   ///< .npy
    std::filesystem::path labels;   ///< .npy, optional
    unsigned timesteps = 4;         ///< T
    double input_scale = 1.0;       ///< value of one image count
    double time_step = 1.0;         ///< the NIR file's dt, in the unit of its tau
    std::int64_t max_images = 0;    ///< 0 = all
    std::filesystem::path layers;   ///< list of layers, TOML
    std::string only;               ///< names of layers of the list; empty = all
    std::int64_t seed = 1;          ///< of the layers of the list
    bool skew = true;               ///< their weights are skewed as fitted to published results
    bool single_spike_mask = false; ///< treat neurons that spike once as silent (preprocessing of the publication)
};

/// A layer of its own (workload.kind = "layer"); T is workload.timesteps. The defaults are the published V-L8, layer 7
/// of VGG16. Its tensors are synthetic where no file is given. Shares are of the tensors, not of the unfolded (im2col)
/// matrix; counts_of() makes them exact counts.
struct layer_params {
    unsigned height = 4, width = 4; ///< pixels of the input
    unsigned channels = 256;
    unsigned out_channels = 512;
    unsigned kernel = 3;              ///< pixels a side
    unsigned stride = 1;              ///< pixels, both ways
    unsigned padding = 1;             ///< zero pixels on each side
    unsigned pool = 1;                ///< OR window and stride on the output; 1 = none
    double silent_ratio = 0.7652;     ///< share of inputs that never spike
    double spike_sparsity = 0.8807;   ///< share of zero bits of the inputs over all T
    double weight_sparsity = 0.96754; ///< share of zero weights
    unsigned leak_q8 = 128;           ///< U = floor(X * leak_q8 / 256)
    std::int64_t threshold = 128;     ///< weight units; the output is about as sparse as V-L9, the next layer
    std::int64_t seed = 1;
    std::filesystem::path spikes_file;  ///< .npy, or entry of an .npz; empty = synthetic
    std::filesystem::path weights_file; ///< the same
    std::int64_t runs = 1;              ///< one after another, with the same tensors
};

/// A temporal-parallel processing element and its inner-join unit.
struct tppe_params {
    unsigned count = 16;                ///< TPPEs, one row of A each
    unsigned max_timesteps = 4;         ///< width of a packed spike word
    unsigned chunk_bits = 128;          ///< mask positions joined at a time
    unsigned weight_buffer_bytes = 128; ///< per TPPE
    unsigned fast_latency = 1;          ///< cycles, fast prefix sum
    unsigned laggy_adders = 16;         ///< a chunk takes ceil(chunk_bits / laggy_adders) cycles
    bool laggy_pipelined = false;
    bool laggy_ideal = false;       ///< corrections cost no time
    unsigned fifo_depth = 8;        ///< entries of each of the two FIFOs
    unsigned acc_bits = 12;         ///< pseudo-accumulator
    unsigned corr_bits = 10;        ///< correction accumulators
    unsigned accumulator_sets = 1;  ///< output neurons held at a time
    unsigned columns_per_sync = 0;  ///< 0 = as many as accumulator_sets
    unsigned empty_join_cycles = 1; ///< least cycles of a chunk join
};

struct plif_params {
    unsigned latency = 1; ///< cycles for T outputs
};

struct compressor_params {
    unsigned adders = 16; ///< 0 = takes no time
};

struct scheduler_params {
    unsigned prefetch_rows = 1;    ///< row groups of A fetched ahead
    unsigned prefetch_columns = 8; ///< column fibers of B fetched ahead
};

struct memory_params {
    std::string backend = "dram"; ///< "dram" | "fixed" | "ideal"
    std::int64_t latency_ns = 60;
    double bandwidth_gb_per_s = 128.0; ///< 10^9 bytes a second
    std::int64_t ram_mib = 256;        ///< RAM of the machine, 2^20 bytes
};

/// Crossbars between the accelerator's ports and the banks of the global cache.
struct xbar_params {
    std::string arbitration = "round-robin"; ///< "round-robin" | "fixed-priority"
    unsigned latency = 1;                    ///< cycles
    bool ideal = false;                      ///< no port and no bank waits for another
};

/// The global cache (FiberCache).
struct cache_params {
    unsigned size_kib = 256;
    unsigned line_bytes = 32;
    unsigned banks = 16;
    unsigned ways = 16;
    unsigned bank_ports = 1;
    std::string policy = "a-first"; ///< "lru" | "a-first" | "random"
    std::int64_t seed = 1;          ///< of policy random
    unsigned hit_latency = 2;       ///< cycles
    unsigned mshrs = 16;            ///< a bank
    unsigned write_buffers = 64;    ///< lines
    bool ideal = false;             ///< every access hits, at once
};

/// SparTen-SNN: what it does not share with LoAS under [tppe].
struct sparten_params {
    unsigned rows = 32;
    unsigned chunk_buffers = 2;
};

struct gospa_params {
    unsigned tile_inputs = 256;
    unsigned rows = 64;
    unsigned stream_width = 16;
    unsigned fifo_depth = 8;
};

struct nmtk_params {
    unsigned rows = 0;
};

struct gamma_params {
    unsigned radix = 64;
    unsigned merger_latency = 6; ///< cycles
    unsigned tile_inputs = 0;
    unsigned tile_columns = 64;
};

struct dense_params {
    unsigned columns = 4;
};

/// DRAM behind the cache; the defaults are HBM2-class. Times in ns.
struct dram_params {
    unsigned channels = 16;
    unsigned channel_bits = 64;
    unsigned burst_beats = 4;
    unsigned bank_groups = 4;
    unsigned banks_per_group = 4;
    unsigned row_bytes = 1024;
    double t_ck_ns = 2.0;
    double t_rcd_ns = 14.0;
    double t_rp_ns = 14.0;
    double t_cl_ns = 14.0;
    double t_cwl_ns = 8.0;
    double t_ras_ns = 34.0;
    double t_rc_ns = 48.0;
    double t_ccd_s_ns = 4.0;
    double t_ccd_l_ns = 8.0;
    double t_rrd_ns = 4.0;
    double t_faw_ns = 16.0;
    double t_wr_ns = 16.0;
    double t_wtr_ns = 8.0;
    double t_rtp_ns = 7.5;
    double t_refi_ns = 3900.0;
    double t_rfc_ns = 260.0;
    std::string mapping = "row-bank-column-bankgroup-channel";
    bool channel_hash = true;
    bool refresh_staggered = false;
    std::string page_policy = "open";  ///< "open" | "closed"
    std::string scheduler = "fr-fcfs"; ///< "fr-fcfs" | "fcfs"
    unsigned read_window = 32;         ///< requests
    unsigned write_window = 32;        ///< requests
    unsigned write_high = 24;          ///< requests
    unsigned write_low = 8;            ///< requests
    bool ideal = false;                ///< no latency, no limit
    std::int64_t lose_response = 0;    ///< fault injection: number of the access; 0 = none
};

/// Energy of the events and leakage at the published sizes: pJ and mW at 32 nm. models/cost/energy.h says what is
/// charged for what, and how it scales.
struct energy_params {
    std::string rule = "physical"; ///< "physical" | "published": which one the summary shows
    double fast_prefix_pj = 2.9335675;
    double laggy_prefix_pj = 0.6741525;
    double position_fifo_pj = 0.2529175;
    double weight_fifo_pj = 0.2890475;
    double weight_buffer_pj = 0.134505;
    double mask_pj = 0.6016625;
    double pseudo_add_pj = 0.072925;
    double correction_add_pj = 0.060770625;
    double plif_timestep_pj = 0.218775;
    double sram_read_pj = 64.8;
    double sram_write_pj = 71.2;
    double dram_bit_pj = 3.9;
    double dram_activate_pj = 900.0;
    double tppe_leakage_mw = 0.495156;
    double cache_leakage_mw = 124.5;
    double rest_leakage_mw = 3.4;
};

struct cpu_params {
    std::int64_t quantum_ns = 1000;
    std::string completion = "interrupt"; ///< "interrupt" | "polling"
    std::int64_t timeout_ms = 10000;      ///< simulated time
};

struct queue_params {
    unsigned entries = 64; ///< power of two
    unsigned rings = 1;    ///< of descriptors, each with registers and interrupt of its own
};

struct run_params {
    bool golden = true;          ///< compare with the reference model
    bool check_protocol = false; ///< TLM links and DRAM commands
};

struct scenario {
    std::string name; ///< default: the file's stem
    std::string accelerator = "loas";
    std::string fidelity = "literal"; ///< "literal" | "published"
    std::string timing = "at";        ///< "at" | "lt"
    std::int64_t clock_mhz = 800;
    workload_params workload;
    layer_params layer;
    tppe_params tppe;
    plif_params plif;
    compressor_params compressor;
    scheduler_params scheduler;
    sparten_params sparten;
    gospa_params gospa;
    gamma_params gamma;
    nmtk_params nmtk;
    dense_params dense;
    memory_params memory;
    xbar_params xbar;
    cache_params cache;
    dram_params dram;
    energy_params energy;
    cpu_params cpu;
    queue_params queue;
    run_params run;

    /// LoAS-nmtk with tiles that each hold a column of B, not a row of A.
    bool nmtk_holds_columns() const { return accelerator == "loas-nmtk" && nmtk.rows > 0; }
};

/// Equal in every parameter of the table of options.
bool operator==(const scenario& a, const scenario& b);
bool operator!=(const scenario& a, const scenario& b);

/// One value of a parameter; paths and words are texts.
using value = std::variant<bool, std::int64_t, double, std::string>;

/// Reads a scenario file. Later wins: defaults, preset of the fidelity in force, included files, the file, overrides.
/// @param file      TOML; its relative paths are relative to the file in which they stand
/// @param overrides "key=value", e.g. "tppe.count=32"; relative paths are relative to the current directory
/// @throws user_error with all mistakes (at most 10), one per line, each with its file:line or --set
scenario load_scenario(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

/// For a scenario that is varied further: of several files later ones win, and the rules between parameters are left to
/// broken_rules(). The name is that of the first file.
/// @throws user_error
scenario load_unchecked(const std::vector<std::filesystem::path>& files, const std::vector<std::string>& overrides);

/// Like load_scenario() without a file: defaults, preset and overrides.
/// @throws user_error
scenario default_scenario(const std::vector<std::string>& overrides = {});

/// A scenario with further parameters changed, "key=value"; for values that we choose: a mistake is std::logic_error.
scenario overridden(const scenario& s, const std::vector<std::string>& overrides);

/// @throws user_error if a file that the kind of workload needs is not given; a layer of its own needs none
void require_workload(const scenario& s);

/// The complete effective scenario as TOML: every key, stable order, absolute paths. Loading it gives an equal struct.
std::string dump(const scenario& s);

/// The list of all parameters, for people (at most 100 columns) or as JSON.
std::string options_table(bool json);

/// The effective configuration for the result file: every key in the order of the table. Of paths only the file name,
/// so that results do not depend on the machine.
std::vector<std::pair<std::string, value>> effective_values(const scenario& s);

} // namespace loas::config
