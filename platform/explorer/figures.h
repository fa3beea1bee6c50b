// What a point of the space costs with a buffer of some size: traffic at each level, time, energy, and what bounds it.
#pragma once

#include "models/cost/parameters.h"
#include "models/cost/sram.h"
#include "platform/config/scenario.h"
#include "platform/layer_counts/analysis.h"

#include <array>
#include <map>

namespace loas::explorer
{

using dataflow::class_of, dataflow::loop, dataflow::mapping, dataflow::operand_counts, dataflow::order_class,
    dataflow::point_counts, dataflow::unrolling, dataflow::work_counts, dataflow::work_rules;

/// Of a buffer of some size; usual: of the default one.
struct buffer_costs {
    cost::sram_figures sram, usual;
    double leakage_mw;
};

/// What the scenario says of the machine, whatever its order is.
struct hardware {
    double clock_mhz = 800;
    double dram_bytes_per_cycle = 0; ///< peak; 0: without limit
    unsigned units = 16;             ///< where nothing else is said
    cache::parameters buffer;        ///< of which the size is given elsewhere
    cost::energy_constants energy;
    work_rules rules;

    const buffer_costs& costs_of_buffer(unsigned capacity_kib) const;
    mutable std::map<unsigned, buffer_costs> known_costs; ///< of costs_of_buffer(); nothing else changes
};
hardware hardware_of(const config::scenario& scenario);

/// A buffer is divided among A, B, the partial sums of O and the potentials U in so many parts.
inline constexpr unsigned buffer_parts = 16;
/// The capacities, in bits, for which curves are needed to divide buffers of these sizes: ascending.
std::vector<std::uint64_t> curve_capacities_bits(const std::vector<unsigned>& capacities_kib);

struct operand_bytes {
    double a = 0, b = 0, o = 0, u = 0;

    double total() const { return a + b + o + u; }
};

/// Bytes that the units take from the buffer or send to it: items with one register for each operand, and masks.
struct buffer_traffic {
    operand_bytes items; ///< o and u: both ways
    double masks = 0;

    double total() const { return items.total() + masks; }
};
buffer_traffic buffer_traffic_of(const point_counts& counts, unsigned chunk_bits);

struct energy_parts {
    double dram_pj = 0, buffer_pj = 0, compute_pj = 0, leakage_pj = 0;

    double total_pj() const { return dram_pj + buffer_pj + compute_pj + leakage_pj; }
};

/// Units along k add to one output at a time, all in step: neither joins nor merging take cycles of their own.
inline bool units_in_step(const point_counts& of) { return of.point.space.over == loop::k && of.point.space.units > 1; }

enum class limit { work, joins, dram }; ///< work: matches, and what is merged
const char* name_of(limit which);

/// At one capacity. The division is the one of least traffic.
struct buffered_figures {
    unsigned capacity_kib = 0;
    std::array<unsigned, 4> parts{}; ///< of buffer_parts, of A, B, O, U
    operand_bytes dram_bytes;        ///< LRU; o: partial sums both ways, and the output once; u both ways
    double least_dram_bytes = 0;     ///< the less of LRU and of what is pinned, each operand, in this layer's best division for that
    double dram_cycles = 0;
    double cycles = 0; ///< the larger of latency and dram_cycles
    limit bound = limit::work;
    energy_parts energy;
};

/// capacities_bits: of the counts' curves; of curve_capacities_bits() with this capacity.
buffered_figures figures_of(const point_counts& counts, unsigned capacity_kib,
                            const std::vector<std::uint64_t>& capacities_bits, const hardware& machine);
/// Of all layers of a network, whose buffer is divided anew for each layer, or once for all so that weights stay in their
/// part from input to input, whichever moves less.
std::vector<buffered_figures> figures_of(const std::vector<const point_counts*>& layers, unsigned capacity_kib,
                                         const std::vector<std::uint64_t>& capacities_bits, const hardware& machine);

} // namespace loas::explorer
