#include "platform/mapping/mapping.h"

#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace loas::dataflow
{
namespace
{

using text::user_error;

constexpr std::string_view letters = "mnkt"; // in the order of enum loop
constexpr unsigned largest_units = 99'999;
constexpr std::uint64_t largest_array = 1U << 20; // units
constexpr std::string_view free_word = "free", stream_word = "stream"; // of units that do not meet

char letter_of(loop each)
{
    return letters[static_cast<std::size_t>(each)];
}

/// 1 to 99999; 0: it is none.
unsigned number_of(const std::string& digits)
{
    const bool is_number = !digits.empty() && digits.size() <= 5 &&
                           digits.find_first_not_of("0123456789") == std::string::npos && digits[0] != '0';
    return is_number ? static_cast<unsigned>(std::stoul(digits)) : 0;
}

/// Of t timesteps of a word; 0: all.
unsigned units_along(const mapping& point, loop each)
{
    return each == loop::t ? point.space.timesteps : point.space.units_of(each);
}

/// "m4n4" is m4 and n4.
std::vector<std::string> loops_of(const std::string& word)
{
    std::vector<std::string> loops(1);
    for (const char each : word) {
        if (!loops.back().empty() && letters.find(each) != std::string_view::npos)
            loops.emplace_back();
        loops.back() += each;
    }
    return loops;
}

/// Letters are small.
std::string lower_case_of(const std::string& word)
{
    const std::string lower = text::lower_case(word);
    return text::did_you_mean(lower == word ? std::string() : text::printable(lower));
}

/// At least one word, which may be empty.
std::vector<std::string> words_of(const std::string& list)
{
    return list.empty() ? std::vector<std::string>{""} : text::words_of_list(list);
}

std::optional<loop_order> order_of(const std::string& word)
{
    loop_order order;
    if (word.size() != 4)
        return std::nullopt;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t which = letters.find(word[i]);
        if (which == std::string_view::npos || word.find(word[i]) != i)
            return std::nullopt;
        order.loops[i] = static_cast<loop>(which);
    }
    return order;
}

struct format_word {
    std::string_view word;
    stored how;
};
constexpr format_word format_words[] = {
    {"raw", stored::raw}, {"bitmask", stored::bitmask}, {"coordinates", stored::coordinates}, {"packed", stored::bitmask}};

stored format_of(const std::string& typed, bool weights)
{
    std::vector<std::string_view> valid;
    for (const format_word& each : format_words) {
        if (each.word == typed && !(weights && typed == "packed"))
            return each.how;
        if (!(weights && each.word == "packed"))
            valid.push_back(each.word);
    }
    throw user_error(fmt::format("--format: '{}' is no format of {}; allowed are {}{}", text::printable(typed),
                                 weights ? "weights" : "spikes", text::join(valid, ", "),
                                 text::did_you_mean(text::nearest_word(typed, valid))));
}

std::string word_of(stored how, bool words)
{
    if (how == stored::bitmask && words)
        return "packed";
    for (const format_word& each : format_words)
        if (each.how == how)
            return std::string(each.word);
    return {};
}

} // namespace

std::size_t loop_order::place_of(loop each) const
{
    return static_cast<std::size_t>(std::find(loops.begin(), loops.end(), each) - loops.begin());
}

std::string loop_order::word() const
{
    std::string text;
    for (const loop each : loops)
        text += letters[static_cast<std::size_t>(each)];
    return text;
}

order_class class_of(const loop_order& order)
{
    const bool behind_m = order.outside(loop::m, loop::k), behind_n = order.outside(loop::n, loop::k);
    if (behind_m && behind_n)
        return order_class::inner_product;
    if (behind_m)
        return order_class::gustavson_row;
    return behind_n ? order_class::gustavson_column : order_class::outer_product;
}

const char* name_of(order_class which)
{
    switch (which) {
    case order_class::inner_product: return "inner product";
    case order_class::gustavson_row: return "Gustavson by row";
    case order_class::gustavson_column: return "Gustavson by column";
    case order_class::outer_product: return "outer product";
    }
    return "";
}

