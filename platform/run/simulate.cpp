#include "platform/run/simulate.h"

#include "models/kernel/main_stack.h"
#include "platform/designs/design.h"
#include "platform/machine/machine.h"
#include "platform/process/errors.h"
#include "platform/process/progress.h"
#include "platform/run/energy.h"
#include "platform/run/layer_audit.h"
#include "platform/text/user_error.h"

#include <cstdio>
#include <memory>
#include <systemc>

namespace loas::run
{
namespace
{

/// A breach of protocol or timing is a mistake in the models, whatever the result looks like.
void refuse_violations(const std::vector<std::string>& violations)
{
    if (violations.empty())
        return;
    std::string text = "the model broke a rule that it must keep:";
    for (const std::string& each : violations)
        text += "\n  " + each;
    throw std::runtime_error(text);
}

/// The publication's accounting of the scenario's design, with tiles as large as the scenario's.
std::optional<cost::published_design> accounting_of(const config::scenario& scenario)
{
    const designs::design& design = designs::design_of(scenario);
    if (design.accounting == nullptr)
        return {};
    return design.accounting(scenario);
}

/// The time that the audit takes is not the simulation's.
class timed_audit : public observe::layer_observer
{
public:
    timed_audit(layer_audit& audit, double& seconds) : m_audit(audit), m_seconds(seconds) {}
    void layer_finished(const loas_descriptor& descriptor, const observe::layer_outcome& outcome) override
    {
        const stopwatch watch(m_seconds);
        m_audit.layer_finished(descriptor, outcome);
    }

private:
    layer_audit& m_audit;
    double& m_seconds;
};

} // namespace

results::run_result simulate(const config::scenario& scenario, const part& part, bool quiet, host_times& times,
                             dram::burst_observer* bursts)
{
    const auto start = std::chrono::steady_clock::now();
    config::require_workload(scenario);
    const std::unique_ptr<workload> work = make_workload(scenario, part, times);

    const auto log = [quiet](loas_log_level level, const char* text) {
        if (!quiet || level == LOAS_LOG_ERROR)
            std::fprintf(stderr, "driver: %s\n", text);
    };
    const auto build_start = std::chrono::steady_clock::now();
    machine::machine machine("machine", scenario, log, {}, bursts);
    layer_audit audit(
        [&](std::uint64_t at, void* data, std::size_t bytes) { return machine.debug_read(at, data, bytes); },
        work->layer_names(), {scenario.run.golden, accounting_of(scenario)});
    work->tell_sources(audit);
    timed_audit observer(audit, times.account);
    machine.set_observer(&observer);
    times.build = stopwatch::seconds_since(build_start);

    {
        process::progress bar(scenario.name, work->runs(), !quiet);
        machine.set_program([&](const loas_hal& hal) { work->run(hal, [&](std::size_t done) { bar.update(done); }); },
                            [] { sc_core::sc_stop(); });
        times.first_cycle += stopwatch::seconds_since(start);
        const double others = times.load + times.prepare + times.account;
        {
            const stopwatch watch(times.simulate);
            sc_core::sc_start();
        }
        kernel::back_on_main_stack();
        times.simulate -= times.load + times.prepare + times.account - others;
    }
    try {
        machine.rethrow();
    } catch (const process::stuck_error& timeout) { // the driver's view; the machine knows more
        throw process::stuck_error(std::string(timeout.what()) + " " + machine.describe());
    }
    if (!machine.program_finished())
        throw process::stuck_error("the machine cannot go on, and its program has not ended. " + machine.describe());
    refuse_violations(machine.violations());

    const stopwatch watch(times.account);
    if (scenario.run.golden)
        work->compare(audit);

    results::run_result result;
    result.scenario = scenario.name;
    result.accelerator = scenario.accelerator;
    result.fidelity = parameter::word_of(scenario.fidelity);
    result.timing = parameter::word_of(scenario.timing);
    result.take_conditions(scenario);
    result.golden_checked = scenario.run.golden;
    result.golden_differences = audit.differences();
    result.runs = work->runs();
    result.accuracy = work->accuracy();
    result.simulated_ns = sc_core::sc_time_stamp().value() / 1000;
    result.layers = audit.layers();
    result.dram_channels = result.totals().memory.channels;
    result.configuration = config::effective_values(scenario);
    account_energy(result, scenario);
    return result;
}

} // namespace loas::run
