#include "platform/explorer/figures.h"

#include "models/cost/energy.h"
#include "models/memory/parameters.h"
#include "platform/designs/design.h"

#include <algorithm>
#include <limits>

namespace loas::explorer
{
namespace
{

double real(std::uint64_t count)
{
    return static_cast<double>(count);
}

/// Bits moved by an operand for each number of parts of a buffer.
using by_parts = std::array<std::uint64_t, buffer_parts + 1>;

struct division {
    std::uint64_t bits = 0;
    std::array<unsigned, 4> parts{};
};

/// The least of all sums, operand after operand; of equal ones that in which the first ones have fewer parts.
division best_division(const std::array<by_parts, 4>& moved)
{
    by_parts best{};                                                  // with so many parts, for the operands so far
    std::array<std::array<unsigned, buffer_parts + 1>, 4> of_others{}; // of them, those of the operands before
    for (std::size_t operand = 0; operand < 4; ++operand) {
        by_parts next;
        next.fill(std::numeric_limits<std::uint64_t>::max());
        for (unsigned room = 0; room <= buffer_parts; ++room)
            for (unsigned others = 0; others <= room; ++others)
                if (const std::uint64_t bits = best[others] + moved[operand][room - others]; bits < next[room]) {
                    next[room] = bits;
                    of_others[operand][room] = others;
                }
        best = next;
    }
    division least{best[buffer_parts], {}};
    for (unsigned operand = 4, room = buffer_parts; operand-- > 0; room = of_others[operand][room])
        least.parts[operand] = room - of_others[operand][room];
    return least;
}

/// By parts of a buffer, of each operand: as LRU has it, and the less of that and of what is pinned. An access to A and B is
/// a fetch; partial sums and potentials go both ways, except the first time.
struct movements {
    std::array<by_parts, 4> lru{}, best{};

    /// kept: with weights that runs before left.
    movements(const point_counts& counts, unsigned capacity_kib, const std::vector<std::uint64_t>& capacities_bits, bool kept)
    {
        const std::array<const dataflow::reuse_curve*, 4> curves = {&counts.a, &counts.b, &counts.o, &counts.u};
        for (unsigned parts = 0; parts <= buffer_parts; ++parts) {
            const std::uint64_t bits = std::uint64_t{capacity_kib} * 1024 * 8 * parts / buffer_parts;
            const auto at = static_cast<std::size_t>(
                std::lower_bound(capacities_bits.begin(), capacities_bits.end(), bits) - capacities_bits.begin());
            for (std::size_t i = 0; i < 4; ++i) {
                const std::uint64_t by_lru = curves[i]->lru_bits[at] - (kept && i == 1 ? counts.b_kept_bits[at] : 0);
                const std::uint64_t least = std::min(by_lru, curves[i]->pinned_bits[at]);
                lru[i][parts] = i < 2 ? by_lru : 2 * (by_lru - curves[i]->first_bits);
                best[i][parts] = i < 2 ? least : 2 * (least - curves[i]->first_bits);
            }
        }
    }
};

std::uint64_t bits_of(const std::array<by_parts, 4>& moved, const std::array<unsigned, 4>& parts)
{
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i)
        bits += moved[i][parts[i]];
    return bits;
}

energy_parts energy_of(const point_counts& counts, const buffered_figures& at, const hardware& machine)
{
    const cost::energy_constants& table = machine.energy;
    const buffer_costs& cost_of = machine.costs_of_buffer(at.capacity_kib);
    const cost::sram_figures &sram = cost_of.sram, &usual = cost_of.usual;
    const double line = machine.buffer.line_bytes;
    const buffer_traffic buffer = buffer_traffic_of(counts, machine.rules.chunk_bits);
    const double written = buffer.items.o / 2 + buffer.items.u / 2 + at.dram_bytes.total() / 2; // in about as many lines
    const double read = buffer.total() - buffer.items.o / 2 - buffer.items.u / 2 + at.dram_bytes.total() / 2;
    const work_counts& work = counts.work;
    const bool words = counts.word_timesteps > 1;

    energy_parts energy;
    energy.dram_pj = at.dram_bytes.total() * 8 * table.dram_bit_pj;
    energy.buffer_pj = (read / line * table.sram_read_pj * sram.read_pj / usual.read_pj +
                        written / line * table.sram_write_pj * sram.write_pj / usual.write_pj);
    // Of words: one addition, and a correction for each timestep without a spike.
    const double corrections = words ? real(work.matches) * counts.word_timesteps - real(counts.spike_matches) : 0;
    energy.compute_pj = real(work.matches + work.merged_elements) * (table.pseudo_add_pj + table.weight_buffer_pj) +
                        corrections * table.correction_add_pj +
                        real(work.joins) * (table.fast_prefix_pj + 2 * table.mask_pj) +
                        (words ? real(work.joins - work.empty_joins) * compute::tppe_parameters{}.laggy_latency() *
                                     table.laggy_prefix_pj
                               : 0) +
                        real(counts.sizes.m * counts.sizes.n * counts.sizes.t * counts.runs) * counts.word_timesteps *
                            table.plif_timestep_pj;
    const double ns = at.cycles * 1000 / machine.clock_mhz;
    energy.leakage_pj = ns * (counts.point.space.all_units() * (table.tppe_leakage_mw + table.rest_leakage_mw / cost::published_tppe_size.count) +
                              cost_of.leakage_mw);
    return energy;
}

} // namespace

