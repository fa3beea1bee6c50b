#include "platform/mapping_search/search_space.h"

namespace loas::mapping_search
{

using dataflow::formats;
using dataflow::loop;
using dataflow::mapping;
using dataflow::stored;
using dataflow::tiling;
using dataflow::unrolling;

std::vector<tiling> tilings_of(const extents& largest, unsigned units)
{
    std::vector<tiling::tile> each;
    const auto add = [&](loop of, std::uint64_t smallest, std::uint64_t extent) {
        for (std::uint64_t size = smallest; size < extent; size *= 8)
            each.push_back({of, size});
    };
    add(loop::m, std::uint64_t{units} * 4, largest.m);
    add(loop::n, std::uint64_t{units} * 4, largest.n);
    add(loop::k, std::uint64_t{units} * 16, largest.k);
    std::vector<tiling> all = {{}};
    for (const tiling::tile& outer : each) {
        all.push_back({{outer}});
        for (const tiling::tile& inner : each)
            if (inner.of != outer.of)
                all.push_back({{outer, inner}});
    }
    return all;
}

space space_of(const explorer::request& asked, const config::scenario& scenario)
{
    space all;
    all.orders = dataflow::parse_orders(asked.orders.empty() ? "all" : asked.orders);
    if (!asked.spatial.empty())
        all.unrollings = {explorer::asked_unrolling(asked.spatial, scenario)};
    else {
        const unsigned timesteps = explorer::timesteps_of(scenario);
        for (const loop over : {loop::m, loop::n, loop::k}) {
            for (unsigned word = 1; word < timesteps; word *= 2)
                all.unrollings.push_back({over, scenario.tppe.count, word});
            all.unrollings.push_back({over, scenario.tppe.count, unrolling::all_timesteps});
        }
    }
    if (!asked.format.empty())
        all.stored_as = {dataflow::parse_formats(asked.format)};
    else {
        for (const stored a : {stored::bitmask, stored::coordinates})
            for (const stored b : {stored::bitmask, stored::coordinates})
                all.stored_as.push_back({a, b});
        all.stored_as.push_back({stored::raw, stored::raw});
    }
    return all;
}

bool says_something(const mapping& point)
{
    return point.space.timesteps != unrolling::all_timesteps || point.order.loops[3] == loop::t;
}

} // namespace loas::mapping_search
