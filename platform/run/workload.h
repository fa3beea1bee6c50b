// What a run computes, by workload.kind: the program on the host CPU, and what its results are worth.
#pragma once

#include "hal/loas_hal.h"
#include "platform/config/scenario.h"
#include "platform/draw/matched_layer.h"
#include "platform/network_file/load_network.h"
#include "platform/program/program.h"
#include "platform/results/result.h"
#include "platform/run/host_times.h"
#include "platform/run/layer_audit.h"

#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace loas::run
{

/// A layer and what it takes: spikes [height][width][channel], bit t = timestep t.
using layer_visitor = std::function<void(const lowering::layer_model& layer, unsigned timesteps,
                                         const std::vector<std::uint16_t>& spikes)>;

class workload
{
public:
    virtual ~workload() = default;

    /// Every layer of every run as the accelerator would get it, without a machine; of a network by the golden model,
    /// input after input, and of more timesteps than the hardware holds block after block. Nothing of a program.
    virtual void visit_layers(const layer_visitor&) const {}

    /// A layer's index is the cookie of its descriptors.
    virtual std::vector<std::string> layer_names() const = 0;
    /// How often it is computed: images of a network, runs of a layer.
    virtual std::size_t runs() const = 0;
    /// Before it runs: what the driver will be given, layer by layer, where the audit should know it.
    virtual void tell_sources(layer_audit&) const {}
    /// Before it runs: where outputs go that no layer of the accelerator has.
    virtual void show_outputs(results::output_files&) {}
    /// The program on the native CPU; `done` is called after each run.
    virtual void run(const loas_hal& /*hal*/, const std::function<void(std::size_t runs_done)>& /*done*/) {}
    /// A program of the user's, which runs in the place of run(); nullptr: there is none.
    virtual program::guest* guest() { return nullptr; }
    /// Afterwards: compares with the golden model what no single layer shows.
    virtual void compare(layer_audit&) const {}
    /// Of timesteps, in which each of its inputs runs.
    virtual results::blocks_result blocks() const { return {}; }
    /// Adds outputs that no single layer has.
    virtual void keep(results::output_files&) const {}
    /// Adds what neither machine nor audit know to a result that has its layers and its configuration.
    virtual void complete(results::run_result&) const {}
};

/// What one simulation computes of a scenario: all of it, or one layer of a list.
struct part {
    const draw::layer_statistics* layer = nullptr; ///< of a list (workload.kind = "layers"); else nullptr
    const draw::matched_layer* drawn = nullptr;    ///< that layer, if it is there already
    network_file::loaded_network* network = nullptr; ///< that of the scenario, if it is loaded already; it is taken
};

/// The layers that a scenario of workload.kind = "layers" runs, in their order; each is a simulation of its own
/// (rerun.h says why). Throws text::user_error.
std::vector<draw::layer_statistics> listed_layers(const config::scenario& scenario);

/// A layer of a list, drawn as the scenario says, without its mask of single spikes.
draw::matched_layer draw_listed(const config::scenario& scenario, const draw::layer_statistics& layer);

/// Reads the workload, or whatever it is drawn from. All arguments must outlive it; it adds to the times. console:
/// where a program's text goes; quiet: without progress. Throws text::user_error.
std::unique_ptr<workload> make_workload(const config::scenario& scenario, const part& part, host_times& times,
                                        std::FILE* console, bool quiet);

} // namespace loas::run
