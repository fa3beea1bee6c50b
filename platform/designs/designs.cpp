#include "platform/designs/designs.h"

#include "models/designs/dense/dense_accelerator.h"
#include "models/designs/gamma/gamma_accelerator.h"
#include "models/designs/gospa/gospa_accelerator.h"
#include "models/designs/loas/loas_accelerator.h"
#include "models/designs/sparten/sparten_accelerator.h"

#include <algorithm>
#include <stdexcept>

namespace loas::designs
{
namespace
{

accelerator_parameters shared_parameters(const config::scenario& scenario)
{
    accelerator_parameters to;
    to.clock_mhz = static_cast<double>(scenario.clock_mhz);
    to.line_bytes = scenario.cache.line_bytes;
    to.tppe = scenario.tppe;
    to.plif = scenario.plif;
    to.compressor = scenario.compressor;
    to.scheduler = scenario.scheduler;
    // The driver gives up first and says so; this is for what would go on for ever without it.
    to.longest_wait_ps = 10 * static_cast<std::uint64_t>(scenario.cpu.timeout_ms) * 1'000'000'000;
    return to;
}

std::unique_ptr<accelerator> build_loas(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<loas_accelerator>("loas", shared_parameters(scenario), loas_order(), wheel);
}

/// LoAS in SparTen's order: as many columns at a time as there are tiles, and all rows for each of them. With nmtk.rows
/// they meet after each chunk of a block, as in the accounting; each tile then has one column of it.
std::unique_ptr<accelerator> build_loas_nmtk(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    accelerator_parameters to = shared_parameters(scenario);
    if (scenario.nmtk.holds_columns())
        to.tppe.accumulator_sets = to.tppe.columns_per_sync = to.tppe.count;
    return std::make_unique<loas_accelerator>("loas_nmtk", to, loas_order{to.tppe.count, scenario.nmtk.rows}, wheel);
}

std::unique_ptr<accelerator> build_sparten(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<sparten_accelerator>("sparten_snn", shared_parameters(scenario), scenario.sparten, wheel);
}

std::unique_ptr<accelerator> build_dense(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<dense_accelerator>("dense", shared_parameters(scenario), scenario.dense, wheel);
}

std::unique_ptr<accelerator> build_gamma(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<gamma_accelerator>("gamma_snn", shared_parameters(scenario), scenario.gamma, wheel);
}

std::unique_ptr<accelerator> build_gospa(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<gospa_accelerator>("gospa", shared_parameters(scenario), scenario.gospa, wheel);
}

constexpr std::uint32_t formats(loas_spike_format spikes, loas_weight_format weights, std::uint32_t more = 0)
{
    return spikes | static_cast<std::uint32_t>(weights) << LOAS_FORMATS_WEIGHTS_SHIFT | more;
}

constexpr design designs[] = {
    {"loas", LOAS_ACCELERATOR_LOAS, formats(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS), build_loas},
    {"loas-nmtk", LOAS_ACCELERATOR_LOAS, formats(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS, LOAS_FORMATS_WORK_AREA),
     build_loas_nmtk},
    {"sparten-snn", LOAS_ACCELERATOR_SPARTEN_SNN, formats(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_COLUMNS), build_sparten},
    {"gamma-snn", LOAS_ACCELERATOR_GAMMA_SNN,
     formats(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_ROWS, LOAS_FORMATS_WORK_AREA), build_gamma},
    {"gospa-snn", LOAS_ACCELERATOR_GOSPA_SNN,
     formats(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_COLUMNS, LOAS_FORMATS_WORK_AREA), build_gospa},
    {"dense-snn", LOAS_ACCELERATOR_DENSE_SNN, formats(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_DENSE), build_dense},
};

} // namespace

const design& design_of(const config::scenario& scenario)
{
    const auto* found = std::find_if(std::begin(designs), std::end(designs),
                                     [&](const design& each) { return scenario.accelerator == each.word; });
    if (found == std::end(designs))
        throw std::logic_error("no design is called " + scenario.accelerator);
    return *found;
}

} // namespace loas::designs
