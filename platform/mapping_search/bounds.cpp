#include "platform/mapping_search/bounds.h"

#include <algorithm>

namespace loas::mapping_search
{

bounds::bounds(const explorer::exploration& explored)
{
    const cost::energy_constants& energy = explored.machine.energy;
    for (const explorer::explored_layer& layer : explored.layers) {
        const double runs = static_cast<double>(layer.runs), outputs = runs * static_cast<double>(layer.m * layer.n * layer.t);
        const double bytes = static_cast<double>(layer.used_weights) + outputs / 8;
        double packed = 0;
        for (const dataflow::point_counts& counts : layer.points)
            if (counts.word_timesteps == layer.t)
                packed = static_cast<double>(counts.work.matches);
        dram_bytes += bytes;
        energy_pj += bytes * 8 * energy.dram_bit_pj + packed * (energy.pseudo_add_pj + energy.weight_buffer_pj) +
                     outputs * energy.plif_timestep_pj;
        m_needs.push_back({{layer.m, layer.n, layer.k, layer.t}, runs, packed, static_cast<double>(layer.points.front().spike_matches),
                           explored.machine.dram_bytes_per_cycle > 0 ? bytes / explored.machine.dram_bytes_per_cycle : 0});
    }
}

double bounds::cycles_with(const dataflow::unrolling& over, bool dense) const
{
    using dataflow::loop;
    double cycles = 0;
    for (const need& of : m_needs) {
        const auto at_work = [&](loop each) { return static_cast<double>(std::min<std::uint64_t>(over.units_of(each), of.sizes.of(each))); };
        const double units = at_work(loop::m) * at_work(loop::n) * at_work(loop::k);
        const unsigned t = static_cast<unsigned>(of.sizes.t), word = over.word_timesteps(t);
        const double elements = static_cast<double>(of.sizes.m * of.sizes.n * of.sizes.k * ((t + word - 1) / word)) * of.runs;
        cycles += std::max((dense ? elements : word == 1 ? of.spike_matches : of.matches) / units, of.dram_cycles);
    }
    return cycles;
}

} // namespace loas::mapping_search
