// From the published accounting to the hardware, a parameter at a time.
#include "platform/published/scoreboard_page.h"
#include "platform/run/rerun.h"

namespace loas::published
{
namespace
{

/// Each step changes one parameter from what the published accounting has to what the hardware has. What has no effect
/// until a later step is set from the beginning, so that each step shows one unit.
const std::vector<std::string> walk_base = {"fidelity=published", "tppe.fifo_depth=1024", "dram.ideal=true"};
const std::pair<const char*, const char*> walk_steps[] = {
    {"the hardware with the accounting's simplifications, inputs in its own order", nullptr},
    {"an empty join takes a cycle", "tppe.empty_join_cycles=1"},
    {"one accumulator set: a column at a time, tiles meet at each", "tppe.accumulator_sets=1"},
    {"the laggy prefix-sum takes its time", "tppe.laggy_ideal=false"},
    {"FIFOs of 8 entries", "tppe.fifo_depth=8"},
    {"weight buffer of 128 bytes", "tppe.weight_buffer_bytes=128"},
    {"the P-LIF takes a cycle", "plif.latency=1"},
    {"the output compressor has 16 adders", "compressor.adders=16"},
    {"operands come through crossbars and cache", "memory.backend=dram"},
    {"lines come from HBM", "dram.ideal=false"},
};

} // namespace

walk walk_of(const std::string& network, const std::string& layer, const std::filesystem::path& scenarios,
             unsigned jobs, bool& golden_equal)
{
    const std::filesystem::path file = scenarios / "networks" / (network + ".toml");
    std::vector<std::string> overrides = walk_base;
    overrides.push_back("workload.only=" + layer);
    std::vector<config::scenario> variants;
    for (const auto& [change, parameter] : walk_steps) {
        if (parameter != nullptr)
            overrides.emplace_back(parameter);
        variants.push_back(layers_scenario(file, overrides));
    }
    const std::vector<results::run_result> results = run::rerun(variants, jobs);
    const draw::layer_statistics statistics =
        draw::select_layers(draw::load_layer_network(file.string()), layer, "walk").front();
    const draw::matched_layer drawn = draw::make_matched_layer(statistics, 1);
    const cost::unfolded_layer unfolded = cost::unfold(shape_of(statistics), drawn.spikes, drawn.layer.weights);
    walk walked{layer, {}};
    walked.steps.push_back(
        {"the published accounting", "", cost::count_published_traffic(unfolded, accounting_of(subject())).cycles});
    for (std::size_t i = 0; i < results.size(); ++i) {
        golden_equal = golden_equal && results[i].golden() == "equal";
        const auto& [change, parameter] = walk_steps[i];
        walked.steps.push_back({change, parameter != nullptr ? parameter : "",
                                results[i].layers.at(0).counters[observe::counter::cycles]});
    }
    return walked;
}

} // namespace loas::published
