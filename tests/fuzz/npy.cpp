// .npy files: the header, the elements, and every type that they are asked for as.
#include "platform/formats/npy.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/formats/load_support.h"

namespace loas::fuzz
{

std::vector<std::string> seeds()
{
    using test::npy_bytes;
    const std::string data(64, '\1');
    return {npy_bytes("<f4", "(2, 8)", data),          npy_bytes("|u1", "(4, 4, 4)", data, true),
            npy_bytes("<i8", "(8,)", data, false, 2),  npy_bytes("|b1", "(64,)", data, false, 3),
            npy_bytes("<u2", "()", data.substr(0, 2)), npy_bytes("<f8", "(0, 9)", "")};
}

} // namespace loas::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace loas;
    const std::vector<std::uint8_t> bytes(data, data + size);
    formats::npy_layout layout;
    fuzz::expect_answer([&] { layout = formats::parse_npy_layout(bytes, "x.npy"); });
    fuzz::expect_answer([&] {
        const formats::npy_array array = formats::parse_npy(bytes, "x.npy");
        if (array.shape != layout.kind.shape || array.dtype != layout.kind.dtype)
            std::abort(); // header and whole say different things
        fuzz::expect_answer([&] { array.as<double>(); });
        fuzz::expect_answer([&] { array.as<std::int8_t>(); });
        fuzz::expect_answer([&] { array.as<std::int32_t>(); });
        fuzz::expect_answer([&] { array.as<std::uint64_t>(); });
    });
    return 0;
}
