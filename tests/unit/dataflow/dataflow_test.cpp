// The dataflow space: the table of the dense rule on V-L8, and exact counts against a walk through the loops.
#include "platform/layer_counts/analysis.h"
#include "platform/layer_counts/kept_weights.h"
#include "tests/golden/dataflow_walk.h"
#include "tests/support/random.h"

#include "platform/text/user_error.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace loas::dataflow
{
namespace
{

loop_order order_of(const char* word)
{
    return parse_orders(word).front();
}

struct dense_row {
    const char* order;
    order_class which;
    std::uint64_t live_sums;
    std::uint64_t a_once, b_once, o_once; ///< items
    std::uint64_t a, b, o;                ///< unbuffered fetches over the operand's size
};

// V-L8 as the rule gives it by hand, loops outermost first.
TEST(DenseForm, GivesTheTableOfVL8)
{
    constexpr std::uint64_t M = 16, N = 512, K = 2304, T = 4;
    using c = order_class;
    const dense_row rows[] = {
        {"mnkt", c::inner_product, T, K * T, N * K, T, 512, 16, 2304},
        {"mntk", c::inner_product, 1, T * K, N * K, 1, 512, 64, 1},
        {"mtnk", c::inner_product, 1, K, N * K, 1, 512, 64, 1},
        {"tmnk", c::inner_product, 1, K, N * K, 1, 512, 64, 1},
        {"nmkt", c::inner_product, T, M * K * T, K, T, 512, 16, 2304},
        {"nmtk", c::inner_product, 1, M * T * K, K, 1, 512, 64, 1},
        {"ntmk", c::inner_product, 1, T * M * K, K, 1, 512, 64, 1},
        {"tnmk", c::inner_product, 1, M * K, N * K, 1, 512, 64, 1},
        {"mknt", c::gustavson_row, N * T, T, K * N, N * T, 512, 16, 2304},
        {"mktn", c::gustavson_row, T * N, 1, K * N, T * N, 1, 64, 2304},
        {"mtkn", c::gustavson_row, N, 1, K * N, N, 1, 64, 2304},
        {"tmkn", c::gustavson_row, N, 1, K * N, N, 1, 64, 2304},
        {"nkmt", c::gustavson_column, M * T, K * M * T, 1, M * T, 512, 1, 2304},
        {"nktm", c::gustavson_column, T * M, K * T * M, 1, T * M, 512, 1, 2304},
        {"ntkm", c::gustavson_column, M, T * K * M, K, M, 512, 4, 2304},
        {"tnkm", c::gustavson_column, M, K * M, N * K, M, 512, 4, 2304},
        {"kmnt", c::outer_product, M * N * T, T, N, M * N * T, 512, 16, 2304},
        {"kmtn", c::outer_product, M * T * N, 1, N, M * T * N, 1, 64, 2304},
        {"knmt", c::outer_product, N * M * T, M * T, 1, N * M * T, 512, 1, 2304},
        {"kntm", c::outer_product, N * T * M, T * M, 1, N * T * M, 512, 1, 2304},
        {"ktmn", c::outer_product, T * M * N, 1, N, T * M * N, 1, 64, 2304},
        {"ktnm", c::outer_product, T * N * M, M, N, T * N * M, 512, 4, 2304},
        {"tkmn", c::outer_product, M * N, 1, K * N, M * N, 1, 64, 2304},
        {"tknm", c::outer_product, N * M, M, K * N, N * M, 512, 4, 2304},
    };
    ASSERT_EQ(std::size(rows), all_orders().size());
    for (const dense_row& row : rows) {
        const dense_form form = dense_of(nest_of(order_of(row.order), {M, N, K, T}, {}, {}), 1);
        EXPECT_EQ(class_of(order_of(row.order)), row.which) << row.order;
        EXPECT_EQ(form.live_sums, row.live_sums) << row.order;
        EXPECT_EQ(form.once_if_items.a, row.a_once) << row.order;
        EXPECT_EQ(form.once_if_items.b, row.b_once) << row.order;
        EXPECT_EQ(form.once_if_items.o, row.o_once) << row.order;
        EXPECT_EQ(form.fetches.a, row.a * M * K * T) << row.order;
        EXPECT_EQ(form.fetches.b, row.b * K * N) << row.order;
        EXPECT_EQ(form.fetches.o, row.o * M * N * T) << row.order;
    }
}

TEST(DenseForm, PotentialsWaitWhereTIsOutsideOfNeurons)
{
    const layer_sizes sizes{16, 512, 2304, 4};
    const auto waiting = [&](const char* order, unrolling space) { return dense_of(nest_of(order_of(order), sizes, space, {}), 1).live_potentials; };
    EXPECT_EQ(waiting("mnkt", {}), 0U); // sums of all timesteps instead
    EXPECT_EQ(waiting("mntk", {}), 1U);
    EXPECT_EQ(waiting("mtnk", {}), 512U);
    EXPECT_EQ(waiting("mtnk", {loop::m, 16, 1, 1}), 16U * 512U); // a row for each unit
    EXPECT_EQ(waiting("tmnk", {}), 16U * 512U);
    EXPECT_EQ(waiting("ktmn", {}), 0U);
    EXPECT_EQ(dense_of(nest_of(order_of("mntk"), sizes, {}, {}), 1).stored_potentials, 0U); // it is in its unit
}

struct random_case {
    golden::walked_layer walked;
    sparse_layer layer;
};

/// The layer's spikes, as they are walked.
void set_spikes(random_case& to)
{
    to.layer.spikes = {{0}, {}, {}, {}};
    for (std::size_t m = 0; m < to.layer.m; ++m) {
        for (std::size_t k = 0; k < to.layer.k; ++k) {
            unsigned word = 0;
            for (unsigned t = 0; t < to.layer.t; ++t)
                word |= static_cast<unsigned>(to.walked.spikes[(m * to.layer.k + k) * to.layer.t + t]) << t;
            if (word != 0) {
                to.layer.spikes.places.push_back(static_cast<std::uint32_t>(k));
                to.layer.spikes.words.push_back(static_cast<std::uint16_t>(word));
            }
        }
        to.layer.spikes.first.push_back(static_cast<std::uint32_t>(to.layer.spikes.places.size()));
    }
}

random_case random_layer(support::random_source& random)
{
    random_case to;
    to.walked.m = random.below(5) + 1;
    to.walked.n = random.below(5) + 1;
    to.walked.k = random.below(6) + 1;
    to.walked.t = random.below(3) + 1;
    const unsigned spikes = static_cast<unsigned>(random.below(101)), weights = static_cast<unsigned>(random.below(101));
    for (std::size_t i = 0; i < to.walked.m * to.walked.k * to.walked.t; ++i)
        to.walked.spikes.push_back(random.below(100) < spikes);
    for (std::size_t i = 0; i < to.walked.k * to.walked.n; ++i)
        to.walked.weights.push_back(random.below(100) < weights);
    to.layer.m = to.walked.m;
    to.layer.n = to.walked.n;
    to.layer.k = to.walked.k;
    to.layer.t = static_cast<unsigned>(to.walked.t);
    set_spikes(to);
    to.layer.weights.first = {0};
    for (std::size_t k = 0; k < to.layer.k; ++k) {
        for (std::size_t n = 0; n < to.layer.n; ++n)
            if (to.walked.weights[k * to.layer.n + n] != 0)
                to.layer.weights.places.push_back(static_cast<std::uint32_t>(n));
        to.layer.weights.first.push_back(static_cast<std::uint32_t>(to.layer.weights.places.size()));
    }
    return to;
}

/// T of a layer in words of so many, as the walk has it.
golden::walked_layer in_words(const golden::walked_layer& layer, std::size_t word)
{
    golden::walked_layer to = layer;
    to.t = (layer.t + word - 1) / word;
    to.spikes.assign(to.m * to.k * to.t, 0);
    for (std::size_t i = 0; i < layer.m * layer.k; ++i)
        for (std::size_t t = 0; t < layer.t; ++t)
            to.spikes[i * to.t + t / word] |= layer.spikes[i * layer.t + t];
    return to;
}

void expect_same(const reuse_curve& curve, const golden::walked_operand& walked, bool partial_sums)
{
    const std::uint64_t first = partial_sums ? walked.first_bits : 0;
    for (std::size_t i = 0; i < curve.lru_bits.size(); ++i) {
        EXPECT_EQ(curve.lru_bits[i] - (partial_sums ? curve.first_bits : 0), walked.missed_bits[i] - first) << "capacity " << i;
        EXPECT_DOUBLE_EQ(static_cast<double>(curve.pinned_bits[i] - (partial_sums ? curve.first_bits : 0)),
                         walked.pinned_bits[i] - static_cast<double>(first))
            << "capacity " << i;
    }
}

/// Of some loops, in some order; whole steps of the units and words.
tiling random_tiles(support::random_source& random, const unrolling& space)
{
    tiling tiles;
    std::vector<loop> left = {loop::m, loop::n, loop::k, loop::t};
    for (std::uint64_t count = random.below(4) + 1; count > 0; --count) {
        const auto at = left.begin() + static_cast<std::ptrdiff_t>(random.below(left.size()));
        const unsigned step = *at == loop::t ? std::max(space.timesteps, 1U) : space.units_of(*at);
        tiles.tiles.push_back({*at, random.below(3) == 0 ? 1 : step * (random.below(2) + 1)});
        left.erase(at);
    }
    return tiles;
}

golden::walk_settings settings_of(const loop_order& order, const unrolling& space, const tiling& tiles, unsigned word)
{
    golden::walk_settings settings;
    settings.order = order.word();
    for (const loop each : {loop::m, loop::n, loop::k})
        settings.units["mnk"[static_cast<unsigned>(each)]] = space.units_of(each);
    for (const tiling::tile& each : tiles.tiles) {
        const char letter = "mnkt"[static_cast<unsigned>(each.of)];
        settings.tile_loops += letter;
        settings.tile[letter] = each.of == loop::t ? (each.size + word - 1) / word : each.size;
    }
    return settings;
}

golden::walk_settings settings_of(const mapping& point, unsigned word, std::size_t words_of_layer,
                                  const std::vector<std::uint64_t>& capacities_bits)
{
    const fiber_bits spike = spike_bits(point.format.a, word), weight = weight_bits_of(point.format.b);
    golden::walk_settings settings = settings_of(point.order, point.space, point.tiles, word);
    if (words_of_layer == 1 || (settings.tile.count('t') != 0 && settings.tile['t'] == 1)) // its place says nothing, and the rule of fibers is not to see it
        settings.order = 't' + settings.order.erase(settings.order.find('t'), 1);
    settings.spike_element_bits = spike.element;
    settings.spike_bits = spike.non_zero;
    settings.weight_element_bits = weight.element;
    settings.weight_bits = weight.non_zero;
    settings.sum_bits = std::uint64_t{sum_bits} * word;
    settings.capacities_bits = capacities_bits;
    return settings;
}

/// Not an array; sparse formats.
mapping random_point(support::random_source& random, std::size_t order)
{
    const unsigned units[] = {1, 2, 3, 4};
    mapping point{all_orders()[order % 24], {static_cast<loop>(random.below(3)), units[random.below(4)], 1, 1}, {}};
    point.space.timesteps = static_cast<unsigned>(random.below(3));
    point.format.a = random.below(2) == 0 ? stored::bitmask : stored::coordinates;
    point.format.b = static_cast<stored>(random.below(3));
    return point;
}

TEST(Counts, AreThoseOfAWalkThroughTheLoops)
{
    support::random_source random(21);
    const std::vector<std::uint64_t> capacities = {0, 8, 24, 40, 64, 96, 128, 200, 320, 640, 1280, 4096};
    const unsigned units[] = {1, 2, 3, 4};
    unsigned cases = 0;
    for (unsigned i = 0; i < 2400; ++i) {
        const random_case drawn = random_layer(random);
        for (unsigned j = 0; j < 4; ++j, ++cases) {
            mapping point{all_orders()[(4 * i + j) % 24], {static_cast<loop>(random.below(3)), units[random.below(4)], 1, 1}, {}};
            point.space.timesteps = static_cast<unsigned>(random.below(3));
            if (point.space.over == loop::m && point.space.units > 1)
                point.space.columns = units[random.below(3)];
            if (j % 2 == 1)
                point.tiles = random_tiles(random, point.space);
            point.format.a = random.below(2) == 0 ? stored::bitmask : stored::coordinates;
            point.format.b = static_cast<stored>(random.below(3));
            const unsigned word = point.word_timesteps(drawn.layer.t);
            const golden::walked_layer words = in_words(drawn.walked, word);
            golden::walk_settings settings = settings_of(point, word, words.t, capacities);
            settings.joined = class_of(point.order) == order_class::inner_product && point.format.a == stored::bitmask &&
                              point.format.b == stored::bitmask;
            settings.merge_ways = 2 + i % 3;
            if (i % 2 == 1 && point.space.over != loop::k && point.space.columns == 1) {
                settings.meet_nowhere = point.space.meet.nowhere = true;
                if (point.space.over == loop::n && point.space.units > 1)
                    settings.stream = point.space.meet.stream = i / 2 % 4;
            }
            const golden::walk_counts walked = golden::walk(words, settings);
            const point_counts counts =
                analyse(drawn.layer, {point}, capacities, {4, 1, static_cast<unsigned>(settings.merge_ways)}).front();
            SCOPED_TRACE(testing::Message() << settings.order << ' ' << point.space.text(drawn.layer.t) << " tiles " << point.tiles.text()
                                            << " words of " << word
                                            << ", layer " << i);
            EXPECT_EQ(counts.work.matches, walked.matches);
            EXPECT_EQ(counts.work.outputs, walked.outputs);
            EXPECT_EQ(counts.work.joins, settings.joined ? walked.joins : 0);
            EXPECT_EQ(counts.work.empty_joins, settings.joined ? walked.joins - walked.full_joins : 0);
            EXPECT_EQ(counts.work.merge_passes, walked.merge_passes);
            EXPECT_EQ(counts.work.merged_elements, walked.merged_elements);
            EXPECT_EQ(counts.work.latency_cycles, walked.latency);
            EXPECT_EQ(counts.fetches.a, walked.a.items);
            EXPECT_EQ(counts.fetches.b, walked.b.items);
            EXPECT_EQ(counts.fetches.o, walked.o.items);
            expect_same(counts.a, walked.a, false);
            expect_same(counts.b, walked.b, false);
            expect_same(counts.o, walked.o, true);
            for (std::size_t c = 0; c < capacities.size(); ++c) // each is a write and a read but the first
                EXPECT_EQ(counts.u.lru_bits[c] - counts.u.first_bits, walked.u.missed_bits[c] - walked.u.first_bits) << "capacity " << c;
            ASSERT_FALSE(HasFailure()) << "after " << cases << " cases";
        }
    }
}

// Layers of a network, each of which has other sizes, run one after another on several inputs.
TEST(Counts, OfWeightsThatStayFromInputToInputAreThoseOfAWalk)
{
    support::random_source random(23);
    const std::vector<std::uint64_t> capacities = {0, 40, 96, 160, 240, 320, 480, 640, 960, 1280, 4096};
    std::uint64_t kept_bits = 0;
    for (unsigned i = 0; i < 480; ++i) {
        std::vector<random_case> layers(random.below(3) + 1);
        for (random_case& each : layers)
            do
                each = random_layer(random);
            while (each.layer.t != layers.front().layer.t);
        mapping point = random_point(random, i);
        if (i % 3 == 2)
            point.tiles = random_tiles(random, point.space);
        const unsigned word = point.word_timesteps(layers.front().layer.t);
        std::vector<golden::walked_run> runs;
        kept_weights kept(capacities);
        std::vector<std::vector<std::uint64_t>> missed;
        for (unsigned input = 0; input < 3; ++input)
            for (std::size_t of = 0; of < layers.size(); ++of) {
                random_case& each = layers[of];
                if (input > 0 && random.below(4) > 0) { // a layer of the same sizes and weights on other spikes
                    random_case other = random_layer(random);
                    std::vector<int>& spikes = each.walked.spikes;
                    for (std::size_t s = 0; s < spikes.size(); ++s)
                        spikes[s] = other.walked.spikes[s % other.walked.spikes.size()];
                    set_spikes(each);
                }
                runs.push_back({of, in_words(each.walked, word)});
                std::vector<touched_fibers> weights;
                const point_counts counts = analyse(each.layer, {point}, capacities, {4, 1, 2}, &weights).front();
                missed.push_back(counts.b.lru_bits);
                const std::vector<std::uint64_t> stayed = kept.run(of, weights.front());
                for (std::size_t c = 0; c < capacities.size(); ++c) {
                    missed.back()[c] -= stayed[c];
                    kept_bits += stayed[c];
                }
            }
        const golden::walk_settings settings = settings_of(point, word, runs.front().tensors.t, capacities);
        ASSERT_EQ(missed, golden::walk_weights(runs, settings))
            << settings.order << ' ' << point.space.text(layers.front().layer.t) << " tiles " << point.tiles.text() << ", network " << i;
    }
    EXPECT_GT(kept_bits, 0u);
}

TEST(DenseForm, IsAWalkOfLayersWithoutZeros)
{
    support::random_source random(22);
    const unsigned units[] = {1, 2, 3};
    for (unsigned i = 0; i < 480; ++i) {
        golden::walked_layer ones;
        ones.m = random.below(5) + 1;
        ones.n = random.below(5) + 1;
        ones.k = random.below(6) + 1;
        ones.t = random.below(3) + 2;
        ones.spikes.assign(ones.m * ones.k * ones.t, 1);
        ones.weights.assign(ones.k * ones.n, 1);
        const loop_order& order = all_orders()[i % 24];
        const unrolling space{loop::m, units[random.below(3)], 1, units[random.below(3)]};
        tiling tiles = random_tiles(random, space);
        tiles.tiles.erase(std::remove_if(tiles.tiles.begin(), tiles.tiles.end(), [](const tiling::tile& each) { return each.of == loop::t && each.size == 1; }), tiles.tiles.end());
        golden::walk_settings settings = settings_of(order, space, tiles, 1);
        settings.merge_ways = 100;
        const golden::walk_counts walked = golden::walk(ones, settings);
        const loop_nest nest = nest_of(order, {ones.m, ones.n, ones.k, ones.t}, space, tiles);
        const operand_counts fetches = dense_of(nest, 1).fetches;
        SCOPED_TRACE(testing::Message() << order.word() << ' ' << space.text(1) << " tiles " << tiles.text() << ", layer " << i);
        EXPECT_EQ(fetches.a, walked.a.items);
        EXPECT_EQ(fetches.b, walked.b.items);
        EXPECT_EQ(fetches.o, walked.o.items);
        EXPECT_EQ(dense_latency_cycles(nest), walked.latency);
        ASSERT_FALSE(HasFailure());
    }
}

TEST(Words, OfOrdersAreToldApart)
{
    EXPECT_EQ(parse_orders("all").size(), 24U);
    EXPECT_EQ(parse_orders("mnkt, nmtk")[1].word(), "nmtk");
    for (const char* wrong : {"mnk", "mnkk", "mnktt", "", "mnkx", "mnkt,"})
        EXPECT_THROW(parse_orders(wrong), text::user_error) << wrong;
    EXPECT_EQ(parse_orders("nmtk,mnkt,nmtk").size(), 2U); // each once
    const auto problem_of = [](auto parse) {
        try {
            parse();
        } catch (const text::user_error& problem) {
            return std::string(problem.what());
        }
        return std::string("none");
    };
    EXPECT_NE(problem_of([] { parse_orders("MNKT"); }).find("did you mean 'mnkt'?"), std::string::npos);
    EXPECT_NE(problem_of([] { parse_unrolling("M16"); }).find("did you mean 'm16'?"), std::string::npos);
    EXPECT_NE(problem_of([] { parse_tiling("N=32"); }).find("did you mean 'n=32'?"), std::string::npos);
    EXPECT_EQ(parse_unrolling("n16,t4").text(8), "n16,t4");
    EXPECT_EQ(parse_unrolling("t").text(8), "m1,t8");
    EXPECT_EQ(parse_unrolling("m4n4,t").text(8), "m4n4,t8");
    EXPECT_EQ(parse_unrolling("n4,m4").text(8), "m4n4");
    EXPECT_EQ(parse_unrolling("m1,n4").text(8), "n4");
    EXPECT_EQ(parse_unrolling("m16,t,free").text(8), "m16,t8,free");
    EXPECT_EQ(parse_unrolling("stream16,n16").text(8), "n16,stream16");
    for (const char* wrong : {"", "16", "m", "m0", "m16,k4", "m4m4", "m4x", "t4,t", "x3", "m123456", "k4,free", "m4n4,free", "m16,stream16", "n16,stream", "n16,stream0",
                              "m65536n65536", "m99999n99999", "m1025n1024"})
        EXPECT_THROW(parse_unrolling(wrong), text::user_error) << wrong;
    EXPECT_EQ(parse_unrolling("m1024n1024").all_units(), 1U << 20);
    EXPECT_EQ(parse_tiling("n=32, m=16").text(), "n=32,m=16");
    for (const char* wrong : {"", "n", "n32", "n=", "n=0", "x=3", "n=32,n=16", "n=123456"})
        EXPECT_THROW(parse_tiling(wrong), text::user_error) << wrong;
    EXPECT_NO_THROW(require_whole_steps({order_of("mnkt"), parse_unrolling("m16"), {}, "", parse_tiling("m=8,n=3")}));
    EXPECT_THROW(require_whole_steps({order_of("mnkt"), parse_unrolling("m16"), {}, "", parse_tiling("m=24")}), text::user_error);
    EXPECT_THROW(require_whole_steps({order_of("mnkt"), parse_unrolling("t2"), {}, "", parse_tiling("t=3")}), text::user_error);
    EXPECT_EQ(parse_formats("packed").text(4), "packed,bitmask");
    EXPECT_EQ(parse_formats("coordinates,raw").text(1), "coordinates,raw");
    for (const char* wrong : {"", "bits", "raw,packed", "raw,raw,raw"})
        EXPECT_THROW(parse_formats(wrong), text::user_error) << wrong;
}

} // namespace
} // namespace loas::dataflow
