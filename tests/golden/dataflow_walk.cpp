#include "tests/golden/dataflow_walk.h"

#include <algorithm>
#include <map>
#include <set>

namespace loas::golden
{
namespace
{

using tuple = std::vector<std::size_t>;

/// A place in the four loops.
struct step {
    std::size_t m, n, k, t;

    std::size_t of(char loop) const { return loop == 'm' ? m : loop == 'n' ? n : loop == 'k' ? k : t; }
};

struct walker {
    const walked_layer& layer;
    const walk_settings& settings;

    bool spike(std::size_t m, std::size_t k, std::size_t t) const
    {
        return layer.spikes[(m * layer.k + k) * layer.t + t] != 0;
    }
    bool weight(std::size_t k, std::size_t n) const { return layer.weights[k * layer.n + n] != 0; }
    std::size_t extent(char loop) const
    {
        return loop == 'm' ? layer.m : loop == 'n' ? layer.n : loop == 'k' ? layer.k : layer.t;
    }
    std::size_t group(char loop, std::size_t index) const { return loop == settings.over ? index / settings.units : index; }
    std::size_t groups(char loop) const { return extent(loop) == 0 ? 0 : group(loop, extent(loop) - 1) + 1; }

    /// In their order, groups of the divided loop in the place of its indices.
    template <typename function> void each_step(const std::string& loops, function f) const
    {
        std::vector<std::size_t> at(loops.size(), 0);
        for (;;) {
            step here{0, 0, 0, 0};
            for (std::size_t i = 0; i < loops.size(); ++i)
                (loops[i] == 'm' ? here.m : loops[i] == 'n' ? here.n : loops[i] == 'k' ? here.k : here.t) = at[i];
            f(here);
            std::size_t i = loops.size();
            while (i > 0 && ++at[i - 1] == groups(loops[i - 1]))
                at[--i] = 0;
            if (i == 0)
                return;
        }
    }

