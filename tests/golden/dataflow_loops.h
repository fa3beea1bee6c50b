// The loops that dataflow_walk.h walks, and what they are looked up in. For its own files only.
#pragma once

#include "tests/golden/dataflow_walk.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace loas::golden
{

using tuple = std::vector<std::size_t>;

/// A place in the four loops.
struct step {
    std::size_t m, n, k, t;

    std::size_t of(char loop) const { return loop == 'm' ? m : loop == 'n' ? n : loop == 'k' ? k : t; }
};

/// Numbers of groups of units, by the letter of a loop, and of tiles, by its capital.
using place = std::map<char, std::size_t>;

inline char small(char letter)
{
    return letter < 'a' ? static_cast<char>(letter - 'A' + 'a') : letter;
}
inline char capital(char letter)
{
    return static_cast<char>(small(letter) - 'a' + 'A');
}
inline bool is_own(const std::string& own, char letter)
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

/// Joins, merges and latency.
void count_work(const walker& walk, walk_counts& counts);

} // namespace loas::golden
