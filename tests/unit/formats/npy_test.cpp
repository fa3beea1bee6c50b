// Reads .npy files made by hand, good and bad.
#include "platform/formats/npy.h"

#include <cstring>
#include <random>

#include "tests/unit/formats/load_support.h"

namespace
{

using namespace loas;
using formats::npy_array;
using formats::npy_dtype;
using formats::parse_npy;
using formats::read_npy;
using test::npy_bytes;
using test::user_error_of;
using testing::ElementsAre;
using testing::HasSubstr;

npy_array parse(const std::string& bytes)
{
    return parse_npy({bytes.begin(), bytes.end()}, "a.npy");
}

std::string error_of(const std::string& bytes)
{
    return user_error_of([&] { parse(bytes); });
}

template <class T> std::string raw(const std::vector<T>& values)
{
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::string with_header(const std::string& text, const std::string& data = "")
{
    std::string file("\x93NUMPY\x01\x00", 8);
    file += static_cast<char>(text.size() & 0xFF);
    file += static_cast<char>(text.size() >> 8);
    return file + text + data;
}

TEST(npy, reads_every_element_type)
{
    EXPECT_THAT(parse(npy_bytes("|u1", "(2,)", raw<std::uint8_t>({0, 255}))).as<std::int64_t>(), ElementsAre(0, 255));
    EXPECT_THAT(parse(npy_bytes("|i1", "(2,)", raw<std::int8_t>({-128, 127}))).as<std::int64_t>(),
                ElementsAre(-128, 127));
    EXPECT_THAT(parse(npy_bytes("<u2", "(2,)", raw<std::uint16_t>({1, 65535}))).as<std::int64_t>(),
                ElementsAre(1, 65535));
    EXPECT_THAT(parse(npy_bytes("<i2", "(2,)", raw<std::int16_t>({-32768, 5}))).as<std::int64_t>(),
                ElementsAre(-32768, 5));
    EXPECT_THAT(parse(npy_bytes("<u4", "(1,)", raw<std::uint32_t>({4294967295u}))).as<std::int64_t>(),
                ElementsAre(4294967295));
    EXPECT_THAT(parse(npy_bytes("<i4", "(1,)", raw<std::int32_t>({-2147483647 - 1}))).as<std::int64_t>(),
                ElementsAre(-2147483648LL));
    EXPECT_THAT(parse(npy_bytes("<u8", "(1,)", raw<std::uint64_t>({~0ull}))).as<std::uint64_t>(), ElementsAre(~0ull));
    EXPECT_THAT(parse(npy_bytes("<i8", "(2,)", raw<std::int64_t>({INT64_MIN, INT64_MAX}))).as<std::int64_t>(),
                ElementsAre(INT64_MIN, INT64_MAX));
    EXPECT_THAT(parse(npy_bytes("<f4", "(2,)", raw<float>({0.5f, -3.0f}))).as<double>(), ElementsAre(0.5, -3.0));
    EXPECT_THAT(parse(npy_bytes("<f8", "(2,)", raw<double>({0.1, 1e300}))).as<double>(), ElementsAre(0.1, 1e300));
    EXPECT_THAT(parse(npy_bytes("|b1", "(3,)", std::string("\1\0\1", 3))).as<std::uint8_t>(), ElementsAre(1, 0, 1));
}

TEST(npy, reads_every_version_and_shape)
{
    for (const unsigned major : {1u, 2u, 3u}) {
        const npy_array array = parse(npy_bytes("<i2", "(2, 3)", raw<std::int16_t>({1, 2, 3, 4, 5, 6}), false, major));
        EXPECT_THAT(array.shape, ElementsAre(2, 3));
        EXPECT_EQ(array.dtype, npy_dtype::i2);
        EXPECT_EQ(array.size(), 6u);
        EXPECT_THAT(array.as<int>(), ElementsAre(1, 2, 3, 4, 5, 6));
    }
    EXPECT_TRUE(parse(npy_bytes("|u1", "()", "a")).shape.empty());
    EXPECT_EQ(parse(npy_bytes("|u1", "(0, 99999999999)", "")).size(), 0u);
    EXPECT_THAT(parse(npy_bytes("|u1", "(2L,)", "ab")).shape, ElementsAre(2));
    EXPECT_EQ(parse(with_header("{\"shape\":(1,),\"fortran_order\":False,\"descr\":\">u1\"}", "a")).dtype,
              npy_dtype::u1);
}

TEST(npy, transposes_fortran_order)
{
    // [[1, 2, 3], [4, 5, 6]] stored column by column
    EXPECT_THAT(parse(npy_bytes("<i2", "(2, 3)", raw<std::int16_t>({1, 4, 2, 5, 3, 6}), true)).as<int>(),
                ElementsAre(1, 2, 3, 4, 5, 6));
    // element (i, j, k) of shape (2, 2, 2) is 4i + 2j + k
    EXPECT_THAT(parse(npy_bytes("|u1", "(2, 2, 2)", std::string("\0\4\2\6\1\5\3\7", 8), true)).as<int>(),
                ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
    EXPECT_EQ(parse(npy_bytes("|u1", "(0, 2)", "", true)).size(), 0u);
}

TEST(npy, checks_conversions)
{
    const auto message = [](const std::string& file, auto convert) {
        return user_error_of([&] { convert(parse(file)); });
    };
    EXPECT_EQ(message(npy_bytes("<i2", "(2, 2)", raw<std::int16_t>({0, 1, 256, 0})),
                      [](const npy_array& a) { a.as<std::uint8_t>(); }),
              "a.npy: element [1, 0] is 256, which is no uint8");
    EXPECT_EQ(message(npy_bytes("|i1", "(1,)", "\xff"), [](const npy_array& a) { a.as<std::uint64_t>(); }),
              "a.npy: element [0] is -1, which is no uint64");
    EXPECT_EQ(message(npy_bytes("<u8", "(1,)", raw<std::uint64_t>({1ull << 63})),
                      [](const npy_array& a) { a.as<std::int64_t>(); }),
              "a.npy: element [0] is 9223372036854775808, which is no int64");
    EXPECT_THAT(message(npy_bytes("<f4", "()", raw<float>({1.5f})), [](const npy_array& a) { a.as<int>(); }),
                HasSubstr("element [] is 1.5"));
    EXPECT_THAT(message(npy_bytes("<f8", "(1,)", raw<double>({9223372036854775808.0})),
                        [](const npy_array& a) { a.as<std::int64_t>(); }),
                HasSubstr("no int64"));
    EXPECT_THAT(message(npy_bytes("<f8", "(1,)", raw<double>({std::nan("")})),
                        [](const npy_array& a) { a.as<std::int64_t>(); }),
                HasSubstr("nan"));
    EXPECT_THAT(message(npy_bytes("<i8", "(1,)", raw<std::int64_t>({(1ll << 53) + 1})),
                        [](const npy_array& a) { a.as<double>(); }),
                HasSubstr("no float64"));
    EXPECT_THAT(message(npy_bytes("<i8", "(1,)", raw<std::int64_t>({-(1ll << 53) - 1})),
                        [](const npy_array& a) { a.as<double>(); }),
                HasSubstr("no float64"));
    EXPECT_THAT(parse(npy_bytes("<f8", "(2,)", raw<double>({-128, 127}))).as<std::int8_t>(), ElementsAre(-128, 127));
}

TEST(npy, names_size_mismatches)
{
    EXPECT_EQ(error_of(npy_bytes("|u1", "(360, 1, 8, 8)", std::string(23000, 'x'))),
              "a.npy: header says shape (360, 1, 8, 8) of uint8 = 23040 bytes, but the file holds 23000 after the "
              "header");
    EXPECT_THAT(error_of(npy_bytes("<f8", "(2,)", std::string(17, 'x'))),
                HasSubstr("= 16 bytes, but the file holds 17"));
    EXPECT_THAT(error_of(npy_bytes("<i8", "(1000000000, 1000)", "")), HasSubstr("but the file holds 0"));
    EXPECT_THAT(error_of(npy_bytes("<i8", "(4611686018427387904, 4)", "")), HasSubstr("header field 'shape'"));
    EXPECT_THAT(error_of(npy_bytes("<i8", "(99999999999999999999,)", "")), HasSubstr("beyond 64 bits"));
    EXPECT_THAT(error_of(npy_bytes("|u1", "(-1,)", "")), HasSubstr("negative"));
}

TEST(npy, names_bad_headers)
{
    EXPECT_THAT(error_of(""), HasSubstr("not an .npy file"));
    EXPECT_THAT(error_of("PK\3\4"), HasSubstr("a.npy: byte offset 0: not an .npy file"));
    EXPECT_THAT(error_of("\x93NUMP"), HasSubstr("ends at byte offset 5"));
    EXPECT_THAT(error_of(std::string("\x93NUMPY\x04\x00", 8)), HasSubstr("byte offset 6: format version 4.0"));
    EXPECT_THAT(error_of(std::string("\x93NUMPY\x01\x01", 8)), HasSubstr("format version 1.1"));
    EXPECT_THAT(error_of(std::string("\x93NUMPY\x01\x00\x10", 9)), HasSubstr("ends at byte offset 9"));
    EXPECT_THAT(error_of(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14)), HasSubstr("needs 4294967307 bytes"));
    EXPECT_THAT(error_of(with_header("[]")), HasSubstr("byte offset 10 in the header: expected '{'"));
    EXPECT_THAT(error_of(with_header("{'descr': '<f4', 'shape': (1,)}")), HasSubstr("'fortran_order' is missing"));
    EXPECT_THAT(error_of(with_header("{'shape': (1,)}")), HasSubstr("'descr' is missing"));
    EXPECT_THAT(error_of(with_header("{'descr': '<f4', 'fortran_order': False}")), HasSubstr("'shape' is missing"));
    EXPECT_THAT(error_of(with_header("{'colour': 1}")), HasSubstr("field 'colour' is unknown"));
    EXPECT_THAT(error_of(with_header("{'shape': (1,), 'shape': (1,)}")), HasSubstr("'shape' is there twice"));
    EXPECT_THAT(error_of(with_header("{'shape': (1 2)}")), HasSubstr("expected ','"));
    EXPECT_THAT(error_of(with_header("{'shape': (,)}")), HasSubstr("expected a dimension"));
    EXPECT_THAT(error_of(with_header("{'fortran_order': 0}")), HasSubstr("expected True or False"));
    EXPECT_THAT(error_of(with_header("{'descr': '<f4")), HasSubstr("expected the end of a string"));
    EXPECT_THAT(error_of(with_header("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}")), HasSubstr("structures"));
    EXPECT_THAT(error_of(with_header("{descr: '<f4'}")), HasSubstr("expected a key in quotes"));
    EXPECT_THAT(error_of(npy_bytes("|u1", "(1,)", "a").insert(60, "x")), HasSubstr("a.npy"));
    EXPECT_THAT(error_of(with_header("{'descr': '|u1', 'fortran_order': False, 'shape': ()} x", "a")),
                HasSubstr("nothing more"));
    std::string many = "(";
    for (int i = 0; i < 33; ++i)
        many += "1, ";
    EXPECT_THAT(error_of(npy_bytes("|u1", many + ")", "a")), HasSubstr("more than 32 dimensions"));
}

TEST(npy, reads_half_floats)
{
    // 1, -2, 0.333251953125, the smallest 2^-24, 65504, -0, infinity
    const std::string bytes = npy_bytes("<f2", "(7,)", raw<std::uint16_t>({0x3c00, 0xc000, 0x3555, 1, 0x7bff, 0x8000, 0x7c00}));
    const npy_array array = parse(bytes);
    EXPECT_STREQ(formats::npy_dtype_name(array.dtype), "float16");
    EXPECT_FALSE(formats::npy_dtype_is_integer(array.dtype));
    const std::vector<double> expected{1, -2, 0.333251953125, std::ldexp(1, -24), 65504, 0, INFINITY};
    EXPECT_EQ(array.as<double>(), expected);
    std::vector<double> streamed(7);
    EXPECT_EQ(formats::to_doubles(array.dtype, array.bytes.data(), 7, streamed.data()), 7u);
    EXPECT_EQ(streamed, expected);
    const npy_array nan = parse(npy_bytes("<f2", "(1,)", raw<std::uint16_t>({0x7e00})));
    EXPECT_THAT(user_error_of([&] { nan.as<std::int8_t>(); }), HasSubstr("nan"));
}

TEST(npy, names_unsupported_element_types)
{
    EXPECT_THAT(error_of(npy_bytes(">i4", "(1,)", "abcd")), HasSubstr("header field 'descr': '>i4' is big-endian"));
    for (const char* descr : {"<f16", "<c8", "|O", "<U4", "", "|i4", "f4"})
        EXPECT_THAT(error_of(npy_bytes(descr, "(1,)", "abcd")), HasSubstr("is not supported")) << descr;
}

TEST(npy, reads_files)
{
    const test::scratch_file file("read.npy");
    EXPECT_EQ(user_error_of([&] { read_npy(file.path()); }), file.path() + ": no such file");
    EXPECT_THAT(user_error_of([] { read_npy(testing::TempDir()); }), HasSubstr("not a regular file"));
    file.write(npy_bytes("<i4", "(2,)", raw<std::int32_t>({7, -7})));
    const npy_array array = read_npy(file.path());
    EXPECT_EQ(array.source, file.path());
    EXPECT_THAT(array.as<int>(), ElementsAre(7, -7));
    file.write("");
    EXPECT_THAT(user_error_of([&] { read_npy(file.path()); }), HasSubstr("not an .npy file"));
}

TEST(npy, survives_damage)
{
    const std::string good = npy_bytes("<i4", "(2, 3)", raw<std::int32_t>({1, 2, 3, 4, 5, 6}), true);
    for (std::size_t length = 0; length < good.size(); ++length)
        error_of(good.substr(0, length));
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        std::string bad = good;
        for (auto changes = 1 + random() % 3; changes > 0; --changes)
            bad[random() % bad.size()] = static_cast<char>(random());
        try {
            const npy_array array = parse(bad);
            EXPECT_EQ(array.bytes.size(), array.size() * formats::npy_dtype_bytes(array.dtype));
        } catch (const text::user_error&) {
        }
    }
}

} // namespace

