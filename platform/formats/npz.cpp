#include "platform/formats/npz.h"

#include "platform/text/read_text.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <zip.h>

#include <memory>
#include <utility>
#include <vector>

namespace loas::formats
{
namespace
{

using text::user_error;

constexpr zip_uint64_t most_bytes = zip_uint64_t{1} << 32; // of an unpacked array; none of a layer is larger
constexpr zip_int64_t most_names_told = 20;

using archive_handle = std::unique_ptr<zip_t, decltype(&zip_discard)>;
using member_handle = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

archive_handle open_archive(const std::string& file)
{
    int code = 0;
    archive_handle archive(zip_open(file.c_str(), ZIP_RDONLY, &code), zip_discard);
    if (archive == nullptr) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string reason = zip_error_strerror(&error);
        zip_error_fini(&error);
        throw user_error(fmt::format("{}: cannot be read as an .npz archive: {}", file, reason));
    }
    return archive;
}

[[noreturn]] void refuse_name(zip_t* archive, const std::string& file, const std::string& name)
{
    std::vector<std::string> names;
    const zip_int64_t entries = zip_get_num_entries(archive, 0);
    for (zip_int64_t i = 0; i < entries && i < most_names_told; ++i)
        if (const char* entry = zip_get_name(archive, static_cast<zip_uint64_t>(i), 0); entry != nullptr) {
            const std::string_view whole = entry;
            const bool is_array = whole.size() > 4 && whole.substr(whole.size() - 4) == ".npy";
            names.push_back(text::printable(is_array ? whole.substr(0, whole.size() - 4) : whole));
        }
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string_view near = text::nearest_word(name, views);
    throw user_error(fmt::format("{}: no array '{}' in it; it has {}{}{}", file, text::printable(name),
                                 names.empty() ? "none" : text::join(views, ", "),
                                 entries > most_names_told ? ", ..." : "",
                                 near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

/// The array's bytes, or the first of them: no more than a block beyond `enough`.
std::vector<std::uint8_t> read_member(const std::string& path, const text::archive_entry& given, zip_uint64_t enough)
{
    const std::string file = given.file.string(), &name = given.entry;
    const archive_handle archive = open_archive(file);
    zip_int64_t index = zip_name_locate(archive.get(), (name + ".npy").c_str(), 0);
    if (index < 0)
        index = zip_name_locate(archive.get(), name.c_str(), 0); // also by its name in the archive
    if (index < 0)
        refuse_name(archive.get(), file, name);

    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(archive.get(), static_cast<zip_uint64_t>(index), 0, &about) != 0 ||
        (about.valid & ZIP_STAT_SIZE) == 0)
        throw user_error(path + ": the archive does not say how large it is");
    if (about.size > most_bytes)
        throw user_error(path + ": larger than 4 GiB");
    const member_handle member(zip_fopen_index(archive.get(), static_cast<zip_uint64_t>(index), 0), zip_fclose);
    if (member == nullptr)
        throw user_error(fmt::format("{}: {}", path, zip_strerror(archive.get())));
    // Grows as it is unpacked: the size that a damaged archive claims is not to be trusted with memory.
    std::vector<std::uint8_t> bytes;
    constexpr std::size_t block = 1 << 16;
    while (bytes.size() < enough) {
        const std::size_t before = bytes.size();
        bytes.resize(before + block);
        const zip_int64_t read = zip_fread(member.get(), bytes.data() + before, block);
        if (read < 0)
            throw user_error(fmt::format("{}: {}", path, zip_file_strerror(member.get())));
        bytes.resize(before + static_cast<std::size_t>(read));
        if (read == 0)
            break;
        if (bytes.size() > most_bytes)
            throw user_error(path + ": larger than 4 GiB");
    }
    return bytes;
}

} // namespace

npy_array read_npy_or_npz(const std::string& path)
{
    const text::archive_entry given = text::split_entry(path);
    // More than there can be: the end is where damage shows.
    return given.file == path ? read_npy(path) : parse_npy(read_member(path, given, ~zip_uint64_t{0}), path);
}

npy_kind read_kind_of_npy_or_npz(const std::string& path)
{
    const text::archive_entry given = text::split_entry(path);
    return given.file == path ? read_npy_kind(path) : parse_npy_kind(read_member(path, given, npy_head_bytes), path);
}

} // namespace loas::formats
