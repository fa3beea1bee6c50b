#include "models/designs/dense/dense_accelerator.h"
#include "models/designs/dense/parameters.h"
#include "platform/designs/common.h"

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

void size_tile(const config::scenario& scenario, cost::hardware_size& size)
{
    cost::pe_size pe;
    pe.kind = cost::pe_kind::dense;
    pe.chunk_bits = scenario.tppe.chunk_bits;
    pe.array_columns = own(scenario).columns;
    size.pe = cost::pe_of(pe);
}

} // namespace

design dense_snn_design()
{
    design d;
    d.word = "dense-snn";
    d.id = LOAS_ACCELERATOR_DENSE_SNN;
    d.formats = formats_of(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_DENSE);
    d.has_parameters<dense_parameters>();
    d.build = build;
    d.adders_of_tile = adders_of_tile;
    d.size_tile = size_tile;
    return d;
}

} // namespace loas::designs
