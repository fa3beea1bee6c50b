#include "tests/golden/dataflow_loops.h"

namespace loas::golden
{
namespace
{

/// First inputs of the chunks of a tile of K.
std::vector<std::size_t> chunks_of(const walker& walk, const place& tile)
{
    std::vector<std::size_t> first;
    for (std::size_t k = walk.first_in(tile, 'k'); k < walk.end_of(tile, 'k'); k += walk.settings.chunk)
        first.push_back(k);
    return first;
}

/// Matches of an output in the chunk of inputs that begins at at.k, in timesteps from at.t to `end`.
std::uint64_t matches_in_chunk(const walker& walk, const place& tile, const step& at, std::size_t end)
{
    std::uint64_t matches = 0;
    for (std::size_t k = at.k; k < std::min(at.k + walk.settings.chunk, walk.end_of(tile, 'k')); ++k)
        for (std::size_t t = at.t; t < end; ++t)
            matches += walk.spike(at.m, k, t) && walk.weight(k, at.n);
    return matches;
}

/// f(a join's place, its matches): a chunk of an output at a timestep, or with t inside k at all of its tile.
template <typename function> void each_join(const walker& walk, function f)
{
    const bool t_inside = walk.settings.order.find('t') > walk.settings.order.find('k');
    walk.each_step("KT", [&](const place& tile) {
        for (std::size_t m = 0; m < walk.layer.m; ++m)
            for (std::size_t n = 0; n < walk.layer.n; ++n)
                for (std::size_t t = walk.first_in(tile, 't'); t < walk.end_of(tile, 't'); t += t_inside ? walk.extent('t') : 1)
                    for (const std::size_t k : chunks_of(walk, tile))
                        f(step{m, n, k, t}, matches_in_chunk(walk, tile, {m, n, k, t}, t_inside ? walk.end_of(tile, 't') : t + 1));
    });
}

bool inner_product(const std::string& order)
{
    return order.find('k') > order.find('m') && order.find('k') > order.find('n');
}

struct merged_again {
    std::uint64_t passes = 0, elements = 0;
};

/// Fibers, each a set of places, merged some at a time, with as few passes as can be, of which the first is the one that
/// takes less. What a pass makes waits behind the fibers, but one pass before there would be as many as there are ways.
merged_again merge(std::vector<std::set<std::size_t>> fibers, std::size_t ways)
{
    merged_again to;
    if (fibers.size() <= ways)
        return to;
    to.passes = (fibers.size() - 1 + ways - 2) / (ways - 1) - 1;
    std::size_t takes = fibers.size() - to.passes * (ways - 1);
    std::vector<std::set<std::size_t>> made;
    for (std::uint64_t pass = 0; pass <= to.passes; ++pass) {
        std::size_t old = made.size() == ways - 1 ? made.size() : 0;
        const std::size_t fresh = std::min(fibers.size(), takes - old);
        old = pass == to.passes ? made.size() : takes - fresh;
        std::set<std::size_t> all;
        for (std::size_t i = 0; i < fresh; ++i)
            all.insert(fibers[i].begin(), fibers[i].end());
        for (std::size_t i = 0; i < old; ++i) {
            to.elements += made[i].size();
            all.insert(made[i].begin(), made[i].end());
        }
        fibers.erase(fibers.begin(), fibers.begin() + static_cast<std::ptrdiff_t>(fresh));
        made.erase(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(old));
        made.push_back(all);
        takes = ways;
    }
    return to;
}

/// What Gustavson merges once more.
struct merges {
    struct line {
        step where; ///< one of its steps
        std::uint64_t elements;
    };
    std::vector<line> lines;                 ///< of each in its tile at a timestep
    std::map<tuple, std::uint64_t> elements; ///< of each tile
    bool by_row = false, any = false;
};

/// A line takes a row of B for each of its spikes, or a column of A that has spikes for each of its weights.
merges count_merges(const walker& walk, walk_counts& counts)
{
    const std::string& order = walk.settings.order;
    merges to;
    to.by_row = order.find('m') < order.find('k') && order.find('k') < order.find('n');
    to.any = to.by_row || (order.find('n') < order.find('k') && order.find('k') < order.find('m'));
    if (!to.any)
        return to;
    std::map<tuple, std::map<std::size_t, std::set<std::size_t>>> lines; // of each input its places
    std::map<tuple, step> where;
    for (std::size_t m = 0; m < walk.layer.m; ++m)
        for (std::size_t n = 0; n < walk.layer.n; ++n)
            for (std::size_t k = 0; k < walk.layer.k; ++k)
                for (std::size_t t = 0; t < walk.layer.t; ++t) {
                    if (!walk.spike(m, k, t) || !(to.by_row || walk.weight(k, n)))
                        continue;
                    tuple line = walk.key_of("MNKT", {m, n, k, t});
                    line.push_back(to.by_row ? m : n);
                    line.push_back(t);
                    std::set<std::size_t>& places = lines[line][k];
                    if (walk.weight(k, n))
                        places.insert(to.by_row ? n : m);
                    where.insert({line, step{m, n, k, t}});
                }
    for (const auto& [line, inputs] : lines) {
        std::vector<std::set<std::size_t>> fibers;
        for (const auto& [input, places] : inputs)
            fibers.push_back(places);
        const merged_again again = merge(fibers, walk.settings.merge_ways);
        counts.merge_passes += again.passes;
        counts.merged_elements += again.elements;
        to.elements[tuple(line.begin(), line.begin() + 4)] += again.elements;
        to.lines.push_back({where.at(line), again.elements});
    }
    return to;
}

/// Of units that meet where a tile ends: work of each line there, of rows or columns. Lines stay with their unit where
/// other loops turn outside of them; else the first unit that is free takes the next.
std::uint64_t latency_apart(const walker& walk, std::map<tuple, std::map<tuple, std::uint64_t>>& work, char divided)
{
    const std::string outside = walk.settings.order.substr(0, walk.settings.order.find(divided));
    const std::size_t units = walk.units(divided);
    std::uint64_t cycles = 0;
    walk.each_step("MNKT", [&](const place& tile) {
        const auto size = [&](char loop) { return walk.end_of(tile, loop) - walk.first_in(tile, loop); };
        const bool fixed = std::any_of(outside.begin(), outside.end(), [&](char loop) { return size(loop) > 1; });
        std::multiset<std::uint64_t> free_at;
        std::vector<std::uint64_t> of_unit(units);
        for (std::size_t unit = 0; unit < units; ++unit)
            free_at.insert(0);
        std::uint64_t spikes = 0;
        for (std::size_t line = walk.first_in(tile, divided); line < walk.end_of(tile, divided); ++line) {
            const std::uint64_t takes = work[{tile.at('M'), tile.at('N'), tile.at('K'), tile.at('T')}][{line}];
            of_unit[(line - walk.first_in(tile, divided)) % units] += takes;
            free_at.insert(*free_at.begin() + takes);
            free_at.erase(free_at.begin());
        }
        for (std::size_t m = walk.first_in(tile, 'm'); m < walk.end_of(tile, 'm'); ++m)
            for (std::size_t k = walk.first_in(tile, 'k'); k < walk.end_of(tile, 'k'); ++k)
                for (std::size_t t = walk.first_in(tile, 't'); t < walk.end_of(tile, 't'); ++t)
                    spikes += walk.spike(m, k, t);
        std::uint64_t last = fixed ? *std::max_element(of_unit.begin(), of_unit.end()) : *free_at.rbegin();
        for (std::size_t n = 0; walk.settings.stream > 0 && n < size('n'); n += units) // each time all spikes pass
            if (n + units >= size('n'))
                last = std::max<std::uint64_t>(last, (spikes * (n / units + 1) + walk.settings.stream - 1) / walk.settings.stream);
        cycles += last;
    });
    return cycles;
}

/// The steps at which units meet: the loops down to the inner divided one, and with k innermost of m, n, k all outside
/// it; those over tiles always. Of each step the unit with the most work.
std::uint64_t latency_of(const walker& walk, const merges& merged)
{
    const std::string& order = walk.settings.order;
    const bool along_k = walk.units('k') > 1, along_m = walk.units('m') > 1, along_n = walk.units('n') > 1;
    const std::size_t m_place = order.find('m'), n_place = order.find('n');
    const std::size_t meet = along_k                                            ? 3
                             : inner_product(order) || (along_m && along_n) ? std::max(m_place, n_place)
                             : along_n                                          ? n_place
                                                                                : m_place;
    const bool apart = walk.settings.meet_nowhere;
    const std::string loops = apart ? "MNKT" : walk.nest().substr(0, walk.over_tiles().size() + meet + 1);
    std::map<tuple, std::map<tuple, std::uint64_t>> work; // step, unit
    const auto of_unit = [&](const step& at) -> std::uint64_t& {
        return work[walk.key_of(loops, at)][apart ? tuple{along_n ? at.n : at.m} : along_k ? tuple{at.m, at.n} : tuple{along_m || !along_n ? at.m : 0, along_n ? at.n : 0}];
    };
    // Lines that are merged once more are work of their unit where units have lines of their own.
    const bool own_lines = !along_k && !(along_m && along_n) && along_n != merged.by_row && merged.any;
    if (inner_product(order) && !along_k)
        each_join(walk, [&](const step& at, std::uint64_t matches) {
            of_unit(at) += matches == 0 && walk.settings.joined ? 1 : matches;
        });
    else
        walk.each_match([&](const step& at) {
            if (along_k)
                of_unit(at) = 1;
            else
                ++of_unit(at);
        });
    if (own_lines)
        for (const merges::line& each : merged.lines)
            of_unit(each.where) += each.elements;
    std::uint64_t cycles = apart ? latency_apart(walk, work, along_n ? 'n' : 'm') : 0;
    for (const auto& [key, units] : work) {
        if (apart)
            break;
        std::uint64_t most = 0;
        for (const auto& [unit, each] : units)
            most = std::max(most, each);
        cycles += most;
    }
    if (!own_lines && !along_k)
        for (const auto& [tile, elements] : merged.elements)
            cycles += elements / (walk.units('m') * walk.units('n'));
    return cycles;
}

} // namespace

void count_work(const walker& walk, walk_counts& counts)
{
    each_join(walk, [&](const step&, std::uint64_t matches) {
        ++counts.joins;
        counts.full_joins += matches > 0;
    });
    counts.latency = latency_of(walk, count_merges(walk, counts));
}

} // namespace loas::golden
