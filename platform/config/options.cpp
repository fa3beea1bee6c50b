// How to add a parameter:
//   1. a member with its default in a struct of scenario.h;
//   2. a row here, next to the others of its table (of memory and energy: options_memory.cpp). Load, --set, checks,
//   dump, lists and their tests follow from it.
//   3. A rule between two parameters goes into rules.cpp; a preset that changes it, into
//   preset_rows().
#include "platform/config/option_rows.h"

#include "platform/text/words.h"

#include <fmt/format.h>

namespace loas::config
{

std::vector<option> options_of(scenario& s)
{
    auto& w = s.workload;
    auto& l = s.layer;
    auto& t = s.tppe;
    std::vector<option> rows = {
        text("name", s.name, ours, "Name of the scenario in reports; without it, the stem of the file's name."),
        word("accelerator", s.accelerator, {"loas", "loas-nmtk", "sparten-snn", "gospa-snn", "gamma-snn", "dense-snn"},
             published, "The design that is simulated; parameters that only others have are without effect."),
        word("fidelity", s.fidelity, {"literal", "published"}, ours,
             "Preset: the hardware as described, or the accounting of the publication's own evaluation."),
        word("timing", s.timing, {"at", "lt"}, ours,
             "at: memory with contention. lt: every access takes the latency of an unloaded memory; fast, same "
             "results."),
        integer("clock_mhz", s.clock_mhz, 1, 10000, "MHz", published, "Clock of the accelerator."),

        word("workload.kind", w.kind, {"network", "layer", "layers"}, ours,
             "What runs: a trained network with images, or one layer, described under [layer], or the layers of a "
             "list, one after another, each on an input of its own."),
        path("workload.network", w.network, ours, "NIR file (.nir) with the trained network."),
        path("workload.images", w.images, ours, "Input images (.npy)."),
        path("workload.labels", w.labels, ours, "Right classes of the images (.npy); optional, for the accuracy."),
        integer("workload.timesteps", w.timesteps, 1, 16, "timesteps", published, "T: timesteps of one inference."),
        number("workload.input_scale", w.input_scale, 1e-9, 1e9, "", ours, "Value of one count of an image."),
        number("workload.time_step", w.time_step, 1e-12, 1e12, "unit of tau", ours,
               "Length of a timestep: the dt of the NIR file, in the unit of its tau."),
        integer("workload.max_images", w.max_images, 0, 1e9, "images", ours, "Run only the first images; 0 runs all."),
        path("workload.layers", w.layers, ours,
             "List of layers (.toml) by shapes and numbers of non-zeros, with which they are drawn; see "
             "scenarios/networks."),
        text("workload.only", w.only, ours, "Names of the layers of the list to run, with commas; empty = all."),
        integer("workload.seed", w.seed, 0, 4294967295.0, "", ours, "Seed of the layers of the list."),
        flag("workload.skew", w.skew, ours,
             "The weights of the list's layers are skewed as fitted to published results; false = uniform."),
        flag("workload.single_spike_mask", w.single_spike_mask, published,
             "Mask inputs that spike exactly once in T to silent (the network must be fine-tuned for it)."),

        integer("layer.height", l.height, 1, 65535, "pixels", published,
                "Height of the input. A plain M x K matrix has height M, width 1, K channels, kernel 1, padding 0."),
        integer("layer.width", l.width, 1, 65535, "pixels", published, "Width of the input."),
        integer("layer.channels", l.channels, 1, 65535, "channels", published, "Channels of the input."),
        integer("layer.out_channels", l.out_channels, 1, 65535, "channels", published,
                "N: output channels, the columns of the weights."),
        integer("layer.kernel", l.kernel, 1, 255, "pixels", published, "Side of the square kernel."),
        integer("layer.stride", l.stride, 1, 255, "pixels", published, "Stride, in both directions."),
        integer("layer.padding", l.padding, 0, 255, "pixels", published, "Zero pixels added on each side."),
        integer("layer.pool", l.pool, 1, 255, "pixels", ours, "Side of the OR window on the output; 1 = no pooling."),
        number("layer.silent_ratio", l.silent_ratio, 0, 1, "share", published,
               "Share of inputs that never spike, of the tensor of height x width x channels. The report shows the "
               "unfolded matrix, in which padding is silent too."),
        number("layer.spike_sparsity", l.spike_sparsity, 0, 1, "share", published,
               "Share of zero bits of the inputs over all timesteps, of the tensor like silent_ratio."),
        number("layer.weight_sparsity", l.weight_sparsity, 0, 1, "share", published, "Share of zero weights."),
        integer("layer.leak_q8", l.leak_q8, 0, 256, "1/256", ours, "Share of the potential that a timestep leaves."),
        integer("layer.threshold", l.threshold, -2147483648.0, 2147483647.0, "weight units", ours,
                "A neuron spikes when its potential is above this. Weights are drawn from -127..127."),
        integer("layer.seed", l.seed, 0, 4294967295.0, "", ours, "Seed of the random placement and weights."),
        path("layer.spikes_file", l.spikes_file, ours,
             "Input spikes instead of drawn ones: .npy, or FILE.npz:NAME, of unsigned integers, (C, H, W) or (M, K); "
             "bit t = timestep t."),
        path("layer.weights_file", l.weights_file, ours,
             "Weights instead of drawn ones: .npy, or FILE.npz:NAME, of int8, (N, C, kh, kw) or (N, K) with K = (kh, "
             "kw, C)."),
        integer("layer.runs", l.runs, 1, 1e6, "runs", ours,
                "How often the layer runs, one after another, with the same tensors."),

        integer("tppe.count", t.count, 1, 1024, "TPPEs", published,
                "Number of TPPEs, each of which takes one row of A; of other designs, of their PEs."),
        integer("tppe.max_timesteps", t.max_timesteps, 1, 16, "timesteps", published,
                "Most timesteps that the hardware can hold: width of a packed spike word."),
        power_of_two("tppe.chunk_bits", t.chunk_bits, 64, 512, "bits", published,
                     "Mask bits joined at a time (LoAS, SparTen-SNN); a chunk of the output compressor of all."),
        integer("tppe.weight_buffer_bytes", t.weight_buffer_bytes, 1, 65536, "bytes", published,
                "Weight buffer in each TPPE."),
        integer("tppe.fast_latency", t.fast_latency, 1, 64, "cycles", published,
                "Latency of the fast prefix sum (on B's mask; LoAS, SparTen-SNN); then it yields one match a cycle."),
        integer("tppe.laggy_adders", t.laggy_adders, 1, 512, "adders", published,
                "Adders of the laggy prefix sum (on A's mask); a chunk takes chunk_bits / adders cycles, rounded up."),
        flag("tppe.laggy_pipelined", t.laggy_pipelined, published,
             "The laggy prefix sum takes a new chunk before the one before it is finished."),
        flag("tppe.laggy_ideal", t.laggy_ideal, ours, "Corrections cost no time; results do not change."),
        integer("tppe.fifo_depth", t.fifo_depth, 1, 1024, "entries", published,
                "Depth of the FIFO of matched positions and of the FIFO of matched weights."),
        integer("tppe.acc_bits", t.acc_bits, 2, 32, "bits", published,
                "Width of the pseudo-accumulator; results are computed in 32 bits, overflows of this width counted."),
        integer("tppe.corr_bits", t.corr_bits, 2, 32, "bits", published,
                "Width of a correction accumulator; results are computed in 32 bits, overflows of this width counted."),
        integer("tppe.accumulator_sets", t.accumulator_sets, 1, 1024, "sets", published,
                "Output neurons whose sums a TPPE holds at a time."),
        integer("tppe.columns_per_sync", t.columns_per_sync, 0, 65535, "columns", ours,
                "Columns of B after which the TPPEs meet; 0 = as many as accumulator_sets."),
        integer("tppe.empty_join_cycles", t.empty_join_cycles, 0, 64, "cycles", ours,
                "Least cycles that the join of a chunk takes, even without a match (LoAS, SparTen-SNN)."),

        integer("plif.latency", s.plif.latency, 0, 1024, "cycles", published,
                "Latency of the P-LIF unit, which yields all T outputs in one step. Neurons of designs that take one "
                "timestep after the other take a sum a cycle; 0 = no time."),
        integer("compressor.adders", s.compressor.adders, 0, 512, "adders", ours,
                "Adders of the output compressor (an inverted laggy prefix sum); 0 = it takes no time."),
        integer("scheduler.prefetch_rows", s.scheduler.prefetch_rows, 0, 64, "row groups", ours,
                "Row groups of A fetched ahead."),
        integer("scheduler.prefetch_columns", s.scheduler.prefetch_columns, 0, 4096, "column fibers", ours,
                "Column fibers of B fetched ahead."),
    };
    append_design_options(s, rows);
    append_memory_options(s, rows);
    const option others[] = {
        integer("cpu.quantum_ns", s.cpu.quantum_ns, 1, 1e9, "ns", ours,
                "How far the CPU may run ahead of the other units (simulated time)."),
        word("cpu.completion", s.cpu.completion, {"interrupt", "polling"}, ours,
             "How the driver learns that the accelerator has finished."),
        integer("cpu.timeout_ms", s.cpu.timeout_ms, 1, 1e9, "ms", ours,
                "The driver gives up waiting after this simulated time."),
        power_of_two("queue.entries", s.queue.entries, 2, 4096, "entries", ours,
                     "Descriptors that the command queue holds."),
        flag("run.golden", s.run.golden, ours, "Compare every output with the independent reference model."),
        flag("run.check_protocol", s.run.check_protocol, ours,
             "Check every TLM transaction against the base protocol and every DRAM command against its timing."),
    };
    rows.insert(rows.end(), std::begin(others), std::end(others));
    return rows;
}

const std::vector<preset_row>& preset_rows()
{
    static const std::vector<preset_row> rows = {
        {"published", "tppe.empty_join_cycles", std::int64_t{0}}, // empty joins are free
        {"published", "tppe.laggy_ideal", true},                  // a tile takes its matches, nothing else
        {"published", "tppe.accumulator_sets", std::int64_t{32}}, // tiles of 32 columns ...
        {"published", "tppe.columns_per_sync", std::int64_t{0}},  // ... at whose end the rows meet
        {"published", "plif.latency", std::int64_t{0}},
        {"published", "compressor.adders", std::int64_t{0}},
        {"published", "memory.backend", std::string("ideal")},
        {"published", "tppe.weight_buffer_bytes", std::int64_t{65536}}, // weights are never late
        {"published", "nmtk.rows", std::int64_t{32}},                   // a tile has a column, not a row
        {"published", "sparten.chunk_buffers", std::int64_t{1}},        // the PEs meet after each tile
        {"published", "gospa.stream_width", std::int64_t{0}},
        {"published", "gospa.fifo_depth", std::int64_t{0}},
        {"published", "gamma.tile_inputs", std::int64_t{64}},
        {"published", "gamma.merger_latency", std::int64_t{0}},
    };
    return rows;
}

bool option::is_integer() const
{
    return std::holds_alternative<unsigned*>(member) || std::holds_alternative<std::int64_t*>(member);
}

std::string_view option::type_name() const
{
    if (is_flag())
        return "boolean";
    if (is_integer())
        return "integer";
    if (is_number())
        return "number";
    if (is_path())
        return "path";
    return words.empty() ? "text" : "word";
}

std::string_view option::table_name() const
{
    const std::size_t dot = key.find('.');
    return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

std::string_view option::leaf_name() const
{
    return key.substr(key.find('.') + 1);
}

std::string option::range() const
{
    if (is_integer() || is_number())
        return fmt::format("{}{}..{}", power_of_two ? "power of two in " : "", minimum, maximum);
    return text::join(words, " | ");
}

value option::get() const
{
    struct visitor {
        value operator()(const bool* p) const { return *p; }
        value operator()(const unsigned* p) const { return static_cast<std::int64_t>(*p); }
        value operator()(const std::int64_t* p) const { return *p; }
        value operator()(const double* p) const { return *p; }
        value operator()(const std::string* p) const { return *p; }
        value operator()(const std::filesystem::path* p) const { return p->string(); }
    };
    return std::visit(visitor{}, member);
}

std::string option::problem(const value& v) const
{
    if (is_integer() || is_number()) {
        const auto* whole = std::get_if<std::int64_t>(&v);
        const double amount = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(v);
        const bool inside = amount >= minimum && amount <= maximum; // false for nan
        if (inside && !(power_of_two && (*whole & (*whole - 1)) != 0))
            return {};
        return fmt::format("{} = {} is out of range; allowed: {}{}{}", key, to_toml(v), range(),
                           unit.empty() ? "" : " ", unit);
    }
    const auto* chars = std::get_if<std::string>(&v);
    if (chars == nullptr)
        return {};
    if (!words.empty()) {
        for (const std::string_view allowed : words) {
            if (*chars == allowed)
                return {};
        }
        const std::string_view near = text::nearest_word(*chars, words);
        return fmt::format("{} = \"{}\" is not known; allowed: {}{}", key, text::printable(*chars),
                           text::join(words, ", "), near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near));
    }
    if (!text::is_utf8(*chars))
        return fmt::format("{} is not valid UTF-8, so it could not be written down again", key);
    for (const char c : *chars) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return fmt::format("{} = \"{}\" has a control character in it", key, text::printable(*chars));
    }
    return {};
}

