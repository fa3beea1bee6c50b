#include "models/designs/sparten/parameters.h"
#include "models/designs/sparten/sparten_accelerator.h"
#include "platform/config/rules.h"
#include "platform/designs/common.h"

#include <fmt/format.h>

namespace loas::designs
{
namespace
{

const sparten_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<sparten_parameters>();
}

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<sparten_accelerator>("sparten_snn", shared_parameters(scenario), own(scenario), wheel);
}

void check(const config::scenario& s, std::vector<config::broken_rule>& broken)
{
    if (s.tppe.count % 8 != 0)
        broken.push_back({{"tppe.count", "accelerator"},
                          fmt::format("tppe.count = {} is no multiple of 8: SparTen-SNN stores as many columns of a "
                                      "bitmap at a time as it has PEs, in whole bytes",
                                      s.tppe.count),
                          true});
}

std::vector<bound> tile_bounds(const config::scenario& s)
{
    std::vector<bound> all;
    add_empty_joins(s, all);
    if (s.tppe.fast_latency > 1)
        all.push_back({"fast prefix-sum",
                       "its latency beyond the first cycle is paid once a chunk",
                       {"tppe.fast_latency=1"},
                       {"prefix"}});
    if (own(s).chunk_buffers < 16)
        all.push_back({"chunk buffers",
                       "PEs wait until the slowest one has left a buffer of rows (ideal: 16 of them)",
                       {"sparten.chunk_buffers=16"},
                       {"synchronisation"}});
    return all;
}

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = cost::sparten_snn;
    of.tile = {own(scenario).rows, scenario.tppe.chunk_bits, scenario.tppe.count};
    return of;
}

void size_tile(const config::scenario& scenario, cost::hardware_size& size)
{
    cost::pe_size pe;
    pe.kind = cost::pe_kind::sparten;
    pe.chunk_bits = scenario.tppe.chunk_bits;
    pe.acc_bits = scenario.tppe.acc_bits;
    size.pe = cost::pe_of(pe);
}

} // namespace

design sparten_snn_design()
{
    design d;
    d.word = "sparten-snn";
    d.id = LOAS_ACCELERATOR_SPARTEN_SNN;
    d.formats = formats_of(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_COLUMNS);
    d.has_parameters<sparten_parameters>();
    d.check = check;
    d.build = build;
    d.tile_bounds = tile_bounds;
    d.tile_keys = {"tppe.fast_latency", "tppe.empty_join_cycles"};
    d.accounting = accounting;
    d.constants = cost::sparten_constants;
    d.published = publication{publication::part::rival, "SparTen-S", "sparten", nullptr, true};
    d.size_tile = size_tile;
    return d;
}

} // namespace loas::designs
