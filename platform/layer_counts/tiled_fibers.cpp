#include "platform/layer_counts/tiled_fibers.h"

#include "platform/dataflow/dense_form.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace loas::dataflow
{
namespace
{

constexpr std::array<loop, 4> every_loop = {loop::m, loop::n, loop::k, loop::t};

constexpr std::size_t at(loop each)
{
    return static_cast<std::size_t>(each);
}

bool among(std::initializer_list<loop> some, loop each)
{
    return std::find(some.begin(), some.end(), each) != some.end();
}

std::vector<loop> order_of(const tiling& tiles)
{
    std::vector<loop> order;
    for (const tiling::tile& each : tiles.tiles)
        order.push_back(each.of);
    for (const loop each : every_loop)
        if (std::find(order.begin(), order.end(), each) == order.end())
            order.push_back(each);
    return order;
}

/// Units that a tile is too small for have nothing to do.
group_sizes group_in_tile(const sparse_layer& layer, const unrolling& space, const tiling& tiles)
{
    const auto size = [&](loop each, std::uint64_t extent) {
        return std::min<std::uint64_t>(space.units_of(each), tiles.size_of(each, extent));
    };
    return {size(loop::m, layer.m), size(loop::n, layer.n), size(loop::k, layer.k)};
}

sparse_layer grouped_in_tiles(const sparse_layer& layer, const unrolling& space, const tiling& tiles)
{
    return grouped(layer, group_in_tile(layer, space, tiles));
}

} // namespace

/// Where a fiber is in a list of all that an operand has in an order: by the groups of what the loops outside it fix, and
/// by its tile along all of its loops; in the order in which the loops come to them, for which stack distances are fast.
struct tiled_fiber_counter::numbering {
    std::vector<loop> outside; ///< loops within a tile outside the fiber, the outermost first
    std::vector<loop> own;
    by_loop group_stride{}; ///< of a group of a tile; 0: not fixed
    by_loop tile_stride{};
    by_loop tile_size{};    ///< groups
    std::size_t count = 1;  ///< with groups that the last tiles do not have

    numbering(const loop_order& order, std::initializer_list<loop> indices, const tiled_fiber_counter& of)
        : own(indices), tile_size(of.m_tile)
    {
        std::size_t innermost = 0;
        for (std::size_t i = 0; i < 4; ++i)
            if (among(indices, order.loops[i]))
                innermost = i;
        if (order.loops[innermost] == loop::t && innermost > 0 && among(indices, order.loops[innermost - 1]))
            --innermost;
        outside.assign(order.loops.begin(), order.loops.begin() + static_cast<std::ptrdiff_t>(innermost));
        const auto stride = [&](std::size_t steps) { return std::exchange(count, count * steps); };
        for (std::size_t i = innermost; i-- > 0;)
            if (const loop each = outside[i]; among(indices, each))
                group_stride[at(each)] = stride(std::min(of.m_tile[at(each)], of.m_groups[at(each)]));
        for (std::size_t i = 4; i-- > 0;)
            if (const loop each = of.m_order_of_tiles[i]; among(indices, each))
                tile_stride[at(each)] = stride(of.m_tiles[at(each)]);
    }
    std::size_t place(loop each, std::size_t group, std::size_t tile) const
    {
        return group_stride[at(each)] * (group - tile * tile_size[at(each)]) + tile_stride[at(each)] * tile;
    }
    std::size_t place(const by_loop& group, const by_loop& tile) const
    {
        std::size_t number = 0;
        for (const loop each : own)
            number += place(each, group[at(each)], tile[at(each)]);
        return number;
    }
};

tiled_fiber_counter::cut_lists::cut_lists(lists lines, std::uint64_t size, std::size_t count)
    : of(std::move(lines)), first(of.lines() * (count + 1)), tiles(count)
{
    for (std::size_t line = 0; line < of.lines(); ++line) {
        std::size_t i = of.first[line];
        for (std::size_t tile = 0; tile <= count; ++tile) {
            while (i < of.first[line + 1] && of.places[i] < tile * size)
                ++i;
            first[line * (count + 1) + tile] = static_cast<std::uint32_t>(i);
        }
    }
}

/// The steps of the loops outside a fiber in one tile, in their order.
class tiled_fiber_counter::steps
{
public:
    steps(const tiled_fiber_counter& of, const numbering& fibers) : m_of(of), m_loops(fibers.outside)
    {
        // A loop of one step may stand anywhere: outside, where it is left behind.
        std::stable_partition(m_loops.begin(), m_loops.end(), [&](loop each) { return of.m_tile[at(each)] == 1; });
        for (std::size_t i = 0; i < m_loops.size(); ++i)
            if (std::find(fibers.own.begin(), fibers.own.end(), m_loops[i]) != fibers.own.end())
                m_own = i + 1;
    }

    /// access(group of each loop that is fixed, times it comes right behind each other).
    template <typename function> void walk(const by_loop& tile, function&& access)
    {
        m_tile = &tile;
        const std::size_t first = tile[at(loop::t)] * m_of.m_tile[at(loop::t)];
        const std::size_t last = std::min<std::size_t>(first + m_of.m_tile[at(loop::t)], m_of.m_layer.t);
        m_timesteps = ((1U << last) - 1U) & ~((1U << first) - 1U);
        m_word = m_of.m_tile_words[tile[at(loop::m)] * m_of.m_tiles[at(loop::k)] + tile[at(loop::k)]] & m_timesteps;
        if (m_word != 0 && m_of.m_weights_in_tile[tile[at(loop::k)] * m_of.m_tiles[at(loop::n)] + tile[at(loop::n)]] != 0)
            descend(0, access);
    }

private:
    bool fixed(loop each, std::size_t depth) const
    {
        return std::find(m_loops.begin(), m_loops.begin() + static_cast<std::ptrdiff_t>(depth), each) !=
               m_loops.begin() + static_cast<std::ptrdiff_t>(depth);
    }
    std::size_t tile(loop each) const { return (*m_tile)[at(each)]; }
    std::size_t& group(loop each) { return m_group[at(each)]; }

    /// Where loop `each` is at group i, at which the timesteps of `word` have spikes.
    template <typename function> void enter(std::size_t depth, std::size_t i, unsigned word, function&& access)
    {
        if ((word & m_timesteps) == 0)
            return;
        const unsigned before = m_word;
        group(m_loops[depth]) = i;
        m_word = word & m_timesteps;
        descend(depth + 1, access);
        m_word = before;
    }

    struct counted {
        std::size_t times = 0;
        void operator()(const by_loop&, std::size_t more) { times += more; }
    };

    template <typename function> void descend(std::size_t depth, function&& access)
    {
        if (depth == m_loops.size()) {
            access(m_group, 1);
            return;
        }
        if (depth == m_own && !std::is_same_v<function, counted&>) { // in the same fiber all the time
            counted inside;
            next_loop(depth, inside);
            if (inside.times > 0)
                access(m_group, inside.times);
            return;
        }
        next_loop(depth, access);
    }

    template <typename function> void next_loop(std::size_t depth, function&& access)
    {
        switch (m_loops[depth]) {
        case loop::m: rows(depth, access); break;
        case loop::k: inputs(depth, access); break;
        case loop::n: columns(depth, access); break;
        case loop::t: timesteps(depth, access); break;
        }
    }

    template <typename function> void each_in_tile(loop which, function f) const
    {
        const std::size_t first = tile(which) * m_of.m_tile[at(which)];
        for (std::size_t i = first; i < std::min(first + m_of.m_tile[at(which)], m_of.m_groups[at(which)]); ++i)
            f(i);
    }

    template <typename function> void rows(std::size_t depth, function&& access)
    {
        if (fixed(loop::k, depth)) {
            const cut_lists& rows_of = m_of.m_spikes_by_input;
            for (std::size_t i = rows_of.begin(group(loop::k), tile(loop::m)); i < rows_of.end(group(loop::k), tile(loop::m)); ++i)
                enter(depth, rows_of.of.places[i], rows_of.of.words[i], access);
        } else
            each_in_tile(loop::m, [&](std::size_t m) {
                enter(depth, m, m_of.m_row_words[m * m_of.m_tiles[at(loop::k)] + tile(loop::k)], access);
            });
    }

    template <typename function> void inputs(std::size_t depth, function&& access)
    {
        const bool by_column = fixed(loop::n, depth);
        const cut_lists &of_row = m_of.m_spikes_by_row, &of_column = m_of.m_weights_by_column;
        std::size_t j = 0, end = 0;
        if (by_column) {
            j = of_column.begin(group(loop::n), tile(loop::k));
            end = of_column.end(group(loop::n), tile(loop::k));
        }
        const auto has_weight = [&](std::size_t k) {
            if (!by_column)
                return !m_of.m_weights_by_input.empty(k, tile(loop::n));
            while (j < end && of_column.of.places[j] < k)
                ++j;
            return j < end && of_column.of.places[j] == k;
        };
        if (fixed(loop::m, depth)) {
            for (std::size_t i = of_row.begin(group(loop::m), tile(loop::k)); i < of_row.end(group(loop::m), tile(loop::k)); ++i)
                if (has_weight(of_row.of.places[i]))
                    enter(depth, of_row.of.places[i], of_row.of.words[i], access);
            return;
        }
        const auto word_of = [&](std::size_t k) { return m_of.m_input_words[k * m_of.m_tiles[at(loop::m)] + tile(loop::m)]; };
        if (by_column)
            for (; j < end; ++j)
                enter(depth, of_column.of.places[j], word_of(of_column.of.places[j]), access);
        else
            each_in_tile(loop::k, [&](std::size_t k) {
                if (has_weight(k))
                    enter(depth, k, word_of(k), access);
            });
    }

    template <typename function> void columns(std::size_t depth, function&& access)
    {
        if (fixed(loop::k, depth)) {
            const cut_lists& columns_of = m_of.m_weights_by_input;
            for (std::size_t i = columns_of.begin(group(loop::k), tile(loop::n)); i < columns_of.end(group(loop::k), tile(loop::n)); ++i)
                enter(depth, columns_of.of.places[i], m_word, access);
        } else
            each_in_tile(loop::n, [&](std::size_t n) {
                if (!m_of.m_weights_by_column.empty(n, tile(loop::k)))
                    enter(depth, n, m_word, access);
            });
    }

    /// What is fixed has spikes in those of the word.
    template <typename function> void timesteps(std::size_t depth, function&& access)
    {
        const unsigned word = m_word, all = m_timesteps;
        for (unsigned left = word; left != 0; left &= left - 1) {
            m_timesteps = left & (~left + 1);
            enter(depth, functional::lowest_bit(left), word, access);
        }
        m_timesteps = all;
    }

    const tiled_fiber_counter& m_of;
    std::vector<loop> m_loops;
    std::size_t m_own = 0; ///< loops down to the innermost that indexes the operand
    const by_loop* m_tile = nullptr;
    by_loop m_group{};
    unsigned m_timesteps = 0; ///< of the tile, or the one that is fixed
    unsigned m_word = 0;      ///< those of them in which what is fixed has a spike
};

tiled_fiber_counter::tiled_fiber_counter(const sparse_layer& layer, const unrolling& space, unsigned word_timesteps,
                                         const tiling& tiles, const std::vector<std::uint64_t>& capacities_bits)
    : m_layer(layer), m_word_timesteps(word_timesteps), m_capacities(capacities_bits), m_order_of_tiles(order_of(tiles)),
      m_spikes_by_row({{0}, {}, {}, {}}, 1, 1), m_spikes_by_input(m_spikes_by_row), m_weights_by_input(m_spikes_by_row),
      m_weights_by_column(m_spikes_by_row)
{
    const group_sizes group = group_in_tile(layer, space, tiles);
    const layer_sizes sizes{layer.m, layer.n, layer.k, layer.t}, of_group{group.m, group.n, group.k, 1};
    for (const loop each : every_loop) {
        m_group[at(each)] = of_group.of(each);
        m_groups[at(each)] = groups_of(sizes.of(each), of_group.of(each));
        m_tile[at(each)] = groups_of(tiles.size_of(each, sizes.of(each)), of_group.of(each));
        m_tiles[at(each)] = groups_of(m_groups[at(each)], m_tile[at(each)]);
    }
    const auto cut = [&](lists lines, loop along) { return cut_lists(std::move(lines), m_tile[at(along)], m_tiles[at(along)]); };
    sparse_layer of = grouped_in_tiles(layer, space, tiles);
    m_spikes_by_input = cut(transposed(of.spikes, of.k), loop::m);
    m_weights_by_column = cut(transposed(of.weights, of.n), loop::k);
    m_spikes_by_row = cut(std::move(of.spikes), loop::k);
    m_weights_by_input = cut(std::move(of.weights), loop::n);
    const std::size_t tiles_of_m = m_tiles[at(loop::m)], tiles_of_k = m_tiles[at(loop::k)], tiles_of_n = m_tiles[at(loop::n)];
    m_row_words.resize(of.m * tiles_of_k);
    m_input_words.resize(of.k * tiles_of_m);
    m_tile_words.resize(tiles_of_m * tiles_of_k);
    m_weights_in_tile.resize(tiles_of_k * tiles_of_n);
    const lists& spikes = m_spikes_by_row.of;
    for (std::size_t m = 0; m < of.m; ++m)
        for (std::size_t i = spikes.first[m]; i < spikes.first[m + 1]; ++i) {
            const std::size_t k = spikes.places[i], tile_m = m / m_tile[at(loop::m)], tile_k = k / m_tile[at(loop::k)];
            for (std::uint16_t* each : {&m_row_words[m * tiles_of_k + tile_k], &m_input_words[k * tiles_of_m + tile_m],
                                        &m_tile_words[tile_m * tiles_of_k + tile_k]})
                *each = static_cast<std::uint16_t>(*each | spikes.words[i]);
        }
    for (std::size_t k = 0; k < of.k; ++k)
        for (std::size_t tile = 0; tile < tiles_of_n; ++tile)
            if (!m_weights_by_input.empty(k, tile))
                m_weights_in_tile[k / m_tile[at(loop::k)] * tiles_of_n + tile] = 1;
}

std::uint64_t tiled_fiber_counter::extent(loop which, bool of_tile, std::size_t i) const
{
    const layer_sizes sizes{m_layer.m, m_layer.n, m_layer.k, m_layer.t};
    return in_group(sizes.of(which), m_group[at(which)] * (of_tile ? m_tile[at(which)] : 1), i);
}

std::vector<std::uint64_t> tiled_fiber_counter::sizes_of(const numbering& fibers, std::initializer_list<loop> own,
                                                         const formats& format) const
{
    const bool of_a = among(own, loop::k) && among(own, loop::m), of_b = among(own, loop::k) && among(own, loop::n);
    const fiber_bits bits = of_a ? spike_bits(format.a, m_word_timesteps)
                            : of_b ? weight_bits_of(format.b)
                                   : fiber_bits{std::uint64_t{sum_bits} * m_word_timesteps, 0};
    std::array<std::vector<std::size_t>, 4> place; // of each index, summed over loops
    std::vector<std::pair<std::size_t, std::uint64_t>> elements = {{0, bits.element}}, longer; // by place
    for (const loop each : own) {
        const std::size_t group = m_group[at(each)], tile = m_tile[at(each)];
        const bool by_tile = fibers.group_stride[at(each)] == 0;
        for (std::size_t i = 0; i < layer_sizes{m_layer.m, m_layer.n, m_layer.k, m_layer.t}.of(each); ++i)
            place[at(each)].push_back(fibers.place(each, i / group, i / group / tile));
        longer.clear();
        for (std::size_t i = 0; i < (by_tile ? m_tiles : m_groups)[at(each)]; ++i)
            for (const auto& [first, indices] : elements)
                longer.emplace_back(first + place[at(each)][i * group * (by_tile ? tile : 1)], indices * extent(each, by_tile, i));
        std::swap(elements, longer);
    }
    std::vector<std::uint64_t> sizes(fibers.count);
    for (const auto& [first, indices] : elements)
        sizes[first] = indices;
    if (of_a)
        for (std::size_t m = 0; m < m_layer.m; ++m)
            for (std::size_t i = m_layer.spikes.first[m]; i < m_layer.spikes.first[m + 1]; ++i)
                for_each_bit(m_layer.spikes.words[i], [&](unsigned t) {
                    sizes[place[at(loop::m)][m] + place[at(loop::k)][m_layer.spikes.places[i]] + place[at(loop::t)][t]] += bits.non_zero;
                });
    if (of_b)
        for (std::size_t k = 0; k < m_layer.k; ++k)
            for (std::size_t i = m_layer.weights.first[k]; i < m_layer.weights.first[k + 1]; ++i)
                sizes[place[at(loop::k)][k] + place[at(loop::n)][m_layer.weights.places[i]]] += bits.non_zero;
    return sizes;
}

/// f(tile of each loop), in the order of the loops over tiles.
template <typename function> void tiled_fiber_counter::each_tile(function f) const
{
    const auto count = [&](std::size_t depth) { return m_tiles[at(m_order_of_tiles[depth])]; };
    by_loop tile{};
    const auto set = [&](std::size_t depth, std::size_t i) { tile[at(m_order_of_tiles[depth])] = i; };
    for (std::size_t i = 0; i < count(0); ++i)
        for (std::size_t j = 0; j < count(1); ++j)
            for (std::size_t k = 0; k < count(2); ++k)
                for (std::size_t l = 0; l < count(3); ++l) {
                    set(0, i);
                    set(1, j);
                    set(2, k);
                    set(3, l);
                    f(tile);
                }
}

reuse_curve tiled_fiber_counter::curve_of(const loop_order& order, std::initializer_list<loop> own, const formats& format) const
{
    const numbering fibers(order, own, *this);
    // The outermost loops over tiles as long as they index the operand: behind a step of theirs nothing comes again.
    std::size_t leading = 0, at_a_time = fibers.count;
    for (; leading < 4 && among(own, m_order_of_tiles[leading]); ++leading)
        at_a_time /= m_tiles[at(m_order_of_tiles[leading])];
    reuse_pass pass(m_capacities, sizes_of(fibers, own, format), at_a_time);
    steps walked(*this, fibers);
    by_loop before{};
    each_tile([&](const by_loop& tile) {
        for (std::size_t i = 0; i < leading; ++i)
            if (const loop each = m_order_of_tiles[i]; tile[at(each)] != before[at(each)]) {
                pass.forget();
                break;
            }
        before = tile;
        walked.walk(tile, [&](const by_loop& group, std::size_t times) { pass.access(fibers.place(group, tile), times); });
    });
    return pass.curve();
}

touched_fibers tiled_fiber_counter::touched_weights(const loop_order& order, const formats& format) const
{
    const std::initializer_list<loop> own = {loop::k, loop::n};
    const numbering fibers(order, own, *this);
    touched_fibers touched{sizes_of(fibers, own, format), {}, {}};
    std::vector<std::uint64_t> last(fibers.count); // access, from 1
    std::uint64_t now = 0;
    steps walked(*this, fibers);
    each_tile([&](const by_loop& tile) {
        walked.walk(tile, [&](const by_loop& group, std::size_t) {
            const std::size_t fiber = fibers.place(group, tile);
            if (last[fiber] == 0)
                touched.first.push_back(static_cast<std::uint32_t>(fiber));
            last[fiber] = ++now;
        });
    });
    touched.last = touched.first;
    std::sort(touched.last.begin(), touched.last.end(), [&](std::uint32_t a, std::uint32_t b) { return last[a] < last[b]; });
    return touched;
}

fiber_curves tiled_fiber_counter::buffered(const loop_order& order, const formats& format) const
{
    return {curve_of(order, {loop::m, loop::k, loop::t}, format), curve_of(order, {loop::k, loop::n}, format),
            curve_of(order, {loop::m, loop::n, loop::t}, format)};
}

} // namespace loas::dataflow
