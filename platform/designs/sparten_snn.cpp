#include "models/designs/sparten/parameters.h"
#include "models/designs/sparten/sparten_accelerator.h"
#include "platform/config/rules.h"
#include "platform/designs/common.h"

#include <fmt/format.h>

namespace loas::designs
{
namespace
{

using cost::as_often_as, cost::axis, cost::energy_part, observe::counter;

const sparten_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<sparten_parameters>();
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

/// For spikes: inputs are bits, which are their own mask.
constexpr cost::published_design published_accounting{{32, 128, 16},
                                                      {axis::column, axis::row, axis::timestep, axis::input},
                                                      axis::column,
                                                      std::uint64_t{128} * 32 * 4,
                                                      std::uint64_t{128} * 1024,
                                                      false,
                                                      cost::dataflow::inner_product,
                                                      cost::raw_tiles,
                                                      cost::masked_tiles};

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = published_accounting;
    of.tile = {own(scenario).rows, scenario.tppe.chunk_bits, scenario.tppe.count};
    return of;
}

cost::tile_table tile_table(const config::scenario& scenario)
{
    return sparten_tile(scenario, compute::tppe_parameters().acc_bits);
}

} // namespace

std::unique_ptr<accelerator> build_sparten(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<sparten_accelerator>("sparten", shared_parameters(scenario), own(scenario), wheel);
}

std::vector<bound> sparten_bounds(const config::scenario& s)
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

/// The authors' table "sparten": accumulator, fast prefix-sum, masks (four of A), weight buffer. It has no register
/// file of sums, and so there is none here. How it grows is this project's choice: with its bits, as a TPPE does; but its
/// sums have the published width, whatever tppe.acc_bits says, of which the model knows nothing.
cost::tile_table sparten_tile(const config::scenario& scenario, unsigned sum_bits)
{
    constexpr cost::component a_masks{"a_masks", 0.005645, 0.962659, 0.146563}; // four of 128 bits
    const unsigned chunk_bits = scenario.tppe.chunk_bits;
    compute::tppe_parameters size;
    size.chunk_bits = chunk_bits;
    const cost::component prefix = component_of(cost::tppe_component::fast_prefix, size);
    const cost::component b_mask = component_of(cost::tppe_component::b_mask, size);
    const cost::component buffer = component_of(cost::tppe_component::weight_buffer, size);
    const compute::tppe_parameters published;
    const cost::component accumulator = cost::accumulator_of(sum_bits);
    const double mask_pj = event_pj(b_mask); // of A one of the four
    const cost::event_count joins = as_often_as({counter::joins}), matches = as_often_as({counter::matches});
    const cost::event_count chunks = as_often_as({counter::sram_read_b_mask}, chunk_bits);
    return {{accumulator, prefix,
             scaled(a_masks, static_cast<double>(chunk_bits) / published.chunk_bits), b_mask, buffer},
            {{energy_part::fast_prefix, joins, event_pj(prefix)},
             {energy_part::masks, joins, mask_pj},
             {energy_part::masks, chunks, mask_pj},
             {energy_part::weight_buffer, matches, event_pj(buffer)},
             {energy_part::weight_buffer, chunks, event_pj(buffer)},
             {energy_part::pseudo_accumulator, matches, event_pj(accumulator)}}};
}

namespace
{

dataflow_point dataflow(const config::scenario& scenario)
{
    // Each PE goes on by itself as far as its buffers allow. That all meet where a block of rows ends is left out: tiles of
    // 16 columns would say it, and take long to count.
    return {"nmtk", fmt::format("n{},free", scenario.tppe.count), "bitmask,bitmask"};
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
    d.build = build_sparten;
    d.dataflow = dataflow;
    d.tile_bounds = sparten_bounds;
    d.tile_keys = {"tppe.fast_latency", "tppe.empty_join_cycles"};
    d.accounting = accounting;
    d.constants = cost::published_constants{124.98, 6.15};
    d.published = publication{publication::part::rival, "SparTen-S", "sparten", nullptr, true};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
