// .npz archives: one array of one.
#include "platform/formats/nir.h"
#include "platform/formats/npy_stream.h"
#include "platform/formats/npz.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/formats/load_support.h"

#include <zip.h>

namespace loas::fuzz
{
namespace
{

std::string archive_of(const std::string& name, const std::string& array, zip_int32_t compression)
{
    const test::scratch_file file(name + ".npz");
    zip_t* archive = zip_open(file.path().c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    zip_source_t* source = zip_source_buffer(archive, array.data(), array.size(), 0);
    const zip_int64_t index = zip_file_add(archive, (name + ".npy").c_str(), source, 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), compression, 0);
    zip_close(archive);
    return file.read();
}

} // namespace

std::vector<std::string> seeds()
{
    const std::string array = test::npy_bytes("<i4", "(4, 4)", std::string(64, '\2'));
    return {archive_of("x", array, ZIP_CM_STORE), archive_of("x", array, ZIP_CM_DEFLATE)};
}

} // namespace loas::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace loas;
    const fuzz::memory_file file(data, size);
    // Only a name that ends in .npz is an archive's, so a link stands before the file.
    static const std::string link = test::scratch_path("fuzz.npz");
    std::error_code ignored;
    std::filesystem::remove(link, ignored);
    std::filesystem::create_symlink(file.path(), link);
    fuzz::expect_answer([&] { formats::read_kind_of_npy_or_npz(link + ":x"); });
    fuzz::expect_answer([&] { formats::read_npy_or_npz(link + ":x").as<double>(); });
    fuzz::expect_answer([&] {
        formats::npy_stream part(link + ":x");
        part.read(0, formats::count_elements(part.kind().shape, 8) > 0 ? 1 : 0);
    });
    std::filesystem::remove(link, ignored);
    return 0;
}