void option::set(const value& v) const
{
    struct visitor {
        const value& v;
        void operator()(bool* p) const { *p = std::get<bool>(v); }
        void operator()(unsigned* p) const { *p = static_cast<unsigned>(std::get<std::int64_t>(v)); }
        void operator()(std::int64_t* p) const { *p = std::get<std::int64_t>(v); }
        void operator()(double* p) const { *p = std::get<double>(v); }
        void operator()(std::string* p) const { *p = std::get<std::string>(v); }
        void operator()(std::filesystem::path* p) const { *p = std::get<std::string>(v); }
    };
    std::visit(visitor{v}, member);
}

std::string to_toml(const value& v)
{
    struct visitor {
        std::string operator()(bool x) const { return x ? "true" : "false"; }
        std::string operator()(std::int64_t x) const { return fmt::format("{}", x); }
        std::string operator()(double x) const { return text::toml_number(x); }
        std::string operator()(const std::string& x) const { return text::toml_quoted(x); }
    };
    return std::visit(visitor{}, v);
}

bool operator==(const scenario& a, const scenario& b)
{
    scenario left = a, right = b; // the rows want something they could write to
    const std::vector<option> x = options_of(left), y = options_of(right);
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x[i].get() != y[i].get())
            return false;
    }
    return true;
}

bool operator!=(const scenario& a, const scenario& b)
{
    return !(a == b);
}

} // namespace loas::config
