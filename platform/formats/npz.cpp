#include "platform/formats/npz.h"

#include "platform/formats/npz_member.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace loas::formats
{
namespace
{

using text::user_error;

// What a member may unpack to: a few bytes of an archive can claim any number, and more belongs into an .npy file,
// which is as large as it says.
constexpr zip_uint64_t most_bytes = zip_uint64_t{1} << 30;
constexpr zip_int64_t most_names_told = 20;

/// To be discarded.
zip_t* open_archive(const std::string& file)
{
    int code = 0;
    zip_t* archive = zip_open(file.c_str(), ZIP_RDONLY, &code);
    if (archive == nullptr) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string reason = zip_error_strerror(&error);
        zip_error_fini(&error);
        throw user_error(fmt::format("{}: cannot be read as an .npz archive: {}", file, reason));
    }
    return archive;
}

/// At most `most`.
std::vector<std::string> names_in(zip_t* archive, zip_int64_t most)
{
    std::vector<std::string> names;
    const zip_int64_t entries = std::min(zip_get_num_entries(archive, 0), most);
    for (zip_int64_t i = 0; i < entries; ++i)
        if (const char* entry = zip_get_name(archive, static_cast<zip_uint64_t>(i), 0); entry != nullptr) {
            const std::string_view whole = entry;
            const bool is_array = whole.size() > 4 && whole.substr(whole.size() - 4) == ".npy";
            names.emplace_back(is_array ? whole.substr(0, whole.size() - 4) : whole);
        }
    return names;
}

[[noreturn]] void refuse_name(zip_t* archive, const std::string& file, const std::string& name)
{
    std::vector<std::string> names = names_in(archive, most_names_told);
    for (std::string& each : names)
        each = text::printable(each);
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string_view near = text::nearest_word(name, views);
    throw user_error(fmt::format("{}: no array '{}' in it; it has {}{}{}", file, text::printable(name),
                                 names.empty() ? "none" : text::join(views, ", "),
                                 zip_get_num_entries(archive, 0) > most_names_told ? ", ..." : "",
                                 near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

} // namespace

npz_member::npz_member(std::string path, const text::archive_entry& given)
    : m_path(std::move(path)), m_archive(open_archive(given.file.string()), zip_discard), m_member(nullptr, zip_fclose)
{
    zip_int64_t index = zip_name_locate(m_archive.get(), (given.entry + ".npy").c_str(), 0);
    if (index < 0)
        index = zip_name_locate(m_archive.get(), given.entry.c_str(), 0); // also by its name in the archive
    if (index < 0)
        refuse_name(m_archive.get(), given.file.string(), given.entry);
    m_index = static_cast<zip_uint64_t>(index);
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(m_archive.get(), m_index, 0, &about) != 0 || (about.valid & ZIP_STAT_SIZE) == 0)
        throw user_error(m_path + ": the archive does not say how large it is");
    m_size = about.size;
    if (m_size > most_bytes)
        throw user_error(fmt::format("{}: would unpack to {} MiB, more than the limit of {} MiB for an array in an "
                                     "archive; save it as .npy",
                                     m_path, m_size >> 20, most_bytes >> 20));
    restart();
}

void npz_member::restart()
{
    m_member.reset(zip_fopen_index(m_archive.get(), m_index, 0));
    if (m_member == nullptr)
        throw user_error(fmt::format("{}: {}", m_path, zip_strerror(m_archive.get())));
}

std::size_t npz_member::read(std::uint8_t* to, std::size_t bytes)
{
    std::size_t done = 0;
    while (done < bytes) {
        const zip_int64_t read = zip_fread(m_member.get(), to + done, bytes - done);
        if (read < 0)
            throw user_error(fmt::format("{}: {}", m_path, zip_file_strerror(m_member.get())));
        if (read == 0)
            break;
        done += static_cast<std::size_t>(read);
    }
    return done;
}

std::vector<std::uint8_t> npz_member::head()
{
    std::vector<std::uint8_t> bytes(npy_head_bytes);
    bytes.resize(read(bytes.data(), bytes.size()));
    return bytes;
}

void npz_member::require_end()
{
    std::uint8_t further = 0;
    if (read(&further, 1) != 0)
        throw user_error(m_path + ": unpacks to more than its header says");
}

std::vector<std::uint8_t> npz_member::whole(const std::function<std::size_t(const std::vector<std::uint8_t>&)>& expected)
{
    std::vector<std::uint8_t> bytes = head();
    const std::size_t there = bytes.size(), size = expected(bytes);
    bytes.resize(size);
    if (there < size) {
        const std::size_t read_now = read(bytes.data() + there, size - there);
        if (read_now != size - there)
            throw user_error(fmt::format("{}: ends after {} of {} bytes", m_path, there + read_now, size));
    }
    require_end();
    return bytes;
}

std::vector<std::string> arrays_in_npz(const std::string& file)
{
    const std::unique_ptr<zip_t, void (*)(zip_t*)> archive(open_archive(file), zip_discard);
    return names_in(archive.get(), 1 << 20);
}

std::vector<std::uint8_t> head_of_npy_or_npz(const std::string& path)
{
    const text::archive_entry given = text::split_entry(path);
    return given.file == path ? read_file_bytes(path, npy_head_bytes) : npz_member(path, given).head();
}

std::vector<std::uint8_t>
bytes_of_npy_or_npz(const std::string& path,
                    const std::function<std::size_t(const std::vector<std::uint8_t>&)>& expected)
{
    const text::archive_entry given = text::split_entry(path);
    const auto require = [&](std::uint64_t found, std::size_t size) {
        if (found != size)
            throw user_error(fmt::format("{}: by its header it has {} bytes, but there are {}", path, size, found));
        return size;
    };
    if (given.file == path) {
        std::vector<std::uint8_t> bytes = read_file_bytes(path, ~std::uint64_t{0});
        require(bytes.size(), expected(bytes));
        return bytes;
    }
    npz_member member(path, given);
    // The header first: what is not as large as it says is not unpacked.
    return member.whole([&](const std::vector<std::uint8_t>& head) { return require(member.size(), expected(head)); });
}

npy_array read_npy_or_npz(const std::string& path)
{
    const text::archive_entry given = text::split_entry(path);
    if (given.file == path)
        return read_npy(path);
    npz_member member(path, given);
    return parse_npy(member.whole([&](const std::vector<std::uint8_t>& head) {
        const npy_layout layout = parse_npy_layout(head, path);
        require_size(layout, static_cast<std::size_t>(member.size()) - layout.data_offset);
        return layout.data_offset + layout.data_bytes;
    }), path);
}

npy_kind read_kind_of_npy_or_npz(const std::string& path)
{
    return parse_npy_layout(head_of_npy_or_npz(path), path).kind;
}

} // namespace loas::formats
