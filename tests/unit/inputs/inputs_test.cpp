// Inputs of every kind, and their labels, against the network that takes them.
#include "tests/unit/inputs/network_inputs.h"

#include "platform/formats/npz.h"
#include "platform/inputs/axes.h"
#include "tests/unit/formats/npz_writer.h"

#include <cmath>

namespace
{

using namespace loas;
using inputs::input_set;
using network::map_shape;
using test::network_inputs;
using test::npy_bytes;
using test::user_error_of;
using test::zeros;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string bytes_of(const std::vector<float>& values)
{
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

/// Bytes 0, 1, 2, ...
std::string counting(std::size_t count)
{
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i)
        bytes += static_cast<char>(i);
    return bytes;
}

TEST_F(network_inputs, moves_channels_last)
{
    // image i, channel c, row r, column x holds 100 i + 10 c + 2 r + x
    std::string data;
    for (const int i : {0, 1})
        for (const int c : {0, 1})
            for (const int pixel : {0, 1, 2, 3})
                data += static_cast<char>(100 * i + 10 * c + pixel);
    m_images.write(npy_bytes("|u1", "(2, 2, 2, 2)", data));
    label({2, 0});
    const input_set set = open({3, 2, 2, 2});
    EXPECT_EQ(set.count(), 2u);
    EXPECT_FALSE(set.over_time());
    EXPECT_THAT(set.numbers(0), ElementsAre(0, 10, 1, 11, 2, 12, 3, 13));
    EXPECT_THAT(set.numbers(1), ElementsAre(100, 110, 101, 111, 102, 112, 103, 113));
    EXPECT_THAT(set.labels(), ElementsAre(2, 0));
    EXPECT_THAT(set.assumed(), IsEmpty()) << "as many labels as images say what the first axis is";
    EXPECT_NO_THROW(set.require_fit(1, 3));
    EXPECT_THAT(user_error_of([&] { set.require_fit(1, 2); }),
                HasSubstr("label 2 of image 0 is no class of the network, 0 to 1"));
}

TEST_F(network_inputs, takes_the_short_shapes)
{
    m_images.write(npy_bytes("<i2", "(1, 1, 2)", std::string("\xff\xff\7\0", 4)));
    EXPECT_THAT(open({2, 1, 1, 2}).numbers(0), ElementsAre(-1, 7));
    m_images.write(npy_bytes("|u1", "(2, 3)", "abcdef"));
    const input_set set = open({1, 3, 1, 1});
    EXPECT_EQ(set.count(), 2u);
    EXPECT_THAT(set.assumed(), ElementsAre(HasSubstr("the first axis of the inputs, 2 long, is one of images")));
    EXPECT_THAT(set.settings(), ElementsAre("workload.input_axes=n"));
}

TEST_F(network_inputs, takes_floats_as_counts_or_as_values)
{
    m_images.write(npy_bytes("<f4", "(1, 2)", bytes_of({16, 3})));
    EXPECT_THAT(open({1, 2, 1, 1}).numbers(0), ElementsAre(16, 3)) << "whole";
    m_images.write(npy_bytes("|b1", "(1, 2)", std::string("\1\0", 2)));
    EXPECT_THAT(open({1, 2, 1, 1}).numbers(0), ElementsAre(1, 0));
    m_images.write(npy_bytes("<f4", "(1, 1, 4)", bytes_of({0.5f, -0.25f, 0.1f, 0.51f})));
    m_workload.input_scale = 1.0 / 64;
    EXPECT_THAT(open({2, 1, 1, 4}).numbers(0), ElementsAre(32, -16, 6, 33));
    EXPECT_NEAR(open({2, 1, 1, 4}).natural_scale(), 0.002, 1e-9);
    EXPECT_THAT(user_error_of([&] { open({2, 1, 1, 4}).require_fit(1, 1); }),
                HasSubstr("the largest value is 0.50999999, which is 1 step of workload.input_scale = 1; workload.input_scale=0.0019999"));
    m_images.write(npy_bytes("<f4", "(1, 1, 4)", bytes_of({1e-12f, 0, 0, 0})));
    EXPECT_EQ(open({2, 1, 1, 4}).natural_scale(), 1e-9) << "the least that there is";
    EXPECT_THAT(user_error_of([&] { open({2, 1, 1, 4}).require_fit(1e-9, 1); }),
                HasSubstr("too small for any workload.input_scale, which is 1e-09 at least; inputs multiplied by 1e+12"));
}

TEST_F(network_inputs, finds_the_axes_of_time)
{
    const map_shape pair{1, 2, 1, 1};
    m_images.write(npy_bytes("|u1", "(3, 2, 2)", counting(12)));
    EXPECT_EQ(open(pair).count(), 3u);
    EXPECT_TRUE(open(pair).over_time());
    EXPECT_THAT(open(pair).numbers(1), ElementsAre(4, 5, 6, 7));
    EXPECT_THAT(open(pair).assumed(), ElementsAre(HasSubstr("are 3 inputs and 2 timesteps")));
    m_workload.input_axes = config::axes_rule::tn;
    EXPECT_EQ(open(pair, false).timesteps(), 3u);
    EXPECT_THAT(open(pair, false).numbers(1), ElementsAre(2, 3, 6, 7, 10, 11));
    EXPECT_THAT(open(pair).numbers(1), ElementsAre(2, 3, 6, 7));
    EXPECT_THAT(open(pair).warnings(), ElementsAre(HasSubstr("of the 3 timesteps of the inputs only the first 2 run")));
    m_workload.input_axes = config::axes_rule::n;
    EXPECT_THAT(error_of(pair), HasSubstr("takes (N, 2, 1, 1) or (N, 2) by workload.input_axes"));

    m_workload.input_axes = config::axes_rule::automatic;
    label({0, 1});
    EXPECT_EQ(open(pair, false).timesteps(), 3u) << "two labels for (3, 2, ...)";
    m_images.write(npy_bytes("|u1", "(3, 2)", counting(6)));
    label({0});
    EXPECT_THAT(open(pair, false).numbers(0), ElementsAre(0, 1, 2, 3, 4, 5)) << "one label for (3, ...)";
    EXPECT_TRUE(open(pair, false).over_time());
    m_workload.timesteps = 4;
    EXPECT_THAT(error_of(pair), HasSubstr("holds 3 timesteps, fewer than workload.timesteps = 4"));
    // A network with one channel: the frames may leave it out.
    m_images.write(npy_bytes("|u1", "(1, 5, 2, 2)", zeros(20)));
    EXPECT_EQ(open({3, 1, 2, 2}, false).timesteps(), 5u);
}

TEST_F(network_inputs, knows_spikes)
{
    const map_shape pair{1, 2, 1, 1};
    for (const bool spikes : {true, false}) {
        m_images.write(npy_bytes("<f4", "(1, 2, 2)", bytes_of({0, 1, 1, spikes ? 0.f : 2.f})));
        EXPECT_EQ(open(pair).are_binary(), spikes);
    }
    m_images.write(npy_bytes("|b1", "(1, 2)", std::string("\1\0", 2)));
    EXPECT_FALSE(open(pair).are_binary()) << "an image, of which nobody asked";
    m_workload.first_layer = config::first_layer_rule::accelerator;
    EXPECT_TRUE(open(pair).are_binary());
}

TEST_F(network_inputs, refuses_what_the_network_does_not_take)
{
    m_images.write(npy_bytes("<f4", "(1, 1, 1, 1)", bytes_of({std::nanf("")})));
    EXPECT_EQ(error_of({3, 1, 1, 1}), m_images.path() + ": element [0, 0, 0, 0] is nan; expected a finite number");
    m_images.write(npy_bytes("|u1", "(1, 2, 2)", "abcd"));
    EXPECT_EQ(error_of({3, 2, 2, 2}),
              m_images.path() + ": shape is (1, 2, 2), but the network takes (N, 2, 2, 2) or (N, T, 2, 2, 2)");
    m_images.write(npy_bytes("|u1", "(0, 2, 2)", ""));
    EXPECT_THAT(error_of({3, 1, 2, 2}), HasSubstr("holds no inputs"));
    m_images.write(npy_bytes("<u4", "(1, 1, 1)", "\xff\xff\xff\xff"));
    EXPECT_THAT(error_of({3, 1, 1, 1}), HasSubstr("element [0, 0, 0] is 4294967295, which is no int32"));
    m_images.write("nonsense");
    EXPECT_THAT(error_of({3, 1, 1, 1}), HasSubstr("not an .npy file"));
}

TEST_F(network_inputs, refuses_labels_that_do_not_fit)
{
    m_images.write(npy_bytes("|u1", "(2, 1, 1)", "ab"));
    const map_shape one{3, 1, 1, 1};
    label({0, 0, 0});
    EXPECT_EQ(error_of(one), m_labels.path() + ": holds 3 labels, but " + m_images.path() + " holds 2 images");
    m_labels.write(npy_bytes("|u1", "(2, 1, 1)", zeros(2)));
    EXPECT_THAT(error_of(one), HasSubstr("expected one label per image, (2,)"));
    m_labels.write(npy_bytes("<f4", "(2,)", bytes_of({1, 0.5f})));
    EXPECT_THAT(error_of(one), HasSubstr("0.5"));
    m_labels.write(npy_bytes("<f4", "(2, 2)", bytes_of({1, 0, 1, 1})));
    EXPECT_THAT(error_of(one), HasSubstr("or rows with a 1 among 0, (2, classes)")) << "two classes of an image";
    m_labels.write(npy_bytes("|i1", "(2,)", "\xff\xff"));
    EXPECT_THAT(user_error_of([&] { open(one).require_fit(1, 3); }),
                HasSubstr("label -1 of image 0 is no class of the network, 0 to 2"));
}

TEST_F(network_inputs, floats_stay_as_they_are_for_the_float_network)
{
    m_workload.input_scale = 4;
    m_images.write(npy_bytes("<f4", "(2, 2)", bytes_of({0.5f, 1000, 0, -0.25f})));
    const input_set set = open({3, 2, 1, 1});
    EXPECT_THAT(set.numbers(0), ElementsAre(0, 250));
    EXPECT_THAT(set.values(0), ElementsAre(0.5, 1000));
    EXPECT_THAT(set.lost_by_rounding(2, 4), HasSubstr("2 of the 3 input values that are not 0 become 0"));
    EXPECT_EQ(set.lost_by_rounding(2, 0.25), "");
}

TEST_F(network_inputs, takes_labels_as_frameworks_have_them)
{
    m_images.write(npy_bytes("|u1", "(2, 1, 1)", "ab"));
    m_workload.labels = m_labels.path();
    const map_shape one{3, 1, 1, 1};
    m_labels.write(npy_bytes("<f4", "(2,)", bytes_of({3, 0})));
    EXPECT_THAT(open(one).labels(), ElementsAre(3, 0)) << "floats";
    m_labels.write(npy_bytes("|b1", "(2,)", {1, 0}));
    EXPECT_THAT(open(one).labels(), ElementsAre(1, 0));
    m_labels.write(npy_bytes("|u1", "(2, 1)", {1, 0}));
    EXPECT_THAT(open(one).labels(), ElementsAre(1, 0)) << "a column";
    for (const bool floats : {true, false}) {
        m_labels.write(floats ? npy_bytes("<f4", "(2, 3)", bytes_of({0, 0, 1, 1, 0, 0}))
                              : npy_bytes("|u1", "(2, 3)", {0, 0, 1, 1, 0, 0}));
        EXPECT_THAT(open(one).labels(), ElementsAre(2, 0)) << "one-hot";
        EXPECT_THAT(open(one).assumed(), ElementsAre("the labels, of shape (2, 3), are one-hot: a row's class is the place "
                                                     "of its 1"));
    }
}

TEST_F(network_inputs, shapes_of_other_frameworks)
{
    const map_shape grey{3, 1, 2, 3}, colour{3, 2, 2, 3};
    for (const char* shape : {"(1, 1, 2, 3)", "(1, 2, 3)", "(1, 2, 3, 1)", "(1, 6)"}) { // all in the same order
        m_images.write(npy_bytes("|u1", shape, counting(6)));
        EXPECT_THAT(open(grey).numbers(0), ElementsAre(0, 1, 2, 3, 4, 5)) << shape;
    }
    m_images.write(npy_bytes("|u1", "(1, 2, 6)", counting(12)));
    EXPECT_THAT(open(grey).numbers(0), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)) << "over time";
    m_images.write(npy_bytes("|u1", "(1, 2, 3, 2)", counting(12)));
    EXPECT_EQ(error_of(colour), m_images.path() + ": shape is (1, 2, 3, 2), but the network takes (N, 2, 2, 3) or (N, T, 2, 2, "
                                                  "3); its channels stand last: x.transpose(0, 3, 1, 2) puts them where the "
                                                  "network has them");
    m_images.write(npy_bytes("|u1", "(1, 2, 2, 3, 2)", counting(24)));
    EXPECT_THAT(error_of(colour), HasSubstr("x.transpose(0, 1, 4, 2, 3)"));
    m_images.write(npy_bytes("|u1", "(1, 12)", counting(12)));
    EXPECT_THAT(error_of(colour), HasSubstr("its frames are flat: x.reshape(-1, 2, 2, 3) if the numbers of a channel stand "
                                            "together, x.reshape(-1, 2, 3, 2).transpose(0, 3, 1, 2) if those of a pixel do"));
    m_images.write(npy_bytes("|u1", "(1, 2, 12)", counting(24)));
    EXPECT_THAT(error_of(colour), HasSubstr("x.reshape(-1, 2, 2, 2, 3) if"));
}

