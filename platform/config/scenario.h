// A scenario: everything that a run may change. It is made of the models' own parameter structs, in each of which the
// initialisers are the defaults (fidelity "literal") and describe() has a row a parameter; models/parameter/words.h
// says how to add one.
#pragma once

#include "abi/loas_abi.h"
#include "models/compute/parameters.h"
#include "models/cores/rv64/parameters.h"
#include "models/cost/parameters.h"
#include "models/designs/base/parameters.h"
#include "models/memory/parameters.h"
#include "platform/config/design.h"
#include "platform/config/workload.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace loas::config
{

/// Which energy the summary shows.
enum class energy_rule { physical, published };
inline constexpr std::string_view energy_rule_words[] = {"physical", "published"};
constexpr parameter::words words_of(energy_rule)
{
    return energy_rule_words;
}

struct energy_params : cost::energy_constants {
    energy_rule rule = energy_rule::physical;

    template <typename table> void describe(table& to)
    {
        to.word("energy.rule", rule, parameter::ours,
                "Which energy the summary shows: physical, in joules, or the publication's dimensionless sum. The "
                "result file has both.");
        cost::energy_constants::describe(to);
    }
};

enum class completion { interrupt, polling };
inline constexpr std::string_view completion_words[] = {"interrupt", "polling"};
constexpr parameter::words words_of(completion)
{
    return completion_words;
}

enum class host_memory { fixed, timed };
inline constexpr std::string_view host_memory_words[] = {"fixed", "timed"};
constexpr parameter::words words_of(host_memory)
{
    return host_memory_words;
}

enum class cpu_kind { native, rv64 };
inline constexpr std::string_view cpu_kind_words[] = {"native", "rv64"};
constexpr parameter::words words_of(cpu_kind)
{
    return cpu_kind_words;
}

struct cpu_params {
    cpu_kind kind = cpu_kind::native;
    std::int64_t clock_mhz = 1000;
    rv64::class_cycles cycles;
    bool pointers = true;
    std::int64_t quantum_ns = 10000;
    config::completion completion = config::completion::interrupt;
    std::int64_t timeout_ms = 10000; ///< simulated time
    host_memory memory = host_memory::fixed;

    template <typename table> void describe(table& to)
    {
        using parameter::ours;
        to.word("cpu.kind", kind, ours,
                "Host CPU: native runs C code compiled for this computer, in no simulated time but that of its "
                "accesses; rv64 interprets an RV64 program, instruction by instruction.");
        to.integer("cpu.clock_mhz", clock_mhz, 1, 10000, "MHz", ours, "rv64: its clock.");
        cycles.describe(to);
        to.flag("cpu.pointers", pointers, ours,
                "rv64: RAM of which the cache has no line is accessed through pointers; false: always by "
                "transactions, which changes no result and is slower.");
        to.integer("cpu.quantum_ns", quantum_ns, 1, 1e9, "ns", ours,
                   "How far the CPU may run ahead of the other units (simulated time); rv64 never runs beyond what "
                   "another unit does next, so there it changes no result.");
        to.word("cpu.completion", completion, ours, "How the driver learns that the accelerator has finished.");
        to.integer("cpu.timeout_ms", timeout_ms, 1, 1e9, "ms", ours,
                   "The driver gives up waiting after this simulated time.");
        to.word(
            "cpu.memory", memory, ours,
            "Accesses of the host side to memory: a fixed latency (rv64: the cycles of its class), seen by the cache; "
            "or through crossbar, cache and DRAM, with the accelerator's.");
    }
};

/// console: output only. terminal: and input from standard input. pty: both, for another program to open.
enum class uart_port { console, terminal, pty };
inline constexpr std::string_view uart_port_words[] = {"console", "terminal", "pty"};
constexpr parameter::words words_of(uart_port)
{
    return uart_port_words;
}

struct uart_params {
    uart_port port = uart_port::console;
    std::filesystem::path output, input; ///< empty = none

    template <typename table> void describe(table& to)
    {
        using parameter::ours;
        to.word("uart.port", port, ours,
                "Where the board's UART leads for a program of yours: to standard output; from standard input too; or "
                "to a pseudo-terminal, whose name is told. What is typed comes at a time that no run repeats.");
        to.path("uart.output", output, ours, "File for what the UART sends, instead of standard output.");
        to.path("uart.input", input, ours, "File of the bytes that the UART receives, one after another at its rate.")
            .input_of(workload_kind::program);
    }
};

struct queue_params {
    unsigned entries = 64; ///< power of two
    unsigned rings = 1;    ///< of descriptors, each with registers and interrupt of its own

    template <typename table> void describe(table& to)
    {
        to.power_of_two("queue.entries", entries, LOAS_MIN_QUEUE_ENTRIES, LOAS_MAX_QUEUE_ENTRIES, "entries",
                        parameter::ours, "Descriptors that a ring holds.");
        to.integer("queue.rings", rings, 1, LOAS_MAX_RINGS, "rings", parameter::ours,
                   "Rings of descriptors, each with registers and interrupt of its own; the workloads here use the "
                   "first.");
    }
};

struct run_params {
    bool golden = true;                        ///< compare with the reference model
    bool check_protocol = false;               ///< TLM links and DRAM commands
    std::int64_t simulated_timeout_ms = 20000; ///< of a simulation; more than cpu.timeout_ms, which says more
    double host_timeout_s = 0;                 ///< of a simulation; 0: none

    template <typename table> void describe(table& to)
    {
        using parameter::ours;
        to.flag("run.golden", golden, ours, "Compare every output with the independent reference model.");
        to.flag("run.check_protocol", check_protocol, ours,
                "Check every TLM transaction against the base protocol and every DRAM command against its timing.");
        to.integer("run.simulated_timeout_ms", simulated_timeout_ms, 1, 1e9, "ms", ours,
                   "A simulation ends after this simulated time, whatever its program does; exit code 4.");
        to.number("run.host_timeout_s", host_timeout_s, 0, 1e9, "s", ours,
                   "A simulation ends after this time on this computer, exit code 4; 0 = never. Results do not depend "
                   "on it.");
    }
};

/// Presets: the hardware as described, or the accounting of the publication.
enum class fidelity { literal, published };
inline constexpr std::string_view fidelity_words[] = {"literal", "published"};
constexpr parameter::words words_of(fidelity)
{
    return fidelity_words;
}

/// at: memory with contention. lt: every access takes the latency of an unloaded memory.
enum class timing { at, lt };
inline constexpr std::string_view timing_words[] = {"at", "lt"};
constexpr parameter::words words_of(timing)
{
    return timing_words;
}

/// A parameter that the user gave, and where: "file:line", or "--set key=value".
struct given_parameter {
    std::string_view key;
    std::string place;
    bool override; ///< on the command line
};

struct scenario {
    std::vector<std::string> remarks;   ///< what whoever runs it should be told, a line each
    std::vector<given_parameter> given; ///< in the order of the files and the command line; no parameter itself
    std::string name;                   ///< default: the file's stem
    std::string accelerator = "loas";
    config::fidelity fidelity = config::fidelity::literal;
    config::timing timing = config::timing::at;
    double clock_mhz = 800; ///< of whole ps a cycle: settle()
    workload_params workload;
    layer_params layer;
    compute::tppe_parameters tppe;
    compute::plif_parameters plif;
    compute::compressor_parameters compressor;
    designs::scheduler_parameters scheduler;
    design_parameters own = default_design_parameters(); ///< of all designs, whichever is chosen
    memory::memory_parameters memory;
    memory::xbar_parameters xbar;
    cache::parameters cache;
    memory::dram_parameters dram;
    energy_params energy;
    cpu_params cpu;
    uart_params uart;
    queue_params queue;
    run_params run;

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.text("name", name, ours, "Name of the scenario in reports; without it, the stem of the file's name.");
        to.text("accelerator", accelerator, published,
                "The design that is simulated; parameters that only others have are without effect.")
            .one_of(design_words());
        to.word("fidelity", fidelity, ours,
                "Preset: the hardware as described, or the accounting of the publication's own evaluation.");
        to.word("timing", timing, ours,
                "at: memory with contention. lt: every access takes the latency of an unloaded memory; fast, same "
                "outputs, but "
                "cycles, traffic and energy are no bound for those of at.");
        to.number("clock_mhz", clock_mhz, 1, 10000, "MHz", published,
                  "Clock of the accelerator; a cycle is a whole number of ps, and the clock the one of that cycle.");
        workload.describe(to);
        layer.describe(to);
        tppe.describe(to);
        plif.describe(to);
        compressor.describe(to);
        scheduler.describe(to);
        for (const design* each : designs())
            if (each->describe != nullptr)
                each->describe(own, to);
        memory.describe(to);
        xbar.describe(to);
        cache.describe(to);
        dram.describe(to);
        energy.describe(to);
        cpu.describe(to);
        uart.describe(to);
        queue.describe(to);
        run.describe(to);
    }
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
/// broken_rules(). The name is that of the first file; without any it is of the defaults.
/// @throws user_error
scenario load_unchecked(const std::vector<std::filesystem::path>& files, const std::vector<std::string>& overrides);

/// An override that is given by another option than --set. Messages call it as it was typed: "--host-timeout 0.5".
std::string override_by(const std::string& as_typed, const std::string& setting);
/// The "key=value" of an override, however it is given.
std::string setting_of(const std::string& override);

/// How the user gave a parameter that counts here: "--host-timeout 0.5", "FILE:3: run.host_timeout_s"; else its key.
std::string how_given(const scenario& s, std::string_view key);

/// Makes the clock the one that is simulated: a cycle is a whole number of ps (kernel::clock). Whoever sets parameters
/// by hand calls it. Returns in words what it changed, or "".
std::string settle(scenario& s);

/// Like load_scenario() without a file: defaults, preset and overrides.
/// @throws user_error
scenario default_scenario(const std::vector<std::string>& overrides = {});

/// A scenario with further parameters changed, "key=value"; for values that we choose: a mistake is std::logic_error.
scenario overridden(const scenario& s, const std::vector<std::string>& overrides);

/// T of a network may be more than the hardware holds: it runs in as few blocks as there can be, all equally long, and
/// what the last one computes beyond T is not used. Otherwise there is one; of bytes, one of a single timestep.
inline unsigned blocks_of(const scenario& s)
{
    return takes_bytes(s) || s.workload.timesteps <= s.tppe.max_timesteps
               ? 1
               : (s.workload.timesteps + s.tppe.max_timesteps - 1) / s.tppe.max_timesteps;
}
inline unsigned block_timesteps(const scenario& s)
{
    return takes_bytes(s) ? 1 : (s.workload.timesteps + blocks_of(s) - 1) / blocks_of(s);
}

/// @throws user_error if a file that the kind of workload needs is not given; a layer of its own needs none
void require_workload(const scenario& s);

/// @throws user_error if a file or folder that the kind of workload reads is not where the scenario says, with the place
/// where it says so
void require_inputs(const scenario& s);

/// The complete effective scenario as TOML: every key, stable order, absolute paths. Loading it gives an equal struct.
std::string dump(const scenario& s);

/// Only what the user gave, which whoever varies it further goes by: a preset, an axis or a data file says the rest.
std::string dump_given(const scenario& s);

/// The effective configuration for the result file: every key in the order of the table. Of paths only the file name,
/// so that results do not depend on the machine.
std::vector<std::pair<std::string, value>> effective_values(const scenario& s);

} // namespace loas::config
