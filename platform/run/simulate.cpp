#include "platform/run/simulate.h"

#include "models/kernel/main_stack.h"
#include "platform/designs/design.h"
#include "platform/draw/made_up_inputs.h"
#include "platform/events/event_log.h"
#include "platform/machine/machine.h"
#include "platform/process/errors.h"
#include "platform/process/host_limit.h"
#include "platform/process/progress.h"
#include "platform/program/serial_line.h"
#include "platform/energy_account/energy.h"
#include "platform/run/layer_audit.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

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
    void layer_started(const loas_descriptor& descriptor) override
    {
        const stopwatch watch(m_seconds);
        m_audit.layer_started(descriptor);
    }
    void layer_finished(const loas_descriptor& descriptor, const observe::layer_outcome& outcome) override
    {
        const stopwatch watch(m_seconds);
        m_audit.layer_finished(descriptor, outcome);
    }

private:
    layer_audit& m_audit;
    double& m_seconds;
};

std::string describe(const program::guest* guest, const machine::machine& machine)
{
    const std::string program = guest != nullptr ? guest->describe() : "";
    return program + (program.empty() ? "" : " ") + machine.describe();
}

/// What the board's devices have to do with us: text, and the end of the program.
machine::outside outside_of(machine::machine& machine, program::serial_line& uart, events::event_log& events)
{
    machine::outside to;
    to.uart_sends = [&uart, &events](unsigned char letter) {
        uart.send(letter);
        events.sent(letter);
    };
    if (uart.receives())
        to.uart_receives = [&uart] { return uart.receive(); };
    to.finished = [&machine](unsigned code) { machine.end_program({code, "the finisher"}); };
    to.watchdog_bites = [&machine] { machine.end_program({1, "the watchdog, which nobody has restarted"}); };
    to.interrupt_changes = [&events](unsigned input, bool high) {
        events.add(fmt::format("interrupt {} {}", input, high ? "up" : "down"));
    };
    to.cpu_line_changes = [&events](const char* line, bool high) {
        events.add(fmt::format("{} {}", line, high ? "up" : "down"));
    };
    return to;
}

/// What was last, unless all of it has been shown already.
std::string last_of(const events::event_log& events, const told& tells)
{
    const std::string lines = tells.events == stderr ? "" : events.last();
    return lines.empty() ? "" : "The last events before that:\n" + lines;
}

sc_core::sc_time limit_of(const config::scenario& scenario)
{
    return sc_core::sc_time::from_value(static_cast<std::uint64_t>(scenario.run.simulated_timeout_ms) * 1'000'000'000);
}

/// Throws if the program has not ended as it should.
void require_end(machine::machine& machine, const program::guest* guest, const config::scenario& scenario)
{
    try {
        machine.rethrow();
    } catch (const process::stuck_error& timeout) { // the driver's view; the machine knows more
        throw process::stuck_error(std::string(timeout.what()) + " " + machine.describe());
    }
    if (guest != nullptr)
        guest->require_good();
    // Not when a unit that is stuck has stopped the simulation.
    if (!machine.program_finished() && sc_core::sc_get_status() != sc_core::SC_STOPPED &&
        sc_core::sc_pending_activity())
        throw process::stuck_error(fmt::format("the program has not ended after {} ms of simulated time, "
                                               "run.simulated_timeout_ms. {}",
                                               scenario.run.simulated_timeout_ms, describe(guest, machine)));
    if (!machine.program_finished())
        throw process::stuck_error("the machine cannot go on, and its program has not ended. " +
                                   describe(guest, machine));
}

} // namespace