    /// All elements (m, n, k, t) of the layer, of those indices the group is the step's, for the loops named.
    bool within(const std::string& fixed, const step& at, const step& element) const
    {
        return std::all_of(fixed.begin(), fixed.end(),
                           [&](char loop) { return group(loop, element.of(loop)) == at.of(loop); });
    }
    bool any_spike(const std::string& fixed, const step& at) const
    {
        for (std::size_t m = 0; m < layer.m; ++m)
            for (std::size_t k = 0; k < layer.k; ++k)
                for (std::size_t t = 0; t < layer.t; ++t)
                    if (spike(m, k, t) && within(fixed, at, {m, 0, k, t}))
                        return true;
        return false;
    }
    bool any_weight(const std::string& fixed, const step& at) const
    {
        for (std::size_t k = 0; k < layer.k; ++k)
            for (std::size_t n = 0; n < layer.n; ++n)
                if (weight(k, n) && within(fixed, at, {0, n, k, 0}))
                    return true;
        return false;
    }
};

std::string only(const std::string& loops, const std::string& of)
{
    std::string kept;
    for (const char each : loops)
        if (of.find(each) != std::string::npos)
            kept += each;
    return kept;
}

/// Items: how many different settings of the loops down to the operand's innermost one have a match, indices of others
/// that are divided by group.
std::uint64_t items_of(const walker& walk, const std::string& own)
{
    const std::string& order = walk.settings.order;
    const std::string down_to = order.substr(0, order.find_last_of(own) + 1);
    std::set<tuple> seen;
    for (std::size_t m = 0; m < walk.layer.m; ++m)
        for (std::size_t n = 0; n < walk.layer.n; ++n)
            for (std::size_t k = 0; k < walk.layer.k; ++k)
                for (std::size_t t = 0; t < walk.layer.t; ++t)
                    if (walk.spike(m, k, t) && walk.weight(k, n)) {
                        const step at{m, n, k, t};
                        tuple key;
                        for (const char loop : down_to)
                            key.push_back(own.find(loop) != std::string::npos ? at.of(loop) : walk.group(loop, at.of(loop)));
                        seen.insert(key);
                    }
    return seen.size();
}

/// The bits of a fiber: elements and non-zeros of an operand, of which some indices are fixed.
std::uint64_t fiber_bits(const walker& walk, const std::string& own, const std::string& fixed, const step& at)
{
    std::uint64_t bits = 0;
    const walk_settings& s = walk.settings;
    const auto up_to = [&](char loop) { return own.find(loop) == std::string::npos ? std::size_t{1} : walk.extent(loop); };
    for (std::size_t m = 0; m < up_to('m'); ++m)
        for (std::size_t n = 0; n < up_to('n'); ++n)
            for (std::size_t k = 0; k < up_to('k'); ++k)
                for (std::size_t t = 0; t < up_to('t'); ++t) {
                    if (!walk.within(fixed, at, {m, n, k, t}))
                        continue;
                    if (own == "mkt")
                        bits += s.spike_element_bits + (walk.spike(m, k, t) ? s.spike_bits : 0);
                    else if (own == "kn")
                        bits += s.weight_element_bits + (walk.weight(k, n) ? s.weight_bits : 0);
                    else
                        bits += s.sum_bits;
                }
    return bits;
}

/// The fiber of an operand: along its innermost loop, and where that is t along the next one too if it stands directly
/// outside. Accessed once for each step of the loops outside it that neither operand rules out.
walked_operand fibers_of(const walker& walk, const std::string& own)
{
    const std::string& order = walk.settings.order;
    const std::size_t innermost = order.find_last_of(own);
    std::size_t outermost = innermost;
    if (order[innermost] == 't' && innermost > 0 && own.find(order[innermost - 1]) != std::string::npos)
        --outermost;
    const std::string outside = order.substr(0, outermost), fixed = only(outside, own);

    std::vector<tuple> accesses;
    std::map<tuple, std::uint64_t> sizes, times;
    walk.each_step(outside, [&](const step& at) {
        if (!walk.any_spike(only(outside, "mkt"), at) || !walk.any_weight(only(outside, "kn"), at))
            return;
        tuple fiber;
        for (const char loop : fixed)
            fiber.push_back(at.of(loop));
        if (sizes.find(fiber) == sizes.end())
            sizes[fiber] = fiber_bits(walk, own, fixed, at);
        ++times[fiber];
        accesses.push_back(fiber);
    });

    walked_operand counts;
    counts.items = items_of(walk, own);
    counts.missed_bits.resize(walk.settings.capacities_bits.size());
    for (const auto& [fiber, bits] : sizes)
        counts.first_bits += bits;
    for (std::size_t i = 0; i < accesses.size(); ++i) {
        counts.accessed_bits += sizes[accesses[i]];
        // All that was accessed since, each once.
        std::set<tuple> since = {accesses[i]};
        bool again = false;
        for (std::size_t j = i; j-- > 0 && !again;) {
            again = accesses[j] == accesses[i];
            since.insert(accesses[j]);
        }
        std::uint64_t distance = 0;
        for (const tuple& each : since)
            distance += sizes[each];
        for (std::size_t c = 0; c < counts.missed_bits.size(); ++c)
            if (!again || distance > walk.settings.capacities_bits[c])
                counts.missed_bits[c] += sizes[accesses[i]];
    }
    for (const std::uint64_t capacity : walk.settings.capacities_bits) {
        // The best of all: each bit that stays saves its later accesses; those with the most of them first.
        std::vector<std::pair<std::uint64_t, std::uint64_t>> by_times;
        for (const auto& [fiber, count] : times)
            by_times.emplace_back(count, sizes[fiber]);
        std::sort(by_times.rbegin(), by_times.rend());
        double moved = static_cast<double>(counts.accessed_bits), room = static_cast<double>(capacity);
        for (const auto& [count, bits] : by_times) {
            const double kept = std::min(room, static_cast<double>(bits));
            moved -= kept * static_cast<double>(count - 1);
            room -= kept;
        }
        counts.pinned_bits.push_back(moved);
    }
    return counts;
}

/// Cycles of a unit on one output: matches and, with joins, a cycle for each chunk without one.
std::uint64_t join_cycles(const walker& walk, std::size_t m, std::size_t n, std::size_t first_t, std::size_t last_t)
{
    std::uint64_t cycles = 0;
    for (std::size_t first = 0; first < walk.layer.k; first += walk.settings.chunk) {
        std::uint64_t matches = 0;
        for (std::size_t k = first; k < std::min(first + walk.settings.chunk, walk.layer.k); ++k)
            for (std::size_t t = first_t; t < last_t; ++t)
                matches += walk.spike(m, k, t) && walk.weight(k, n);
        cycles += matches == 0 && walk.settings.joined ? 1 : matches;
    }
    return cycles;
}

bool inner_product(const std::string& order)
{
    return order.find('k') > order.find('m') && order.find('k') > order.find('n');
}

/// Rows, or columns, merged by Gustavson at a timestep: passes beyond the first.
std::uint64_t passes_again(std::uint64_t merged, std::uint64_t ways)
{
    std::uint64_t passes = 0;
    while (merged > ways) {
        merged = (merged + ways - 1) / ways;
        ++passes;
    }
    return passes;
}

void count_merges(const walker& walk, walk_counts& counts, std::map<tuple, std::uint64_t>& again)
{
    const std::string& order = walk.settings.order;
    const bool by_row = order.find('m') < order.find('k') && order.find('k') < order.find('n');
    const bool by_column = order.find('n') < order.find('k') && order.find('k') < order.find('m');
    if (!by_row && !by_column)
        return;
    const walked_layer& layer = walk.layer;
    for (std::size_t line = 0; line < (by_row ? layer.m : layer.n); ++line)
        for (std::size_t t = 0; t < layer.t; ++t) {
            std::uint64_t merged = 0, elements = 0;
            for (std::size_t k = 0; k < layer.k; ++k) {
                std::uint64_t taken = 0;
                bool there = by_row && walk.spike(line, k, t);
                for (std::size_t other = 0; other < (by_row ? layer.n : layer.m); ++other) {
                    const bool match = by_row ? walk.spike(line, k, t) && walk.weight(k, other)
                                              : walk.weight(k, line) && walk.spike(other, k, t);
                    taken += match;
                    there = there || match;
                }
                merged += there;
                elements += taken;
            }
            const std::uint64_t passes = passes_again(merged, walk.settings.merge_ways);
            counts.merge_passes += passes;
            counts.merged_elements += passes * elements;
            again[{line, t}] = passes;
        }
}

/// The steps at which units meet: the loops down to the divided one, and with k innermost of m, n, k all outside it. Of
/// each step the unit with the most work.
std::uint64_t latency_of(const walker& walk, const std::map<tuple, std::uint64_t>& passes, std::uint64_t merged_elements)
{
    const std::string& order = walk.settings.order;
    const walked_layer& layer = walk.layer;
    std::size_t meet = order.find(walk.settings.over);
    if (inner_product(order))
        meet = std::max(order.find('m'), order.find('n'));
    if (walk.settings.over == 'k')
        meet = 3;
    const std::string key_loops = order.substr(0, meet + 1);
    std::map<tuple, std::map<std::size_t, std::uint64_t>> work; // step, unit
    const auto key_of = [&](const step& at) {
        tuple key;
        for (const char loop : key_loops)
            key.push_back(walk.group(loop, at.of(loop)));
        return key;
    };
    const bool row = order.find('m') < order.find('k') && order.find('k') < order.find('n');
    const bool lines = walk.settings.over == (row ? 'm' : 'n') && !passes.empty();
    if (inner_product(order) && walk.settings.over != 'k') {
        const bool t_inside = order.find('t') > order.find('k');
        for (std::size_t m = 0; m < layer.m; ++m)
            for (std::size_t n = 0; n < layer.n; ++n)
                for (std::size_t t = 0; t < (t_inside ? 1 : layer.t); ++t) {
                    const step at{m, n, 0, t};
                    work[key_of(at)][at.of(walk.settings.over)] += join_cycles(walk, m, n, t, t_inside ? layer.t : t + 1);
                }
    } else
        for (std::size_t m = 0; m < layer.m; ++m)
            for (std::size_t n = 0; n < layer.n; ++n)
                for (std::size_t k = 0; k < layer.k; ++k)
                    for (std::size_t t = 0; t < layer.t; ++t)
                        if (walk.spike(m, k, t) && walk.weight(k, n)) {
                            const step at{m, n, k, t};
                            work[key_of(at)][walk.settings.over == 'k' ? 0 : at.of(walk.settings.over)] +=
                                walk.settings.over == 'k' ? 0 : 1 + (lines ? passes.at({row ? m : n, t}) : 0);
                            if (walk.settings.over == 'k')
                                work[key_of(at)][0] = 1;
                        }
    std::uint64_t cycles = 0;
    for (const auto& [key, units] : work) {
        std::uint64_t most = 0;
        for (const auto& [unit, each] : units)
            most = std::max(most, each);
        cycles += most;
    }
    return cycles + (passes.empty() || lines || walk.settings.over == 'k' ? 0 : merged_elements / walk.settings.units);
}

} // namespace

walk_counts walk(const walked_layer& layer, const walk_settings& settings)
{
    const walker walk{layer, settings};
    walk_counts counts;
    counts.a = fibers_of(walk, "mkt");
    counts.b = fibers_of(walk, "kn");
    counts.o = fibers_of(walk, "mnt");
    std::set<tuple> outputs;
    for (std::size_t m = 0; m < layer.m; ++m)
        for (std::size_t n = 0; n < layer.n; ++n)
            for (std::size_t k = 0; k < layer.k; ++k)
                for (std::size_t t = 0; t < layer.t; ++t)
                    if (walk.spike(m, k, t) && walk.weight(k, n)) {
                        ++counts.matches;
                        outputs.insert({m, n, t});
                    }
    counts.outputs = outputs.size();
    const bool t_inside = settings.order.find('t') > settings.order.find('k');
    for (std::size_t m = 0; m < layer.m; ++m)
        for (std::size_t n = 0; n < layer.n; ++n)
            for (std::size_t t = 0; t < (t_inside ? 1 : layer.t); ++t)
                for (std::size_t first = 0; first < layer.k; first += settings.chunk) {
                    bool match = false;
                    for (std::size_t k = first; k < std::min(first + settings.chunk, layer.k); ++k)
                        for (std::size_t u = t; u < (t_inside ? layer.t : t + 1); ++u)
                            match = match || (walk.spike(m, k, u) && walk.weight(k, n));
                    ++counts.joins;
                    counts.full_joins += match;
                }
    std::map<tuple, std::uint64_t> passes;
    count_merges(walk, counts, passes);
    counts.latency = latency_of(walk, passes, counts.merged_elements);
    return counts;
}

} // namespace loas::golden
