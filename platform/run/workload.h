// What a run computes, by workload.kind: the program on the host CPU, and what its results are worth.
#pragma once

#include "hal/loas_hal.h"
#include "platform/config/scenario.h"
#include "platform/results/result.h"
#include "platform/run/host_times.h"
#include "platform/run/layer_audit.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace loas::run
{

class workload
{
public:
    virtual ~workload() = default;

    /// A layer's index is the cookie of its descriptors.
    virtual std::vector<std::string> layer_names() const = 0;
    /// How often it is computed: images of a network, runs of a layer.
    virtual std::size_t runs() const = 0;
    /// The program on the CPU; `done` is called after each run.
    virtual void run(const loas_hal& hal, const std::function<void(std::size_t runs_done)>& done) = 0;
    /// Afterwards: compares with the golden model what no single layer shows.
    virtual void compare(layer_audit&) const {}
    virtual results::accuracy_result accuracy() const { return {}; }
};

/// Reads the workload, or whatever it is drawn from. Scenario and times, to which it adds, must outlive it. Throws
/// text::user_error.
std::unique_ptr<workload> make_workload(const config::scenario& scenario, host_times& times);

} // namespace loas::run
