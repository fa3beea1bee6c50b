#include "tests/golden/dataflow_walk.h"

#include <algorithm>
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

/// Numbers of groups of units, by the letter of a loop, and of tiles, by its capital.
using place = std::map<char, std::size_t>;

char small(char letter)
{
    return letter < 'a' ? static_cast<char>(letter - 'A' + 'a') : letter;
}
char capital(char letter)
{
    return static_cast<char>(small(letter) - 'a' + 'A');
}
bool is_own(const std::string& own, char letter)
{
    return own.find(small(letter)) != std::string::npos;
}

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
    std::size_t units(char loop) const
    {
        const auto found = settings.units.find(loop);
        return found == settings.units.end() ? 1 : found->second;
    }
    std::size_t tile_size(char loop) const
    {
        const auto found = settings.tile.find(loop);
        return found == settings.tile.end() ? extent(loop) : std::min(found->second, extent(loop));
    }
    /// Of a capital the tile that an index is in, else its group of units there, counted over all tiles.
    std::size_t number(char letter, std::size_t index) const
    {
        const std::size_t size = tile_size(small(letter)), each = units(small(letter));
        return letter < 'a' ? index / size : index / size * ((size + each - 1) / each) + index % size / each;
    }
    /// Capitals of the split loops, and then the order.
    std::string nest() const { return over_tiles() + settings.order; }
    std::string over_tiles() const
    {
        std::string loops;
        for (const char each : settings.tile_loops)
            if (tile_size(each) < extent(each)) // else there is no such loop
                loops += capital(each);
        return loops;
    }

    /// All places of the loops, in their order; within a tile only what is in it.
    template <typename function> void each_step(const std::string& loops, function f) const
    {
        place at;
        step_into(loops, 0, at, f);
    }
    template <typename function> void step_into(const std::string& loops, std::size_t depth, place& at, function f) const
    {
        if (depth == loops.size()) {
            f(at);
            return;
        }
        const char letter = loops[depth], over_tiles = capital(letter);
        std::set<std::size_t> numbers;
        for (std::size_t i = 0; i < extent(small(letter)); ++i)
            if (letter == over_tiles || at.find(over_tiles) == at.end() || number(over_tiles, i) == at.at(over_tiles))
                numbers.insert(number(letter, i));
        for (const std::size_t each : numbers) {
            at[letter] = each;
            step_into(loops, depth + 1, at, f);
        }
        at.erase(letter);
    }

    /// Whether an element (m, n, k, t) of the layer is where the loops that index the operand are.
    bool within(const std::string& own, const place& at, const step& element) const
    {
        return std::all_of(at.begin(), at.end(), [&](const auto& each) {
            return !is_own(own, each.first) || number(each.first, element.of(small(each.first))) == each.second;
        });
    }
    bool any_spike(const place& at) const
    {
        for (std::size_t m = 0; m < layer.m; ++m)
            for (std::size_t k = 0; k < layer.k; ++k)
                for (std::size_t t = 0; t < layer.t; ++t)
                    if (spike(m, k, t) && within("mkt", at, {m, 0, k, t}))
                        return true;
        return false;
    }
    bool any_weight(const place& at) const
    {
        for (std::size_t k = 0; k < layer.k; ++k)
            for (std::size_t n = 0; n < layer.n; ++n)
                if (weight(k, n) && within("kn", at, {0, n, k, 0}))
                    return true;
        return false;
    }
    /// f for each spike and weight that meet.
    template <typename function> void each_match(function f) const
    {
        for (std::size_t m = 0; m < layer.m; ++m)
            for (std::size_t n = 0; n < layer.n; ++n)
                for (std::size_t k = 0; k < layer.k; ++k)
                    for (std::size_t t = 0; t < layer.t; ++t)
                        if (spike(m, k, t) && weight(k, n))
                            f(step{m, n, k, t});
    }
    /// Numbers of where an element is in these loops.
    tuple key_of(const std::string& loops, const step& at) const
    {
        tuple key;
        for (const char letter : loops)
            key.push_back(number(letter, at.of(small(letter))));
        return key;
    }
    std::size_t first_in(const place& tile, char loop) const { return tile.at(capital(loop)) * tile_size(loop); }
    std::size_t end_of(const place& tile, char loop) const
    {
        return std::min(first_in(tile, loop) + tile_size(loop), extent(loop));
    }
};

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
    each_join(walk, [&](const step&, std::uint64_t matches) {
        ++counts.joins;
        counts.full_joins += matches > 0;
    });
    counts.latency = latency_of(walk, count_merges(walk, counts));
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
