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

/// One loop of m, n, k over the units, and t: so many timesteps are one packed word.
struct unrolling {
    loop over = loop::m; ///< m, n or k
    unsigned units = 1;
    unsigned timesteps = 1; ///< of a word; `all_timesteps`: as many as the layer has
    static constexpr unsigned all_timesteps = 0;

    /// With the T of a layer.
    unsigned word_timesteps(unsigned layer_timesteps) const;
    std::string text(unsigned layer_timesteps) const; ///< "m16,t4"
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
    std::string machine; ///< a known one; empty: none
};

/// "all", or words in any order of the letters: "mnkt,nmtk". Throws text::user_error with the nearest word.
std::vector<loop_order> parse_orders(const std::string& text);
/// "m16", "n16,t4", "t" (all timesteps). Throws text::user_error.
unrolling parse_unrolling(const std::string& text);
/// "packed,bitmask": of A and of B; one word is of both. Throws text::user_error.
formats parse_formats(const std::string& text);

/// Units over the outermost of m and n, as the machines have it: what is unrolled so stays in its unit longest.
unrolling usual_unrolling(const loop_order& order, unsigned units, unsigned timesteps);
/// Inner products join masks; the others follow coordinates, of B where whole rows of it are taken.
formats usual_formats(const loop_order& order);

} // namespace loas::dataflow