const buffer_costs& hardware::costs_of_buffer(unsigned capacity_kib) const
{
    const auto found = known_costs.find(capacity_kib);
    if (found != known_costs.end())
        return found->second;
    cache::parameters size = buffer;
    size.size_kib = std::max(capacity_kib, 1U);
    return known_costs
        .emplace(capacity_kib, buffer_costs{cost::cache_by_cacti(size), cost::cache_by_cacti({}),
                                            cost::leakage_of_cache(size, energy).by(energy.cache_leakage)})
        .first->second;
}

hardware hardware_of(const config::scenario& scenario)
{
    hardware machine;
    machine.clock_mhz = scenario.clock_mhz;
    const memory::backend_facts& backend = memory::backend_facts_of(scenario.memory.backend);
    if (backend.peak_bytes_per_ns != nullptr)
        machine.dram_bytes_per_cycle =
            backend.peak_bytes_per_ns(scenario.memory, scenario.dram) * 1000 / scenario.clock_mhz;
    machine.units = scenario.tppe.count;
    machine.buffer = scenario.cache;
    machine.energy = scenario.energy;
    machine.rules.chunk_bits = scenario.tppe.chunk_bits;
    machine.rules.empty_join_cycles = scenario.tppe.empty_join_cycles;
    for (const designs::design* each : designs::all())
        if (each->dataflow != nullptr)
            if (const unsigned ways = each->dataflow(scenario).merge_ways; ways > 0)
                machine.rules.merge_ways = ways;
    return machine;
}

std::vector<std::uint64_t> curve_capacities_bits(const std::vector<unsigned>& capacities_kib)
{
    std::vector<std::uint64_t> bits;
    for (const unsigned kib : capacities_kib)
        for (unsigned parts = 0; parts <= buffer_parts; ++parts)
            bits.push_back(std::uint64_t{kib} * 1024 * 8 * parts / buffer_parts);
    std::sort(bits.begin(), bits.end());
    bits.erase(std::unique(bits.begin(), bits.end()), bits.end());
    return bits;
}

buffer_traffic buffer_traffic_of(const point_counts& counts, unsigned chunk_bits)
{
    const unsigned word = counts.word_timesteps;
    const auto item_bytes = [](const dataflow::fiber_bits& bits, unsigned value) {
        return (bits.non_zero > value ? real(bits.non_zero) : real(value)) / 8; // with its coordinate
    };
    const unrolling& space = counts.point.space;
    const double sum_bytes = real(dataflow::sum_bits) * word / 8;
    buffer_traffic traffic;
    traffic.items.a = real(counts.fetches.a) * item_bytes(dataflow::spike_bits(counts.point.format.a, word), word);
    traffic.items.b = real(counts.fetches.b) * item_bytes(dataflow::weight_bits_of(counts.point.format.b), dataflow::weight_bits);
    // The first update of a sum reads nothing, and a complete one goes to its neuron.
    const std::uint64_t outputs = counts.point.format.dense() ? counts.sizes.m * counts.sizes.n * counts.sizes.t * counts.runs
                                                              : counts.work.outputs;
    traffic.items.o = 2 * real(counts.fetches.o - outputs) * sum_bytes;
    traffic.items.u = 2 * real(counts.u.accessed_bits - counts.u.first_bits) / 8;
    // A join takes a chunk of each mask; one fetch is for all units that take the same.
    const double fetched = 1.0 / space.units_of(loop::n) + 1.0 / space.units_of(loop::m);
    traffic.masks = real(counts.work.joins) * chunk_bits / 8 * fetched;
    return traffic;
}

