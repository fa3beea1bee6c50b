// A layer whose tensors come from files: order of the elements, shapes, archives.
#include "platform/config/layer_rules.h"
#include "platform/draw/layer_files.h"
#include "platform/formats/npz.h"
#include "tests/unit/formats/load_support.h"
#include "tests/unit/formats/npz_writer.h"

#include <zip.h>

#include <cstdlib>

using namespace loas;
using testing::HasSubstr;

namespace
{

config::layer_params small()
{
    config::layer_params params;
    params.height = 2;
    params.width = 3;
    params.channels = 4;
    params.out_channels = 2;
    params.kernel = 2;
    params.padding = 0;
    return params;
}

/// Elements 0, 1, 2, ... of `size` bytes, each modulo `modulus`.
std::string counting(std::size_t count, unsigned modulus, std::size_t size = 1)
{
    std::string data;
    for (std::size_t i = 0; i < count; ++i) {
        data += static_cast<char>(i % modulus);
        data.append(size - 1, '\0');
    }
    return data;
}

} // namespace

TEST(layer_files, without_files_the_layer_is_drawn)
{
    const config::layer_params params;
    EXPECT_EQ(draw::make_layer(params, 4).spikes, draw::make_synthetic_layer(params, 4).spikes);
    EXPECT_EQ(draw::make_layer(params, 4).timesteps, 4u);
}

// What frameworks write: timesteps in front, zeros and ones of any type.
TEST(layer_files, timesteps_may_stand_in_front)
{
    config::layer_params params = small();
    const auto spikes_of = [&](const char* type, const char* shape, const std::string& bytes) {
        const test::scratch_file file("spikes.npy");
        file.write(test::npy_bytes(type, shape, bytes));
        params.spikes_file = file.path();
        return draw::make_layer(params, 2).spikes;
    };
    // Timestep 0: element 1 and 23; timestep 1: element 1 and 6.
    std::string ones(48, '\0');
    ones[1] = ones[23] = ones[24 + 1] = ones[24 + 6] = 1;
    std::vector<std::uint16_t> rows(24), images(24);
    rows[1] = 3, rows[23] = 1, rows[6] = 2;
    images[4 * 1 + 0] = 3; // channel 0 of pixel 1; (4, 2, 3): element 6 is channel 1 of pixel 0
    images[4 * 0 + 1] = 2;
    images[4 * 5 + 3] = 1;
    EXPECT_EQ(spikes_of("|b1", "(2, 6, 4)", ones), rows);
    EXPECT_EQ(spikes_of("|u1", "(2, 4, 2, 3)", ones), images);
    std::string floats;
    for (const char one : ones)
        floats += one != 0 ? std::string("\0\0\x80\x3f", 4) : std::string(4, '\0');
    EXPECT_EQ(spikes_of("<f4", "(2, 4, 2, 3)", floats), images);
    floats[4] = 1; // the next float after 1
    EXPECT_THAT(test::user_error_of([&] { spikes_of("<f4", "(2, 4, 2, 3)", floats); }),
                HasSubstr("element [0, 0, 0, 1] is 1.0000001"));
    ones[5] = 2;
    EXPECT_THAT(test::user_error_of([&] { spikes_of("|u1", "(2, 6, 4)", ones); }),
                HasSubstr("element [0, 1, 1] is 2; with timesteps in front, spikes are 0 or 1"));
}