TEST_F(network_inputs, finds_arrays_of_an_archive_by_their_names)
{
    const std::string images = npy_bytes("|u1", "(2, 2)", "abcd"), labels = npy_bytes("|u1", "(2,)", {1, 0});
    const map_shape pair{1, 2, 1, 1};
    m_workload.images = m_archive.path();
    for (const auto& [x, y] : {std::pair{"x", "y"}, {"inputs", "labels"}, {"data", "targets"}, {"whatever", "label"}}) {
        test::write_archive(m_archive.path(), {{x + std::string(".npy"), images}, {y + std::string(".npy"), labels}},
                            true);
        const input_set set = open(pair);
        EXPECT_THAT(set.numbers(1), ElementsAre('c', 'd')) << x;
        EXPECT_THAT(set.labels(), ElementsAre(1, 0));
        EXPECT_EQ(set.settings()[0], "workload.images=" + m_archive.path() + ":" + x);
    }
    m_workload.images = m_archive.path() + ":whatever";
    EXPECT_THAT(open(pair).labels(), IsEmpty());
    m_workload.images = m_archive.path();
    test::write_archive(m_archive.path(), {{"a.npy", images}, {"b.npy", images}}, true);
    EXPECT_THAT(error_of(pair), HasSubstr("which of its arrays has the inputs? It has a, b; say "));
}