// What is written is read again, and begins as NumPy wants it: elements at a multiple of 64 bytes.
TEST(npy, written_files)
{
    for (const std::vector<std::size_t>& shape : std::vector<std::vector<std::size_t>>{{}, {3}, {2, 3}, {1, 2, 3, 4, 5}}) {
        std::size_t count = 1;
        for (const std::size_t each : shape)
            count *= each;
        std::vector<std::int32_t> values(count);
        for (std::size_t i = 0; i < count; ++i)
            values[i] = static_cast<std::int32_t>(i) - 7;
        const std::string file = formats::npy_file(npy_dtype::i4, shape, raw(values));
        const npy_array read = parse(file);
        EXPECT_EQ(read.shape, shape);
        EXPECT_EQ(read.as<std::int32_t>(), values);
        EXPECT_EQ((file.size() - 4 * count) % 64, 0u);
        EXPECT_EQ(file[file.size() - 4 * count - 1], '\n');
        const formats::npy_kind kind = formats::parse_npy_layout({file.begin(), file.end() - 1}, "a.npy").kind;
        EXPECT_EQ(kind.shape, shape);
        EXPECT_EQ(kind.dtype, npy_dtype::i4);
    }
    EXPECT_EQ(parse(formats::npy_file(npy_dtype::b1, {2}, std::string("\1\0", 2))).dtype, npy_dtype::b1);
}