const char* name_of(limit which)
{
    switch (which) {
    case limit::work: return "work";
    case limit::joins: return "joins";
    case limit::dram: return "DRAM";
    }
    return "";
}

namespace
{

buffered_figures divided(const point_counts& counts, unsigned capacity_kib, const movements& moved, const division& by,
                         const division& best, const hardware& machine)
{
    const double output_bytes = real(counts.output_bits) / 8;
    buffered_figures to;
    to.capacity_kib = capacity_kib;
    to.parts = by.parts;
    const auto bytes = [&](std::size_t i) { return real(moved.lru[i][by.parts[i]]) / 8; };
    to.dram_bytes = {bytes(0), bytes(1), bytes(2) + output_bytes, bytes(3)};
    to.least_dram_bytes = real(bits_of(moved.best, best.parts)) / 8 + output_bytes;
    to.dram_cycles = machine.dram_bytes_per_cycle > 0 ? to.dram_bytes.total() / machine.dram_bytes_per_cycle : 0;
    const double latency = real(counts.work.latency_cycles);
    to.cycles = std::max(latency, to.dram_cycles);
    to.bound = to.dram_cycles > latency ? limit::dram
               : !units_in_step(counts) && counts.work.empty_joins * machine.rules.empty_join_cycles > counts.work.matches + counts.work.merged_elements
                   ? limit::joins
                   : limit::work;
    to.energy = energy_of(counts, to, machine);
    return to;
}

/// By LRU, all layers with one division.
std::array<by_parts, 4> sum_of(const std::vector<movements>& layers)
{
    std::array<by_parts, 4> sum{};
    for (const movements& each : layers)
        for (std::size_t i = 0; i < 4; ++i)
            for (std::size_t parts = 0; parts <= buffer_parts; ++parts)
                sum[i][parts] += each.lru[i][parts];
    return sum;
}

} // namespace

buffered_figures figures_of(const point_counts& counts, unsigned capacity_kib,
                            const std::vector<std::uint64_t>& capacities_bits, const hardware& machine)
{
    const movements moved(counts, capacity_kib, capacities_bits, false);
    return divided(counts, capacity_kib, moved, best_division(moved.lru), best_division(moved.best), machine);
}

std::vector<buffered_figures> figures_of(const std::vector<const point_counts*>& layers, unsigned capacity_kib,
                                         const std::vector<std::uint64_t>& capacities_bits, const hardware& machine)
{
    std::vector<buffered_figures> anew;
    std::vector<movements> kept;
    double bytes = 0, output_bytes = 0;
    for (const point_counts* each : layers) {
        anew.push_back(figures_of(*each, capacity_kib, capacities_bits, machine));
        bytes += anew.back().dram_bytes.total();
        output_bytes += real(each->output_bits) / 8;
        if (!each->b_kept_bits.empty())
            kept.emplace_back(*each, capacity_kib, capacities_bits, true);
    }
    if (kept.size() < layers.size())
        return anew;
    const division once = best_division(sum_of(kept));
    const bool stays = real(once.bits) / 8 + output_bytes <= bytes;
    std::vector<buffered_figures> to;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const buffered_figures at = divided(*layers[i], capacity_kib, kept[i], once, best_division(kept[i].best), machine);
        to.push_back(stays ? at : anew[i]);
        to.back().least_dram_bytes = at.least_dram_bytes;
    }
    return to;
}

} // namespace loas::explorer