const std::vector<loop_order>& all_orders()
{
    static const std::vector<loop_order> orders = [] {
        std::vector<loop_order> all;
        for (const char* each : {"mnk", "nmk", "mkn", "nkm", "kmn", "knm"})
            for (std::size_t place = 4; place-- > 0;) // t innermost first
                all.push_back(*order_of(std::string(each).insert(place, "t")));
        return all;
    }();
    return orders;
}

unsigned unrolling::word_timesteps(unsigned layer_timesteps) const
{
    return timesteps == all_timesteps ? layer_timesteps : std::min(timesteps, layer_timesteps);
}

std::string unrolling::text(unsigned layer_timesteps) const
{
    std::string text = fmt::format("{}{}", letter_of(over), units);
    if (columns > 1)
        text += fmt::format("n{}", columns);
    if (const unsigned word = word_timesteps(layer_timesteps); timesteps != 1)
        text += fmt::format(",t{}", word);
    if (meet.stream > 0)
        text += fmt::format(",{}{}", stream_word, meet.stream);
    else if (meet.nowhere)
        text += fmt::format(",{}", free_word);
    return text;
}

std::uint64_t tiling::size_of(loop each, std::uint64_t extent) const
{
    for (const tile& split : tiles)
        if (split.of == each)
            return std::min(split.size, extent);
    return extent;
}

std::string tiling::text() const
{
    std::string text;
    for (const tile& each : tiles)
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", letter_of(each.of), each.size);
    return text;
}

unsigned mapping::word_timesteps(unsigned layer_timesteps) const
{
    return space.word_timesteps(static_cast<unsigned>(tiles.size_of(loop::t, layer_timesteps)));
}

std::string mapping::spatial_text(unsigned layer_timesteps) const
{
    return space.text(static_cast<unsigned>(tiles.size_of(loop::t, layer_timesteps)));
}

std::string formats::text(unsigned word_timesteps) const
{
    return word_of(a, word_timesteps > 1) + ',' + word_of(b, false);
}

std::vector<loop_order> parse_orders(const std::string& list)
{
    if (list == "all")
        return all_orders();
    std::vector<std::string> valid;
    for (const loop_order& each : all_orders())
        valid.push_back(each.word());
    std::vector<loop_order> orders;
    for (const std::string& word : words_of(list)) {
        const std::optional<loop_order> order = order_of(word);
        if (!order)
            throw user_error(fmt::format(
                "--orders: '{}' is no order: all, or each of the letters m, n, k, t once, outermost first{}",
                text::printable(word), text::did_you_mean(text::nearest_word(text::lower_case(word), {valid.begin(), valid.end()}))));
        if (std::none_of(orders.begin(), orders.end(), [&](const loop_order& other) { return other.loops == order->loops; }))
            orders.push_back(*order);
    }
    return orders;
}

