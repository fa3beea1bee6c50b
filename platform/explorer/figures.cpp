#include "platform/explorer/figures.h"

#include "models/cost/energy.h"
#include "models/cost/sram.h"
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
    std::array<division, buffer_parts + 1> best; // with so many parts, for the operands so far
    for (std::size_t operand = 0; operand < 4; ++operand) {
        std::array<division, buffer_parts + 1> next;
        for (unsigned room = 0; room <= buffer_parts; ++room) {
            next[room].bits = std::numeric_limits<std::uint64_t>::max();
            for (unsigned others = 0; others <= room; ++others)
                if (const std::uint64_t bits = best[others].bits + moved[operand][room - others]; bits < next[room].bits) {
                    next[room] = best[others];
                    next[room].bits = bits;
                    next[room].parts[operand] = room - others;
                }
        }
        best = next;
    }
    return best[buffer_parts];
}

/// An access to B is a fetch; partial sums and potentials go both ways, except the first time.
std::uint64_t moved_bits(const dataflow::reuse_curve& curve, std::size_t operand, std::size_t capacity, bool best)
{
    const std::uint64_t bits = best ? curve.best_bits(capacity) : curve.lru_bits[capacity];
    return operand < 2 ? bits : 2 * (bits - curve.first_bits);
}

energy_parts energy_of(const point_counts& counts, const buffered_figures& at, const hardware& machine)
{
    const cost::energy_constants& table = machine.energy;
    cache::parameters size = machine.buffer;
    size.size_kib = std::max(at.capacity_kib, 1U);
    const cost::sram_figures sram = cost::cache_by_cacti(size), usual = cost::cache_by_cacti({});
    const double line = size.line_bytes;
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
                              cost::leakage_of_cache(size, table).by(table.cache_leakage));
    return energy;
}

} // namespace

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

buffered_figures figures_of(const point_counts& counts, unsigned capacity_kib,
                            const std::vector<std::uint64_t>& capacities_bits, const hardware& machine)
{
    const std::array<const dataflow::reuse_curve*, 4> curves = {&counts.a, &counts.b, &counts.o, &counts.u};
    std::array<by_parts, 4> lru{}, best{};
    for (unsigned parts = 0; parts <= buffer_parts; ++parts) {
        const std::uint64_t bits = std::uint64_t{capacity_kib} * 1024 * 8 * parts / buffer_parts;
        const auto at = static_cast<std::size_t>(
            std::lower_bound(capacities_bits.begin(), capacities_bits.end(), bits) - capacities_bits.begin());
        for (std::size_t i = 0; i < 4; ++i) {
            lru[i][parts] = moved_bits(*curves[i], i, at, false);
            best[i][parts] = moved_bits(*curves[i], i, at, true);
        }
    }
    const division divided = best_division(lru);
    const double output_bytes = real(counts.output_bits) / 8;
    buffered_figures to;
    to.capacity_kib = capacity_kib;
    to.parts = divided.parts;
    const auto bytes = [&](std::size_t i) { return real(lru[i][divided.parts[i]]) / 8; };
    to.dram_bytes = {bytes(0), bytes(1), bytes(2) + output_bytes, bytes(3)};
    to.least_dram_bytes = real(best_division(best).bits) / 8 + output_bytes;
    to.dram_cycles = machine.dram_bytes_per_cycle > 0 ? to.dram_bytes.total() / machine.dram_bytes_per_cycle : 0;
    const double latency = real(counts.work.latency_cycles);
    to.cycles = std::max(latency, to.dram_cycles);
    to.bound = to.dram_cycles > latency ? limit::dram
               : counts.work.empty_joins * machine.rules.empty_join_cycles > counts.work.matches + counts.work.merged_elements
                   ? limit::joins
                   : limit::work;
    to.energy = energy_of(counts, to, machine);
    return to;
}

} // namespace loas::explorer