results::run_result simulate(const config::scenario& scenario, const part& part, const told& tells, host_times& times)
{
    const bool quiet = tells.quiet;
    const auto start = std::chrono::steady_clock::now();
    config::require_workload(scenario);
    const std::unique_ptr<workload> work = make_workload(scenario, part, times, tells.console, quiet);
    program::guest* const guest = work->guest();

    events::event_log events(tells.events);
    program::serial_line uart(guest != nullptr ? scenario.uart : config::uart_params{}, tells.console);
    const auto log = [quiet, &events](loas_log_level level, const char* text) {
        events.add(std::string("driver: ") + text);
        if (!quiet || level == LOAS_LOG_ERROR)
            std::fprintf(stderr, "driver: %s\n", text);
    };
    const auto build_start = std::chrono::steady_clock::now();
    machine::machine machine("machine", scenario, log, {events.observer()}, tells.bursts);
    layer_audit audit(
        [&](std::uint64_t at, void* data, std::size_t bytes) { return machine.debug_read(at, data, bytes); },
        work->layer_names(),
        {scenario.run.golden, accounting_of(scenario), accumulators_of(scenario), work->blocks()});
    results::output_files outputs(tells.outputs);
    if (!tells.outputs.empty()) {
        audit.keep_outputs(outputs);
        work->show_outputs(outputs);
    }
    work->tell_sources(audit);
    timed_audit observer(audit, times.account);
    machine.set_observer(&observer);
    times.build = stopwatch::seconds_since(build_start);

    {
        process::progress bar(scenario.name, work->runs(), !quiet);
        const auto ended = [] { sc_core::sc_stop(); };
        if (guest != nullptr) {
            guest->install(machine, ended);
            guest->tell_of_traps([&events](const std::string& what, std::uint64_t at_ps) { events.add(what, at_ps); });
            events.set_program([guest] { return guest->pc(); }, [guest](std::uint64_t pc) { return guest->place(pc); });
        } else
            machine.set_program(
                [&](const loas_hal& hal) { work->run(hal, [&](std::size_t done) { bar.update(done); }); }, ended);
        const auto now = [&] { return describe(guest, machine) + '\n' + last_of(events, tells); };
        machine.connect(outside_of(machine, uart, events));
        process::host_limit limit(scenario.run.host_timeout_s, config::how_given(scenario, "run.host_timeout_s"), now);
        if (guest != nullptr)
            guest->limit(limit);
        tells.begins();
        times.first_cycle += stopwatch::seconds_since(start);
        const double others = times.load + times.prepare + times.account;
        {
            const stopwatch watch(times.simulate);
            sc_core::sc_start(limit_of(scenario), sc_core::SC_EXIT_ON_STARVATION);
        }
        kernel::back_on_main_stack();
        times.simulate -= times.load + times.prepare + times.account - others;
    }
    try {
        require_end(machine, guest, scenario);
    } catch (const text::user_error&) {
        throw;
    } catch (const std::exception&) {
        std::fputs(last_of(events, tells).c_str(), stderr);
        throw;
    }
    refuse_violations(machine.violations());
    uart.finish();

    const stopwatch watch(times.account);
    if (scenario.run.golden)
        work->compare(audit);

    results::run_result result;
    result.scenario = scenario.name;
    result.accelerator = scenario.accelerator;
    result.fidelity = parameter::word_of(scenario.fidelity);
    result.timing = parameter::word_of(scenario.timing);
    result.take_conditions(scenario);
    result.inputs_made_up = draw::made_up_inputs(scenario, part.layer);
    result.golden_checked = scenario.run.golden && audit.looked();
    result.golden_differences = audit.differences();
    result.golden_unchecked = audit.unchecked();
    result.runs = work->runs();
    result.blocks = work->blocks();
    if (guest != nullptr) {
        result.program = guest->result(machine);
        result.program.name = scenario.workload.program.filename().string();
        const machine::cpu_time spent = machine.time_of_cpu();
        result.program.instructions = spent.instructions;
        result.program.running_ns = spent.running_ps / 1000;
        result.program.devices_ns = spent.devices_ps / 1000;
        result.program.waiting_ns = spent.waiting_ps / 1000;
    }
    result.simulated_ns = sc_core::sc_time_stamp().value() / 1000;
    result.layers = audit.layers();
    result.configuration = config::effective_values(scenario);
    work->complete(result);
    if (!tells.outputs.empty()) {
        work->keep(outputs);
        outputs.write();
    }
    result.dram_channels = result.totals().memory.channels;
    energy_account::account_energy(result, scenario);
    if (result.golden_failed() || result.program.code != 0)
        std::fputs(last_of(events, tells).c_str(), stderr);
    return result;
}

} // namespace loas::run
