// Images and labels against the network that takes them.
#include "platform/lowering/images.h"

#include "tests/unit/formats/load_support.h"

#include <cmath>

namespace
{

using namespace loas;
using lowering::image_set;
using lowering::load_images;
using lowering::network_model;
using test::npy_bytes;
using test::scratch_file;
using test::user_error_of;
using testing::ElementsAre;
using testing::HasSubstr;

network_model network_for(unsigned channels, unsigned height, unsigned width)
{
    network_model network;
    network.name = "net";
    network.image_channels = channels;
    network.image_height = height;
    network.image_width = width;
    network.classes = 3;
    return network;
}

class images : public testing::Test
{
protected:
    image_set load(const network_model& network) { return load_images(m_images.path(), m_labels.path(), network, 1); }
    std::string error_of(const network_model& network)
    {
        return user_error_of([&] { load(network); });
    }

    scratch_file m_images{"images.npy"};
    scratch_file m_labels{"labels.npy"};
};

TEST_F(images, moves_channels_last)
{
    // image i, channel c, row r, column x holds 100 i + 10 c + 2 r + x
    std::string data;
    for (const int i : {0, 1})
        for (const int c : {0, 1})
            for (const int pixel : {0, 1, 2, 3})
                data += static_cast<char>(100 * i + 10 * c + pixel);
    m_images.write(npy_bytes("|u1", "(2, 2, 2, 2)", data));
    m_labels.write(npy_bytes("|u1", "(2,)", std::string("\2\0", 2)));
    const image_set set = load(network_for(2, 2, 2));
    EXPECT_EQ(set.count, 2u);
    EXPECT_EQ(set.channels, 2u);
    EXPECT_EQ(set.image_size(), 8u);
    EXPECT_THAT(set.pixels, ElementsAre(0, 10, 1, 11, 2, 12, 3, 13, 100, 110, 101, 111, 102, 112, 103, 113));
    EXPECT_THAT(set.labels, ElementsAre(2, 0));
}

TEST_F(images, takes_the_short_shapes_and_no_labels)
{
    m_images.write(npy_bytes("<i2", "(1, 1, 2)", std::string("\xff\xff\7\0", 4)));
    const image_set set = load_images(m_images.path(), "", network_for(1, 1, 2), 1);
    EXPECT_THAT(set.pixels, ElementsAre(-1, 7));
    EXPECT_TRUE(set.labels.empty());
    m_images.write(npy_bytes("|u1", "(2, 3)", "abcdef"));
    EXPECT_EQ(load_images(m_images.path(), "", network_for(3, 1, 1), 1).count, 2u);
}

std::string bytes_of(const std::vector<float>& values)
{
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

TEST_F(images, takes_floats_as_pixels_or_as_values)
{
    m_images.write(npy_bytes("<f4", "(1, 2)", bytes_of({16, 3})));
    EXPECT_THAT(load_images(m_images.path(), "", network_for(2, 1, 1), 0.5).pixels, ElementsAre(16, 3)) << "whole";
    m_images.write(npy_bytes("|b1", "(1, 2)", std::string("\1\0", 2)));
    EXPECT_THAT(load_images(m_images.path(), "", network_for(2, 1, 1), 0.5).pixels, ElementsAre(1, 0));
    m_images.write(npy_bytes("<f4", "(1, 1, 4)", bytes_of({0.5f, -0.25f, 0.1f, 0.51f})));
    EXPECT_THAT(load_images(m_images.path(), "", network_for(1, 1, 4), 1.0 / 64).pixels, ElementsAre(32, -16, 6, 33));
    EXPECT_NEAR(lowering::natural_scale(formats::read_npy(m_images.path())), 0.002, 1e-9);
    EXPECT_THAT(error_of(network_for(1, 1, 4)),
                HasSubstr("the largest value is 0.50999999, which is 1 steps of workload.input_scale = 1; 0.0019999"));
}

TEST_F(images, refuses_what_the_network_does_not_take)
{
    m_labels.write(npy_bytes("|u1", "(1,)", std::string(1, '\0')));
    m_images.write(npy_bytes("<f4", "(1, 1, 1, 1)", bytes_of({std::nanf("")})));
    EXPECT_EQ(error_of(network_for(1, 1, 1)), m_images.path() + ": element 0 is nan; expected a finite number");
    m_images.write(npy_bytes("|u1", "(1, 2, 2)", "abcd"));
    EXPECT_EQ(error_of(network_for(2, 2, 2)),
              m_images.path() + ": shape is (1, 2, 2), but the network 'net' takes (N, 2, 2, 2)");
    EXPECT_THAT(error_of(network_for(1, 2, 3)), HasSubstr("takes (N, 1, 2, 3) or (N, 2, 3)"));
    m_images.write(npy_bytes("|u1", "(0, 2, 2)", ""));
    EXPECT_THAT(error_of(network_for(1, 2, 2)), HasSubstr("holds no images"));
    m_images.write(npy_bytes("<u4", "(1, 1, 1)", "\xff\xff\xff\xff"));
    EXPECT_THAT(error_of(network_for(1, 1, 1)), HasSubstr("element [0, 0, 0] is 4294967295"));
    m_images.write("nonsense");
    EXPECT_THAT(error_of(network_for(1, 1, 1)), HasSubstr("not an .npy file"));
}

TEST_F(images, refuses_labels_that_do_not_fit)
{
    m_images.write(npy_bytes("|u1", "(2, 1, 1)", "ab"));
    const network_model network = network_for(1, 1, 1);
    m_labels.write(npy_bytes("|u1", "(3,)", std::string(3, '\0')));
    EXPECT_EQ(error_of(network), m_labels.path() + ": holds 3 labels, but " + m_images.path() + " holds 2 images");
    m_labels.write(npy_bytes("|u1", "(2, 1)", std::string(2, '\0')));
    EXPECT_THAT(error_of(network), HasSubstr("expected one label per image, (2,)"));
    m_labels.write(npy_bytes("<f4", "(2,)", std::string(8, '\0')));
    EXPECT_THAT(error_of(network), HasSubstr("labels must be integers"));
    m_labels.write(npy_bytes("|u1", "(2,)", std::string("\0\3", 2)));
    EXPECT_THAT(error_of(network), HasSubstr("label 3 of image 1 is no class of the network, 0 to 2"));
    m_labels.write(npy_bytes("|i1", "(2,)", "\xff\xff"));
    EXPECT_THAT(error_of(network), HasSubstr("label -1 of image 0"));
}

} // namespace