TEST(layer_files, channels_move_to_the_end)
{
    const test::scratch_file spikes("spikes.npy"), weights("weights.npy");
    spikes.write(test::npy_bytes("|u1", "(4, 2, 3)", counting(24, 16)));
    weights.write(test::npy_bytes("|i1", "(2, 4, 2, 2)", counting(32, 128)));
    config::layer_params params = small();
    params.spikes_file = spikes.path();
    params.weights_file = weights.path();
    const draw::synthetic_layer made = draw::make_layer(params, 4);
    for (unsigned y = 0; y < 2; ++y)
        for (unsigned x = 0; x < 3; ++x)
            for (unsigned c = 0; c < 4; ++c)
                EXPECT_EQ(made.spikes[(y * 3 + x) * 4 + c], ((c * 2 + y) * 3 + x) % 16);
    for (int n = 0; n < 2; ++n)
        for (int tap = 0; tap < 4; ++tap)
            for (int c = 0; c < 4; ++c)
                EXPECT_EQ(made.layer.weights[static_cast<std::size_t>(n * 16 + tap * 4 + c)], n * 16 + c * 4 + tap);

    // As matrices they are in the order of the hardware already.
    spikes.write(test::npy_bytes("<u2", "(6, 4)", counting(24, 16, 2)));
    weights.write(test::npy_bytes("|i1", "(2, 16)", counting(32, 128)));
    const draw::synthetic_layer matrix = draw::make_layer(params, 4);
    EXPECT_EQ(matrix.spikes[5], 5u);
    EXPECT_EQ(matrix.layer.weights[17], 17);
    weights.write(test::npy_bytes("|i1", "(16, 2)", counting(32, 128)));
    EXPECT_EQ(draw::make_layer(params, 4).layer.weights[16 + 3], 2 * 3 + 1); // input 3 of column 1

    // A kernel of two sides, of which neither is the other.
    params.kernel = 1;
    params.kernel_width = 3;
    weights.write(test::npy_bytes("|i1", "(2, 4, 1, 3)", counting(24, 128)));
    const draw::synthetic_layer wide = draw::make_layer(params, 4);
    EXPECT_EQ(wide.layer.kernel_w, 3u);
    EXPECT_EQ(wide.layer.weights[12 + 4 * 2 + 1], 12 + 1 * 3 + 2); // column 1, tap 2, channel 1
}

TEST(layer_files, a_bias_is_a_whole_number_a_column)
{
    const test::scratch_file file("bias.npy");
    config::layer_params params = small();
    params.bias_file = file.path();
    file.write(test::npy_bytes("<f8", "(2,)", std::string("\0\0\0\0\0\0\xf0\xbf\0\0\0\0\0\0\x1c\x40", 16)));
    EXPECT_EQ(draw::make_layer(params, 4).layer.bias, (std::vector<std::int32_t>{-1, 7}));
    file.write(test::npy_bytes("<f8", "(2,)", std::string("\0\0\0\0\0\0\xf0\xbf\0\0\0\0\0\0\xe0\x3f", 16)));
    EXPECT_THAT(test::user_error_of([&] { draw::make_layer(params, 4); }), HasSubstr("[1] is 0.5"));
    file.write(test::npy_bytes("<i8", "(1,)", std::string(8, '\0')));
    EXPECT_THAT(test::user_error_of([&] { draw::make_layer(params, 4); }),
                HasSubstr("(layer.bias_file): shape (1,) is (N,): layer.out_channels = 1; but in force is"));
}

TEST(layer_files, what_does_not_fit_is_told)
{
    const test::scratch_file file("wrong.npy");
    config::layer_params params = small();
    params.spikes_file = file.path();
    const auto spikes_error = [&](const std::string& bytes, unsigned timesteps = 4) {
        file.write(bytes);
        return test::user_error_of([&] { draw::make_layer(params, timesteps); });
    };
    EXPECT_THAT(spikes_error(test::npy_bytes("|u1", "(4, 3, 2)", counting(24, 16))),
                HasSubstr("(layer.spikes_file): shape (4, 3, 2) is (C, H, W): layer.channels = 4, layer.height = 3, layer.width "
                          "= 2; or (T, M, K): workload.timesteps = 4, layer.channels = 2, layer.height x layer.width = 3; "
                          "but in force is layer.height = 2, layer.width = 3, layer.channels = 4, layer.height x "
                          "layer.width = 6"));
    EXPECT_THAT(spikes_error(test::npy_bytes("<f4", "(6, 4)", counting(24, 16, 4))), HasSubstr("uint8 or uint16"));
    EXPECT_THAT(spikes_error(test::npy_bytes("|u1", "(6, 4)", counting(24, 16)), 3),
                HasSubstr("element [2, 0] is 0x8, which spikes after workload.timesteps = 3"));
    params.weights_file = params.spikes_file;
    params.spikes_file.clear();
    file.write(test::npy_bytes("|u1", "(2, 16)", counting(32, 128)));
    EXPECT_THAT(test::user_error_of([&] { draw::make_layer(params, 4); }), HasSubstr("uint8; int8 is needed"));
    file.write(test::npy_bytes("|i1", "(8, 4)", counting(32, 128)));
    EXPECT_THAT(test::user_error_of([&] { draw::make_layer(params, 4); }),
                HasSubstr("(layer.weights_file): shape (8, 4) is (N, K): layer.out_channels = 8, "));
    params.weights_file = "none.npy";
    EXPECT_THAT(test::user_error_of([&] { draw::make_layer(params, 4); }), HasSubstr("none.npy: no such file"));
}

