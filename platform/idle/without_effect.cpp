#include "platform/idle/without_effect.h"

#include "platform/config/layer_rules.h"
#include "platform/config/options.h"
#include "platform/config/rules.h"
#include "platform/designs/design.h"
#include "platform/energy_account/energy.h"
#include "platform/text/say.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace loas::idle
{
namespace
{

using config::scenario;
using config::workload_kind;

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys)
{
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool is_of(std::string_view key, std::string_view table)
{
    return key.size() > table.size() && key.substr(0, table.size()) == table && key[table.size()] == '.';
}

/// "key = "word"" as the user would write it.
std::string setting(std::string_view key, std::string_view word)
{
    return fmt::format("{} = \"{}\"", key, word);
}

/// What a design gives the neurons of a workload's layers, as its own "neuron".
bool is_neuron(std::string_view key)
{
    constexpr std::string_view leaf = ".neuron";
    return key.size() > leaf.size() && key.substr(key.size() - leaf.size()) == leaf;
}

std::string of_workload(const scenario& s, std::string_view key)
{
    const workload_kind kind = s.workload.kind;
    const std::string chosen = setting("workload.kind", parameter::word_of(kind));
    if (kind != workload_kind::network &&
        is_one_of(key, {"workload.network", "workload.images", "workload.labels", "workload.input_scale",
                        "workload.time_step", "workload.max_images", "workload.reset", "workload.score",
                        "workload.float_images"}))
        return chosen + " runs no network";
    if (kind != workload_kind::layers &&
        is_one_of(key, {"workload.layers", "workload.layers_of_bytes", "workload.only", "workload.skew",
                        "workload.seed", "workload.scale_weight_sparsity"}))
        return chosen + " takes no list of layers" +
               (key == "workload.seed" && kind == workload_kind::layer ? "; its seed is layer.seed" : "");
    if (key == "workload.layers_of_bytes" && !config::takes_bytes(s))
        return s.accelerator + " takes spikes: its layers are those of workload.layers";
    if (key == "workload.layers" && config::takes_bytes(s) && !s.workload.layers_of_bytes.empty())
        return s.accelerator + " takes bytes: its layers are those of workload.layers_of_bytes";
    if (kind != workload_kind::program &&
        is_one_of(key, {"workload.program", "workload.arguments", "workload.files"}))
        return chosen + " runs no program";
    if (kind == workload_kind::program &&
        (is_of(key, "layer") || is_neuron(key) || is_one_of(key, {"workload.timesteps", "workload.single_spike_mask"})))
        return "layers are what the program makes of them";
    if (kind == workload_kind::network && is_of(key, "layer"))
        return chosen + " takes its layers from the network";
    if (kind == workload_kind::layers && is_of(key, "layer"))
        return chosen + " takes its layers from the list";
    if ((config::neuron_modes(s) & LOAS_NEURON_FEW_SPIKES) != 0 &&
        is_one_of(key, {"layer.leak_q8", "layer.reset", "workload.reset"}))
        return "few-spikes neurons have neither leak nor reset";
    if (const std::string_view tensor = config::tensor_from_file(s, key); !tensor.empty())
        return fmt::format("the {0} are those of layer.{0}_file", tensor);
    const bool spikes = !s.layer.spikes_file.empty(), weights = !s.layer.weights_file.empty();
    if (s.workload.timesteps == 1 && is_one_of(key, {"layer.leak_q8", "layer.reset"}))
        return "no timestep follows the only one";
    if (!weights && key == "layer.weights_axes")
        return "there is no layer.weights_file";
    if (spikes && weights && key == "layer.seed")
        return "spikes and weights are those of files";
    return {};
}

/// What is of spikes, on a design that takes bytes, and the other way round.
std::string of_bytes(const scenario& s, std::string_view key)
{
    if (s.workload.kind == workload_kind::program)
        return {};
    if (!config::takes_bytes(s))
        return key == "layer.shift" ? s.accelerator + " takes spikes: its neurons have layer.threshold" : "";
    if (is_one_of(key, {"layer.leak_q8", "layer.threshold", "layer.reset"}))
        return s.accelerator + " has ReLU, with layer.shift";
    if (is_one_of(key, {"workload.timesteps", "tppe.max_timesteps"}))
        return s.accelerator + " takes bytes, of one timestep";
    if (key == "layer.spike_sparsity")
        return s.accelerator + " takes bytes: layer.silent_ratio says how many are 0";
    return s.workload.kind == workload_kind::layers && key == "layer.shift" ? "each layer of a list has its own" : "";
}

/// Words of the designs that have the parameter.
std::vector<std::string_view> takers(std::string_view key)
{
    std::vector<std::string_view> words;
    for (const designs::design* each : designs::all())
        if (each->takes(key))
            words.push_back(each->word);
    return words;
}

/// The host CPU and the board's UART.
std::string of_host(const scenario& s, std::string_view key)
{
    constexpr std::string_view cycles = "_cycles"; // of the RV64 CPU's instructions
    const bool rv64 = s.cpu.kind == config::cpu_kind::rv64, program = s.workload.kind == workload_kind::program;
    const bool of_class =
        is_of(key, "cpu") && key.size() > cycles.size() && key.substr(key.size() - cycles.size()) == cycles;
    if (!rv64 && (of_class || is_one_of(key, {"cpu.clock_mhz", "cpu.pointers"})))
        return "cpu.kind is not \"rv64\"";
    if (!rv64 && program && key == "workload.files")
        return "a program on the native CPU opens files by itself";
    if (program && is_one_of(key, {"cpu.completion", "cpu.timeout_ms", "queue.entries"}))
        return "the program decides that";
    if (!program && is_of(key, "uart"))
        return "the UART is for a program of yours: workload.kind = \"program\"";
    if (s.uart.port == config::uart_port::pty && is_one_of(key, {"uart.input", "uart.output"}))
        return "uart.port = \"pty\" is both ends of the line";
    return {};
}

std::string of_design(const scenario& s, std::string_view key)
{
    if (key == "compressor.adders" &&
        (designs::design_of(s).formats & LOAS_FORMATS_SPIKES_MASK) == LOAS_SPIKES_BITMAP)
        return s.accelerator + " stores spikes as bitmaps, which need no packing";
    if (key == "queue.rings" && s.workload.kind != workload_kind::program)
        return "workloads use the first ring";
    const bool ahead = key == "scheduler.prefetch_columns";
    if (ahead && s.scheduler.prefetch_columns > 0 && designs::design_of(s).fetches_columns_or_none)
        return s.accelerator + " fetches the next columns ahead, as for any number above 0";
    if (const designs::design& design = designs::design_of(s); design.takes(key))
        return design.without_effect != nullptr ? design.without_effect(s, key) : "";
    const std::vector<std::string_view> others = takers(key);
    if (others.empty()) // it is of no design's tiles, but of what all have
        return {};
    const std::string_view why = key == "tppe.acc_bits"      ? "adds in 32 bits, and is charged as published"
                                 : key == "scheduler.spread" ? "has no rows to spread over free tiles"
                                 : is_of(key, "scheduler")   ? "fetches nothing ahead by it"
                                                             : "has no such part";
    return fmt::format("{} {}; it is of {}", s.accelerator, why, fmt::join(others, ", "));
}

/// Of a DRAM with contention: times that others hold anyway, and what there is nothing of.
std::string of_dram(const scenario& s, std::string_view key)
{
    const dram::timing_clocks clocks(s.dram);
    const bool per_bank = s.dram.refresh == dram::refresh_kind::per_bank;
    if (clocks.refi == 0 && is_one_of(key, {"dram.refresh", "dram.refresh_staggered", "dram.refresh_postponed",
                                            "dram.t_rfc_ns", "dram.t_rfc_bank_ns", "dram.t_rrefd_ns"}))
        return "dram.t_refi_ns = 0 refreshes nothing";
    if (per_bank && s.dram.timing.t_rfc_bank > 0 && key == "dram.t_rfc_ns")
        return "dram.refresh = \"per-bank\" takes dram.t_rfc_bank_ns";
    if (s.dram.channels == 1 && is_one_of(key, {"dram.channel_hash", "dram.refresh_staggered",
                                                "dram.channels_per_command_bus"}))
        return "there is one channel";
    if (s.dram.scheduler == dram::scheduling::fcfs && key == "dram.row_hit_cap")
        return "dram.scheduler = \"fcfs\" serves nothing before an older request";
    const struct {
        std::string_view key;
        bool held; ///< whatever the key says up to that
        std::string_view by;
    } times[] = {{"dram.t_rc_ns", clocks.rc <= clocks.ras + clocks.rp, "dram.t_ras_ns and dram.t_rp_ns hold"},
                 {"dram.t_ccd_s_ns", clocks.ccd_s == clocks.burst, "a burst holds"},
                 {"dram.t_ccd_l_ns", clocks.ccd_l == clocks.ccd_s, "dram.t_ccd_s_ns holds"},
                 {"dram.t_rrd_l_ns", clocks.rrd_l == clocks.rrd, "dram.t_rrd_ns holds"},
                 {"dram.t_wtr_l_ns", clocks.wtr_l == clocks.wtr, "dram.t_wtr_ns holds"},
                 // For a refresh of a bank the window counts apart.
                 {"dram.t_faw_ns", clocks.faw <= 4 * clocks.rrd && !per_bank, "four dram.t_rrd_ns hold"}};
    for (const auto& each : times)
        if (key == each.key && each.held)
            return fmt::format("{} commands as far apart anyway", each.by);
    return {};
}

std::string of_memory(const scenario& s, std::string_view key)
{
    const memory::backend_facts& backend = memory::backend_facts_of(s.memory.backend);
    const bool fixed = !backend.dram && backend.stalls;
    if (!fixed && is_one_of(key, {"memory.latency_ns", "memory.bandwidth_gb_per_s"}))
        return setting("memory.backend", s.memory.backend) + " has none; they are of \"fixed\"";
    const bool loose = s.timing == config::timing::lt;
    if (loose && key == "memory.bandwidth_gb_per_s")
        return "timing = \"lt\" has no limit of bandwidth";
    const bool behind = backend.cached && !loose; // crossbars and cache stand before memory
    const std::string why_not = !backend.cached ? setting("memory.backend", s.memory.backend) + " has no cache"
                                                : std::string("timing = \"lt\" leaves the cache out");
    if (!behind && (is_of(key, "xbar") || is_of(key, "cache")))
        return why_not;
    if (s.xbar.ideal && is_one_of(key, {"xbar.arbitration", "xbar.latency"}))
        return "xbar.ideal = true has neither waiting nor latency";
    if (s.cache.ideal && is_one_of(key, {"cache.hit_latency", "cache.mshrs"}))
        return "cache.ideal = true hits at once";
    if (key == "cache.seed" && s.cache.policy != cache::replacement::random)
        return "cache.policy is not \"random\"";
    if (!is_of(key, "dram"))
        return {};
    if (!backend.dram)
        return setting("memory.backend", s.memory.backend) + " has no DRAM";
    if (s.dram.ideal && key != "dram.ideal")
        return "dram.ideal = true has no timing";
    // What there is of it takes power, and refreshes.
    if (s.cache.ideal && behind &&
        !is_one_of(key, {"dram.ideal", "dram.channels", "dram.bank_groups", "dram.banks_per_group", "dram.t_refi_ns",
                         "dram.refresh", "dram.refresh_staggered"}))
        return "cache.ideal = true moves nothing between cache and memory";
    if (s.dram.refresh != dram::refresh_kind::per_bank && is_one_of(key, {"dram.t_rfc_bank_ns", "dram.t_rrefd_ns"}))
        return "dram.refresh is not \"per-bank\"";
    if (loose && !is_one_of(key, {"dram.t_rcd_ns", "dram.t_cl_ns", "dram.t_ck_ns", "dram.burst_beats",
                                  "dram.beats_per_clock"}))
        return "timing = \"lt\" takes the latency of an idle DRAM, to which this adds nothing";
    return loose ? "" : of_dram(s, key);
}

/// What the hardware takes in area, power and energy for one event of each kind.
results::run_result costs(const scenario& s)
{
    results::run_result of;
    of.take_conditions(s);
    of.layers.resize(1);
    results::layer_result& layer = of.layers.front();
    layer.timesteps = 1;
    layer.n = 1;
    for (std::size_t i = 0; i < observe::counter_count; ++i)
        layer.counters[static_cast<observe::counter>(i)] = 1;
    energy_account::account_energy(of, s);
    return of;
}

/// The parameter's place in the cost of the hardware, tried with other values.
bool costs_change(const scenario& s, std::string_view key)
{
    scenario other = s;
    const std::vector<config::option> options = config::options_of(other);
    const auto row = std::find_if(options.begin(), options.end(), [&](const auto& each) { return each.key == key; });
    const results::run_result before = costs(s);
    for (const config::value& value : row->other_values()) {
        row->set(value);
        const results::run_result after = costs(other);
        if (before.layers[0].energy.parts_pj != after.layers[0].energy.parts_pj ||
            before.area.total_mm2() != after.area.total_mm2() ||
            before.area.cache_cacti_mm2 != after.area.cache_cacti_mm2 ||
            before.cache_leakage.cacti_mw != after.cache_leakage.cacti_mw)
            return true;
    }
    return false;
}

std::string of_costs(const scenario& s, std::string_view key)
{
    if (!is_of(key, "energy") || key == "energy.rule")
        return {};
    if (key.substr(0, 12) != "energy.dram_")
        return fmt::format("no part of {} takes it", s.accelerator); // unless one does: see without_effect()
    const bool there = memory::backend_facts_of(s.memory.backend).dram && s.timing == config::timing::at && !s.dram.ideal;
    return there ? "" : "there is no DRAM whose commands are counted";
}

} // namespace

std::string without_effect(const scenario& s, std::string_view key)
{
    if (key == seeds_of_sweep)
        key = s.workload.kind == workload_kind::layers ? "workload.seed" : "layer.seed";
    for (const auto& rule : {of_workload, of_bytes, of_host, of_design, of_memory, of_costs})
        if (const std::string reason = rule(s, key); !reason.empty())
            return costs_change(s, key) ? "" : reason;
    return {};
}

idle_parameters::idle_parameters(const scenario& of)
{
    scenario copy = of;
    scenario defaults = config::default_scenario({"fidelity=" + std::string(parameter::word_of(of.fidelity))});
    const std::vector<config::option> values = config::options_of(copy), usual = config::options_of(defaults);
    const auto is_default = [&](std::string_view key) {
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i].key == key)
                return values[i].get() == usual[i].get();
        return false;
    };
    std::set<std::string_view> seen;
    for (auto each = of.given.rbegin(); each != of.given.rend(); ++each) // the last one is in force
        if (seen.insert(each->key).second && (each->override || !is_default(each->key)))
            add(each->key, each->place);
    std::reverse(m_idle.begin(), m_idle.end());
}

void idle_parameters::look_at(const scenario& s)
{
    for (entry& each : m_idle)
        each.reason = without_effect(s, each.key);
    m_idle.erase(std::remove_if(m_idle.begin(), m_idle.end(), [](const entry& each) { return each.reason.empty(); }),
                 m_idle.end());
}

std::vector<std::string> idle_parameters::lines() const
{
    std::vector<std::string> all;
    for (const entry& each : m_idle)
        all.push_back(fmt::format("{}: {} has no effect: {}", each.place, each.key, each.reason));
    return all;
}

void tell_without_effect(const std::vector<scenario>& scenarios)
{
    for (const std::string& each : scenarios.front().remarks)
        text::say(each);
    idle_parameters idle(scenarios.front());
    for (const scenario& each : scenarios)
        idle.look_at(each);
    for (const std::string& each : idle.lines())
        text::say(each);
}

} // namespace loas::idle