// A small archive may claim, or unpack to, any size: the header is asked first, and the claim must agree.
TEST_F(network_inputs, archives_unpack_to_no_more_than_they_say)
{
    m_workload.images = m_archive.path() + ":x";
    const map_shape pair{1, 2, 1, 1};
    test::write_archive(m_archive.path(), {{"x.npy", npy_bytes("|u1", "(2, 2)", "abcdmore")}}, true);
    EXPECT_THAT(error_of(pair), HasSubstr("header says shape (2, 2) of uint8 = 4 bytes, but the file holds 8"));
    test::write_archive(m_archive.path(), {{"x.npy", npy_bytes("|u1", "(1073741824, 2)", zeros(1 << 20))}}, true);
    EXPECT_THAT(error_of(pair), HasSubstr("but the file holds 1048576 after the header"));
    test::write_archive(m_archive.path(), {{"x.npy", npy_bytes("|u1", "(2, 2)", "abcd")}}, true);
    std::string bytes = m_archive.read();
    const std::size_t in_directory = bytes.rfind("PK\1\2") + 24; // its uncompressed size
    bytes[in_directory + 3] = '\x7f';
    m_archive.write(bytes);
    EXPECT_THAT(error_of(pair), HasSubstr("would unpack to 2032 MiB, more than the limit of 1024 MiB"));
}

} // namespace