TEST(layer_files, archives)
{
    const test::scratch_file file("tensors.npz");
    const std::string spikes = test::npy_bytes("|u1", "(6, 4)", counting(24, 16)),
                      weights = test::npy_bytes("|i1", "(2, 16)", counting(32, 128));
    for (const bool packed : {false, true}) {
        test::write_archive(file.path(), {{"spikes.npy", spikes}, {"weights.npy", weights}, {"torn.npy", "x"}}, packed);
        config::layer_params params = small();
        params.spikes_file = file.path() + ":spikes";
        params.weights_file = file.path() + ":weights.npy";
        const draw::synthetic_layer made = draw::make_layer(params, 4);
        EXPECT_EQ(made.spikes[7], 7u);
        EXPECT_EQ(made.layer.weights[31], 31);
        EXPECT_THAT(test::user_error_of([&] { formats::read_npy_or_npz(file.path() + ":spike"); }),
                    HasSubstr("no array 'spike' in it; it has spikes, weights, torn; did you mean 'spikes'?"));
        EXPECT_THAT(test::user_error_of([&] { formats::read_npy_or_npz(file.path() + ":torn"); }),
                    HasSubstr(":torn: "));
    }
    EXPECT_THAT(test::user_error_of([&] { formats::read_npy_or_npz("none.npz:x"); }),
                HasSubstr("none.npz: cannot be read"));
}

// Whatever happens to a file, it is read or told about.
TEST(layer_files, damaged_archives)
{
    const test::scratch_file file("damaged.npz");
    test::write_archive(file.path(), {{"a.npy", test::npy_bytes("|u1", "(6, 4)", counting(24, 16))}}, true);
    const std::string good = file.read();
    for (std::size_t at = 0; at < good.size(); ++at)
        for (const char change : {'\x01', '\xff'}) {
            std::string bytes = good;
            bytes[at] = static_cast<char>(bytes[at] ^ change);
            file.write(bytes);
            try {
                formats::read_npy_or_npz(file.path() + ":a");
            } catch (const text::user_error&) {
            }
            if (change == '\x01')
                continue;
            file.write(good.substr(0, at));
            EXPECT_THROW(formats::read_npy_or_npz(file.path() + ":a"), text::user_error);
        }
}

// Recorded spikes, where somebody has them.
TEST(layer_files, recorded_spikes)
{
    const char* folder = std::getenv("LOAS_TRACES");
    const std::string file =
        (folder != nullptr ? folder : test::project_path("../shared/traces")) + std::string("/vgg16/layer07.npy");
    if (!std::filesystem::exists(file))
        GTEST_SKIP() << "no recordings at " << file << "; LOAS_TRACES can name their folder";
    config::layer_params params; // the same layer
    params.spikes_file = file;
    const draw::synthetic_layer made = draw::make_layer(params, 4);
    std::size_t spiking = 0, spikes = 0;
    for (const std::uint16_t word : made.spikes) {
        spiking += word != 0;
        spikes += static_cast<std::size_t>(__builtin_popcount(word));
    }
    EXPECT_EQ(spiking, 839u);
    EXPECT_EQ(spikes, 2357u);
}
