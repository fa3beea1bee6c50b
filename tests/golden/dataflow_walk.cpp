#include "tests/golden/dataflow_loops.h"

namespace loas::golden
{
namespace
{

/// Items: how many different settings of the loops down to the operand's innermost one have a match, indices of others
/// that are divided by group.
std::uint64_t items_of(const walker& walk, const std::string& own)
{
    const std::string nest = walk.nest(), down_to = nest.substr(0, nest.find_last_of(own) + 1);
    std::set<tuple> seen;
    walk.each_match([&](const step& at) {
        tuple key = walk.key_of(down_to, at);
        for (const char loop : own)
            key.push_back(at.of(loop));
        seen.insert(key);
    });
    return seen.size();
}

/// The bits of a fiber: elements and non-zeros of an operand, of which some indices are fixed.
std::uint64_t fiber_bits(const walker& walk, const std::string& own, const place& at)
{
    std::uint64_t bits = 0;
    const walk_settings& s = walk.settings;
    const auto up_to = [&](char loop) { return is_own(own, loop) ? walk.extent(loop) : std::size_t{1}; };
    for (std::size_t m = 0; m < up_to('m'); ++m)
        for (std::size_t n = 0; n < up_to('n'); ++n)
            for (std::size_t k = 0; k < up_to('k'); ++k)
                for (std::size_t t = 0; t < up_to('t'); ++t) {
                    if (!walk.within(own, at, {m, n, k, t}))
                        continue;
                    if (own == "mkt")
                        bits += s.spike_element_bits + (walk.spike(m, k, t) ? s.spike_bits : 0);
                    else if (own == "kn")
                        bits += s.weight_element_bits + (walk.weight(k, n) ? s.weight_bits : 0);
                    else
                        bits += own == "mn" ? s.potential_bits : s.sum_bits;
                }
    return bits;
}

/// All that was accessed since an access to the same fiber, each once and with it; 0: there was none.
std::uint64_t distance_of(const std::vector<tuple>& accesses, std::size_t i, std::map<tuple, std::uint64_t>& sizes)
{
    std::set<tuple> since = {accesses[i]};
    bool again = false;
    for (std::size_t j = i; j-- > 0 && !again;) {
        again = accesses[j] == accesses[i];
        since.insert(accesses[j]);
    }
    std::uint64_t distance = 0;
    for (const tuple& each : since)
        distance += sizes[each];
    return again ? distance : 0;
}

/// What buffers of all sizes make of accesses to fibers of some bits.
walked_operand buffered(const walker& walk, const std::vector<tuple>& accesses, std::map<tuple, std::uint64_t>& sizes)
{
    walked_operand counts;
    counts.missed_bits.resize(walk.settings.capacities_bits.size());
    std::map<tuple, std::uint64_t> times;
    for (const tuple& each : accesses)
        ++times[each];
    for (const auto& [fiber, bits] : sizes)
        counts.first_bits += bits;
    for (std::size_t i = 0; i < accesses.size(); ++i) {
        counts.accessed_bits += sizes[accesses[i]];
        const std::uint64_t distance = distance_of(accesses, i, sizes);
        for (std::size_t c = 0; c < counts.missed_bits.size(); ++c)
            if (distance == 0 || distance > walk.settings.capacities_bits[c])
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

struct fiber_accesses {
    std::vector<tuple> accesses;
    std::map<tuple, std::uint64_t> sizes;
};

/// The fiber of an operand: along its innermost loop, and where that is t along the next one too if it stands directly
/// outside in the tile. Accessed once for each step of the loops outside it that neither operand rules out.
fiber_accesses accesses_of(const walker& walk, const std::string& own)
{
    const std::string nest = walk.nest();
    std::size_t outermost = nest.find_last_of(own);
    if (nest[outermost] == 't' && outermost > walk.over_tiles().size() && is_own(own, nest[outermost - 1]))
        --outermost;
    fiber_accesses to;
    walk.each_step(nest.substr(0, outermost), [&](const place& at) {
        if (!walk.any_spike(at) || !walk.any_weight(at))
            return;
        tuple fiber;
        for (const auto& [letter, number] : at)
            if (is_own(own, letter))
                fiber.push_back(number);
        if (to.sizes.find(fiber) == to.sizes.end())
            to.sizes[fiber] = fiber_bits(walk, own, at);
        to.accesses.push_back(fiber);
    });
    return to;
}

walked_operand fibers_of(const walker& walk, const std::string& own)
{
    fiber_accesses of = accesses_of(walk, own);
    walked_operand counts = buffered(walk, of.accesses, of.sizes);
    counts.items = items_of(walk, own);
    return counts;
}

/// A group of neurons is visited where its sums are complete, in the order of the loops without k; the timesteps whose
/// sums wait with it, since k stands outside of them, it takes there together. Between two visits right behind each other
/// its potentials stay in the units.
walked_operand potentials_of(const walker& walk)
{
    const std::string nest = walk.nest();
    std::string loops;
    for (std::size_t i = 0; i < nest.size(); ++i)
        if (!is_own("k", nest[i]) && (!is_own("t", nest[i]) || i < nest.find_first_of("kK")))
            loops += nest[i];
    std::vector<tuple> visits;
    std::map<tuple, std::uint64_t> sizes;
    walk.each_step(loops, [&](const place& at) {
        const tuple group = {at.at('m'), at.at('n')};
        if (!visits.empty() && visits.back() == group)
            return;
        visits.push_back(group);
        if (sizes.find(group) == sizes.end())
            sizes[group] = fiber_bits(walk, "mn", at);
    });
    return buffered(walk, visits, sizes);
}

} // namespace

walk_counts walk(const walked_layer& layer, const walk_settings& settings)
{
    const walker walk{layer, settings};
    walk_counts counts;
    counts.a = fibers_of(walk, "mkt");
    counts.b = fibers_of(walk, "kn");
    counts.o = fibers_of(walk, "mnt");
    counts.u = potentials_of(walk);
    std::set<tuple> outputs;
    walk.each_match([&](const step& at) {
        ++counts.matches;
        outputs.insert({at.m, at.n, at.t});
    });
    counts.outputs = outputs.size();
    count_work(walk, counts);
    return counts;
}

std::vector<std::vector<std::uint64_t>> walk_weights(const std::vector<walked_run>& runs, const walk_settings& settings)
{
    std::vector<std::vector<std::uint64_t>> missed;
    fiber_accesses all; // of fibers with the number of their layer
    for (const walked_run& each : runs) {
        missed.emplace_back(settings.capacities_bits.size());
        const auto numbered = [&](tuple fiber) {
            fiber.insert(fiber.begin(), each.layer);
            return fiber;
        };
        const fiber_accesses of = accesses_of(walker{each.tensors, settings}, "kn");
        for (const auto& [fiber, bits] : of.sizes)
            all.sizes[numbered(fiber)] = bits;
        for (const tuple& fiber : of.accesses) {
            all.accesses.push_back(numbered(fiber));
            const std::uint64_t distance = distance_of(all.accesses, all.accesses.size() - 1, all.sizes);
            for (std::size_t c = 0; c < settings.capacities_bits.size(); ++c)
                if (distance == 0 || distance > settings.capacities_bits[c])
                    missed.back()[c] += of.sizes.at(fiber);
        }
    }
    return missed;
}

} // namespace loas::golden
