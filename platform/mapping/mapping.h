// A point of the dataflow space: order of the loops, what is unrolled in space, formats. In the words of the command.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace loas::dataflow
{

/// The loops of O[m,n,t] += A[m,k,t] B[k,n].
enum class loop : unsigned { m, n, k, t };

/// Outermost first.
struct loop_order {
    std::array<loop, 4> loops{};

    std::size_t place_of(loop each) const;
    bool outside(loop outer, loop inner) const { return place_of(outer) < place_of(inner); }
    std::string word() const; ///< "mnkt"
};

/// By the place of k among m, n and k: a row by Gustavson is m k n, a column n k m.
enum class order_class { inner_product, gustavson_row, gustavson_column, outer_product };
order_class class_of(const loop_order& order);
const char* name_of(order_class which);

/// In the order of the letters m, n, k, t: the place of t from outside in, of each of the 6 orders of m, n, k.
const std::vector<loop_order>& all_orders();

/// Where units along one loop of m and n wait for each other inside a tile. By default where they share what only one of
/// them could have (work.h).
struct meeting {
    /// Nowhere: what comes waits for them in FIFOs, or each fetches for itself. They meet where the tile ends.
    bool nowhere = false;
    /// Units along n that do not meet: so many spikes pass all of them in a cycle, with or without a match. 0: any number.
    unsigned stream = 0;

    bool operator==(const meeting& other) const { return nowhere == other.nowhere && stream == other.stream; }
};

/// One loop of m, n, k over the units, or m and n over an array of them; and t: so many timesteps are one packed word.
struct unrolling {
    loop over = loop::m; ///< m, n or k
    unsigned units = 1;
    unsigned timesteps = 1; ///< of a word; `all_timesteps`: as many as the layer has
    unsigned columns = 1;   ///< with rows over `units`, so many columns for each
    meeting meet = {};
    static constexpr unsigned all_timesteps = 0;
    static constexpr unsigned most_timesteps = 16; ///< of a layer

    unsigned all_units() const { return units * columns; }
    unsigned units_of(loop each) const { return each == over ? units : each == loop::n ? columns : 1; }
    /// With the T of a layer.
    unsigned word_timesteps(unsigned layer_timesteps) const;
    std::string text(unsigned layer_timesteps) const; ///< "m16,t4", "m4n4", "m16,free", "n16,stream16"
    bool operator==(const unrolling& other) const
    {
        return over == other.over && units == other.units && timesteps == other.timesteps && columns == other.columns &&
               meet == other.meet;
    }
};

/// Loops that are split: those over tiles stand outside all others.
struct tiling {
    struct tile {
        loop of;
        std::uint64_t size; ///< indices; of t timesteps
    };
    std::vector<tile> tiles; ///< outermost first; none: no loop is split

    bool empty() const { return tiles.empty(); }
    /// The extent, where nothing splits it.
    std::uint64_t size_of(loop each, std::uint64_t extent) const;
    std::string text() const; ///< "n=256,k=128"; empty: ""
    bool operator==(const tiling& other) const { return text() == other.text(); }
};

/// How an operand lies in memory. raw: every element. bitmask: a bit for each element, which of single spikes is the
/// value, and the non-zeros behind it; of words of several timesteps that is called packed. coordinates: the non-zeros,
/// each with its place.
enum class stored { raw, bitmask, coordinates };

struct formats {
    stored a = stored::bitmask, b = stored::bitmask;

    /// Nothing tells a zero, and so none is skipped.
    bool dense() const { return a == stored::raw && b == stored::raw; }
    std::string text(unsigned word_timesteps) const; ///< "packed,bitmask"
};

struct mapping {
    loop_order order;
    unrolling space;
    formats format;
    std::string machine{}; ///< a known one; empty: none
    tiling tiles{};

    /// Of a tile of t no more than it has.
    unsigned word_timesteps(unsigned layer_timesteps) const;
    /// "m16,t4", of a layer.
    std::string spatial_text(unsigned layer_timesteps) const;
};

/// "all", or words in any order of the letters: "mnkt,nmtk"; each once. Throws text::user_error with the nearest word.
std::vector<loop_order> parse_orders(const std::string& text);
/// "m16", "n16,t4", "m4n4", "t" (all timesteps), "m16,free", "n16,stream16". Throws text::user_error.
unrolling parse_unrolling(const std::string& text);
/// "n=256,k=128": tiles, the outermost loop over them first. Throws text::user_error.
tiling parse_tiling(const std::string& text);
/// Whether tiles are a whole number of steps of the units and words, or less than one.
bool whole_steps(const mapping& point);
/// Throws text::user_error where they are not.
void require_whole_steps(const mapping& point);
/// "packed,bitmask": of A and of B; one word is of both. Throws text::user_error.
formats parse_formats(const std::string& text);

/// Units over the outermost of m and n, as the machines have it: what is unrolled so stays in its unit longest.
unrolling usual_unrolling(const loop_order& order, unsigned units, unsigned timesteps);
/// Inner products join masks; the others follow coordinates, of B where whole rows of it are taken.
formats usual_formats(const loop_order& order);

} // namespace loas::dataflow