unrolling parse_unrolling(const std::string& list)
{
    unsigned units[4] = {}; // 0: not given
    unrolling space;
    for (const std::string& word : words_of(list)) {
        if (word == free_word) {
            space.meet.nowhere = true;
            continue;
        }
        if (word.compare(0, stream_word.size(), stream_word) == 0) {
            space.meet = {true, number_of(word.substr(stream_word.size()))};
            if (space.meet.stream == 0)
                throw user_error(fmt::format("--spatial: '{}' does not say how many spikes pass in a cycle, as stream16", text::printable(word)));
            continue;
        }
        for (const std::string& each : loops_of(word)) {
            const std::size_t which = each.empty() ? std::string_view::npos : letters.find(each[0]);
            const bool all = each == "t";
            const unsigned number = each.empty() ? 0 : number_of(each.substr(1));
            if (which == std::string_view::npos || !(number > 0 || all))
                throw user_error(fmt::format("--spatial: '{}' is no loop with its number of units, as m16, n16, k4, m4n4 or "
                                             "t4 (t alone is all timesteps), nor free or stream16{}",
                                             text::printable(word), lower_case_of(word)));
            if (units[which] > 0)
                throw user_error(fmt::format("--spatial {}: {} twice", text::printable(list), each[0]));
            units[which] = all ? largest_units + 1 : number;
        }
    }
    const auto [m, n, k, t] = units;
    if (k > 0 && (m > 0 || n > 0))
        throw user_error(fmt::format("--spatial {}: over the units are k alone, or m, n or both", text::printable(list)));
    space.over = k > 0 ? loop::k : n > 0 && m <= 1 ? loop::n : loop::m;
    space.units = std::max(units[static_cast<std::size_t>(space.over)], 1U);
    if (m > 1 && n > 1)
        space.columns = n;
    if (const std::uint64_t all = std::uint64_t{space.units} * space.columns; space.columns > 1 && all > largest_array)
        throw user_error(fmt::format("--spatial {}: {} units; an array has at most {}", text::printable(list), all, largest_array));
    if (space.meet.nowhere && (k > 0 || space.columns > 1))
        throw user_error(fmt::format("--spatial {}: units over k add to one output, and those of an array move in step: none are free",
                                     text::printable(list)));
    if (space.meet.stream > 0 && space.over != loop::n)
        throw user_error(fmt::format("--spatial {}: spikes pass units over n", text::printable(list)));
    space.timesteps = t == 0 ? 1 : t > largest_units ? unrolling::all_timesteps : t;
    return space;
}

tiling parse_tiling(const std::string& list)
{
    tiling to;
    for (const std::string& word : words_of(list)) {
        const std::size_t which = word.empty() ? std::string_view::npos : letters.find(word[0]);
        const unsigned size = word.size() < 3 || word[1] != '=' ? 0 : number_of(word.substr(2));
        if (which == std::string_view::npos || size == 0)
            throw user_error(fmt::format("--tile: '{}' is no loop with the size of its tiles, as n=32 or k=128; loops over "
                                         "tiles stand outside all others, the first one outermost{}",
                                         text::printable(word), lower_case_of(word)));
        const auto each = static_cast<loop>(which);
        if (std::any_of(to.tiles.begin(), to.tiles.end(), [&](const tiling::tile& other) { return other.of == each; }))
            throw user_error(fmt::format("--tile {}: {} twice", text::printable(list), word[0]));
        to.tiles.push_back({each, size});
    }
    return to;
}

bool whole_steps(const mapping& point)
{
    return std::all_of(point.tiles.tiles.begin(), point.tiles.tiles.end(), [&](const tiling::tile& each) {
        const unsigned units = units_along(point, each.of);
        return units == 0 || each.size <= units || each.size % units == 0;
    });
}

void require_whole_steps(const mapping& point)
{
    for (const tiling::tile& each : point.tiles.tiles)
        if (const unsigned units = units_along(point, each.of); !whole_steps({point.order, point.space, {}, "", {{each}}}))
            throw user_error(fmt::format("--tile {}: {}{} takes {} at a time, of which {} is no whole number",
                                         point.tiles.text(), letter_of(each.of), units, units, each.size));
}

formats parse_formats(const std::string& list)
{
    const std::vector<std::string> words = words_of(list);
    if (words.size() > 2)
        throw user_error(fmt::format("--format {}: one of the spikes and one of the weights", text::printable(list)));
    const std::string& weights = words.size() == 2 ? words[1] : words[0] == "packed" ? "bitmask" : words[0];
    return {format_of(words[0], false), format_of(weights, true)};
}

unrolling usual_unrolling(const loop_order& order, unsigned units, unsigned timesteps)
{
    return {order.outside(loop::m, loop::n) ? loop::m : loop::n, units, timesteps, 1};
}

formats usual_formats(const loop_order& order)
{
    switch (class_of(order)) {
    case order_class::inner_product: return {stored::bitmask, stored::bitmask};
    case order_class::gustavson_row: return {stored::coordinates, stored::coordinates};
    default: return {stored::coordinates, stored::bitmask};
    }
}

} // namespace loas::dataflow
