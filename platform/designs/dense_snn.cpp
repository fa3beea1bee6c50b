#include "models/designs/dense/dense_accelerator.h"
#include "models/designs/dense/parameters.h"
#include "platform/designs/common.h"

#include <fmt/format.h>

namespace loas::designs
{
namespace
{

const dense_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<dense_parameters>();
}

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<dense_accelerator>("dense", shared_parameters(scenario), own(scenario), wheel);
}

unsigned adders_of_tile(const config::scenario& scenario)
{
    return own(scenario).columns;
}

cost::tile_table tile_table(const config::scenario& scenario)
{
    return array_tile(own(scenario).columns);
}

dataflow_point dataflow(const config::scenario& scenario)
{
    return {"mntk", fmt::format("m{}n{}", scenario.tppe.count, own(scenario).columns), "raw,raw"};
}

} // namespace

/// The authors' table "ptb": the PE of a dense array, registers and accumulator. Half of the registers change in a
/// cycle of a PE on a pair, whether it adds or not, as the authors count it.
cost::tile_table array_tile(unsigned pes)
{
    using cost::as_often_as, cost::energy_part, observe::counter;
    constexpr cost::component registers{"registers", 0.000353, 0.060166, 0.009160};
    const cost::component accumulator = cost::accumulator_of(cost::published_tppe_size.acc_bits);
    return {{scaled(registers, pes), scaled(accumulator, pes, "accumulators")},
            {{energy_part::pseudo_accumulator, as_often_as({counter::matches}), event_pj(accumulator)},
             {energy_part::pe_registers, as_often_as({counter::busy_cycles, counter::stall_zero_operand}),
              event_pj(registers) / 2 * pes}}};
}

design dense_snn_design()
{
    design d;
    d.word = "dense-snn";
    d.id = LOAS_ACCELERATOR_DENSE_SNN;
    d.carries_potentials = true;
    d.formats = formats_of(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_DENSE);
    d.has_parameters<dense_parameters>();
    d.build = build;
    d.dataflow = dataflow;
    d.dataflow_choices = {{"dense.columns", {1, 2, 4, 8, 16}}};
    d.adders_of_tile = adders_of_tile;
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
