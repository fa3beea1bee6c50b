#include "platform/formats/hdf5_file.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "platform/formats/npy.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

namespace loas::formats
{
namespace
{

// A damaged file can claim any size, and HDF5 allocates what it is told. Claims are held against the file's own size:
// no NIR writer compresses better than deflate at its best, and small files may hold some constants for free.
constexpr std::uint64_t deflate_ratio = 1032;
constexpr std::uint64_t free_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t max_elements = std::uint64_t{1} << 28; // of all datasets of a file together: 2 GiB as doubles
constexpr std::size_t max_element_bytes = 16;
constexpr std::size_t max_string_bytes = std::size_t{1} << 16;
constexpr std::size_t max_children = 100000;

// The innermost message on HDF5's error stack, " (message)", or nothing.
std::string hdf5_cause()
{
    std::string cause;
    const auto first = [](unsigned, const H5E_error2_t* error, void* data) -> herr_t {
        auto& text = *static_cast<std::string*>(data);
        if (text.empty() && error->desc != nullptr)
            text = error->desc;
        return 0;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first, &cause);
    return cause.empty() ? cause : " (" + cause + ")";
}

// Memory that HDF5 takes for variable strings. A callback can't throw through C, so a refusal is a null pointer, which
// HDF5 reports as an error; and whatever happens to a half-done read, the memory is freed with the arena.
class string_arena
{
public:
    static void* allocate(std::size_t bytes, void* arena) noexcept
    {
        auto& blocks = static_cast<string_arena*>(arena)->m_blocks;
        if (bytes > max_string_bytes)
            return nullptr;
        try {
            blocks.push_back(std::make_unique<char[]>(bytes));
            return blocks.back().get();
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }
    static void release(void*, void*) noexcept {}

private:
    std::vector<std::unique_ptr<char[]>> m_blocks;
};

} // namespace

hdf5_file::hdf5_file(const std::string& path) : m_source(path)
{
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
        throw text::user_error(path + ": no such file");
    if (!std::filesystem::is_regular_file(status))
        throw text::user_error(path + ": not a regular file");
    m_bytes = std::filesystem::file_size(path, error);
    if (error)
        throw text::user_error(path + ": cannot be read: " + error.message());

    read_lzf();
    const hdf5_handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
#if H5_VERSION_GE(1, 14, 0) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 11, 0))
    // Locks protect from a writer at the same time; many network file systems of clusters have none and refuse.
    H5Pset_file_locking(access.get(), false, true);
#endif
    m_file = hdf5_handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
    if (!m_file.valid())
        throw text::user_error(path + ": not a readable HDF5 file" + hdf5_cause());
}

void hdf5_file::fail(const std::string& path, const std::string& reason) const
{
    // Names from the file may hold what a terminal obeys.
    throw text::user_error(m_source + ": " + text::printable(path, 1000) + ": " + text::printable(reason, 1000));
}

void hdf5_file::fail_with_cause(const std::string& path, const std::string& reason) const
{
    fail(path, reason + hdf5_cause());
}

bool hdf5_file::has(const std::string& group, const std::string& name)
{
    const hdf5_handle parent = open_group(group);
    const htri_t found = H5Lexists(parent.get(), name.c_str(), H5P_DEFAULT);
    if (found < 0)
        fail_with_cause(group, "cannot look for '" + name + "'");
    return found > 0;
}

// Soft and external links may lead out of the file, or in circles; NIR has no use for them.
void hdf5_file::require_hard_links(const std::string& path)
{
    for (std::size_t slash = 0; slash != std::string::npos && path.size() > 1;) {
        slash = path.find('/', slash + 1);
        const std::string part = path.substr(0, slash);
        H5L_info_t info;
        if (H5Lget_info(m_file.get(), part.c_str(), &info, H5P_DEFAULT) < 0)
            fail_with_cause(part, "cannot be found");
        if (info.type != H5L_TYPE_HARD)
            fail(part, "is a soft or external link; links are not supported");
    }
}

hdf5_kind hdf5_file::kind(const std::string& path)
{
    require_hard_links(path);
    const hdf5_handle object(H5Oopen(m_file.get(), path.c_str(), H5P_DEFAULT), H5Oclose);
    if (!object.valid())
        fail_with_cause(path, "cannot be opened");
    const H5I_type_t type = H5Iget_type(object.get());
    return type == H5I_GROUP ? hdf5_kind::group : type == H5I_DATASET ? hdf5_kind::dataset : hdf5_kind::other;
}

hdf5_handle hdf5_file::open_group(const std::string& path)
{
    if (path != "/" && kind(path) != hdf5_kind::group)
        fail(path, "is not a group");
    hdf5_handle group(H5Gopen2(m_file.get(), path.c_str(), H5P_DEFAULT), H5Gclose);
    if (!group.valid())
        fail_with_cause(path, "cannot be opened");
    return group;
}

std::vector<std::string> hdf5_file::children(const std::string& path)
{
    const hdf5_handle group = open_group(path);
    H5G_info_t info;
    if (H5Gget_info(group.get(), &info) < 0)
        fail_with_cause(path, "cannot be read");
    if (info.nlinks > max_children)
        fail(path, "has more than " + std::to_string(max_children) + " members");
    std::vector<std::string> names;
    for (hsize_t i = 0; i < info.nlinks; ++i) {
        const auto name_of = [&](char* text, std::size_t bytes) {
            return H5Lget_name_by_idx(group.get(), ".", H5_INDEX_NAME, H5_ITER_INC, i, text, bytes, H5P_DEFAULT);
        };
        const ssize_t length = name_of(nullptr, 0);
        if (length <= 0 || static_cast<std::size_t>(length) > max_string_bytes)
            fail_with_cause(path, "the name of member " + std::to_string(i) + " cannot be read");
        std::string name(static_cast<std::size_t>(length), '\0');
        if (name_of(name.data(), name.size() + 1) != length)
            fail_with_cause(path, "the name of member " + std::to_string(i) + " cannot be read");
        names.push_back(name);
    }
    return names;
}

hdf5_handle hdf5_file::open_dataset(const std::string& path)
{
    if (kind(path) != hdf5_kind::dataset)
        fail(path, "is not a dataset");
    hdf5_handle dataset(H5Dopen2(m_file.get(), path.c_str(), H5P_DEFAULT), H5Dclose);
    if (!dataset.valid())
        fail_with_cause(path, "cannot be opened");
    return dataset;
}

std::vector<std::size_t> hdf5_file::shape_of(hid_t dataset, const std::string& path)
{
    const hdf5_handle space(H5Dget_space(dataset), H5Sclose);
    const H5S_class_t kind = space.valid() ? H5Sget_simple_extent_type(space.get()) : H5S_NO_CLASS;
    if (kind == H5S_SCALAR)
        return {};
    const int rank = kind == H5S_SIMPLE ? H5Sget_simple_extent_ndims(space.get()) : -1;
    if (rank < 0 || rank > H5S_MAX_RANK)
        fail(path, "has no value");
    std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
    if (H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr) < 0)
        fail_with_cause(path, "its shape cannot be read");
    return {extents.begin(), extents.end()};
}

void hdf5_file::check_size(std::size_t elements, std::size_t element_bytes, const std::string& path) const
{
    // Neither product can overflow: elements are at most 2^28 + 1, and no file is as large as 2^53 bytes.
    if (elements > max_elements)
        fail(path, "has more than " + std::to_string(max_elements) + " elements");
    if (elements * element_bytes > m_bytes * deflate_ratio + free_bytes)
        fail(path, "claims " + std::to_string(elements) + " elements of " + std::to_string(element_bytes) +
                       " bytes, more than a file of " + std::to_string(m_bytes) + " bytes can hold");
}

// Refuses data that isn't in this file, and chunks whose buffers would be out of proportion.
void hdf5_file::check_storage(hid_t dataset, std::size_t element_bytes, const std::string& path) const
{
    const hdf5_handle creation(H5Dget_create_plist(dataset), H5Pclose);
    if (!creation.valid())
        fail_with_cause(path, "its storage cannot be read");
    const H5D_layout_t layout = H5Pget_layout(creation.get());
    if (layout == H5D_VIRTUAL || H5Pget_external_count(creation.get()) > 0)
        fail(path, "keeps its values in another file, which is not supported");
    if (layout != H5D_CHUNKED)
        return;
    hsize_t sides[H5S_MAX_RANK] = {};
    const int rank = H5Pget_chunk(creation.get(), H5S_MAX_RANK, sides);
    if (rank < 0 || rank > H5S_MAX_RANK)
        fail_with_cause(path, "its chunks cannot be read");
    check_size(count_elements({sides, sides + rank}, max_elements), element_bytes, path);
}

hdf5_value hdf5_file::value_of(const std::string& path)
{
    const hdf5_handle dataset = open_dataset(path);
    const hdf5_handle type(H5Dget_type(dataset.get()), H5Tclose);
    const H5T_class_t kind = type.valid() ? H5Tget_class(type.get()) : H5T_NO_CLASS;
    const hdf5_handle space(H5Dget_space(dataset.get()), H5Sclose);
    if (space.valid() && H5Sget_simple_extent_type(space.get()) == H5S_NULL)
        return hdf5_value::none;
    if (kind == H5T_INTEGER || kind == H5T_FLOAT)
        return hdf5_value::numbers;
    return kind == H5T_STRING && count_elements(shape_of(dataset.get(), path), max_elements) == 1 ? hdf5_value::string
                                                                                                 : hdf5_value::other;
}

std::vector<std::string> hdf5_file::read_all_strings(hid_t dataset, std::size_t count, const std::string& path)
{
    const hdf5_handle type(H5Dget_type(dataset), H5Tclose);
    if (!type.valid() || H5Tget_class(type.get()) != H5T_STRING)
        fail(path, "expected a string, found another type");
    const std::size_t bytes = H5Tget_size(type.get());
    if (bytes == 0 || bytes > max_string_bytes)
        fail(path, "strings of " + std::to_string(bytes) + " bytes are not supported");
    check_size(count, bytes, path);
    check_storage(dataset, bytes, path);

    std::vector<std::string> strings;
    if (count == 0)
        return strings;
    if (H5Tis_variable_str(type.get()) > 0) {
        string_arena arena;
        const hdf5_handle transfer(H5Pcreate(H5P_DATASET_XFER), H5Pclose);
        const hdf5_handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
        std::vector<char*> pointers(count, nullptr);
        if (H5Pset_vlen_mem_manager(transfer.get(), string_arena::allocate, &arena, string_arena::release, &arena) <
                0 ||
            H5Tset_size(memory.get(), H5T_VARIABLE) < 0 || H5Tset_cset(memory.get(), H5Tget_cset(type.get())) < 0 ||
            H5Dread(dataset, memory.get(), H5S_ALL, H5S_ALL, transfer.get(), pointers.data()) < 0)
            fail_with_cause(path, "cannot be read");
        for (const char* pointer : pointers)
            strings.emplace_back(pointer == nullptr ? "" : pointer);
        return strings;
    }
    // Fixed length: read as it is, then cut the padding.
    std::vector<char> text(count * bytes);
    if (H5Dread(dataset, type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()) < 0)
        fail_with_cause(path, "cannot be read");
    const bool padded = H5Tget_strpad(type.get()) == H5T_STR_SPACEPAD;
    for (std::size_t i = 0; i < count; ++i) {
        const char* begin = &text[i * bytes];
        std::string string(begin, std::find(begin, begin + bytes, '\0'));
        if (padded)
            string.erase(string.find_last_not_of(' ') + 1);
        strings.push_back(std::move(string));
    }
    return strings;
}

std::string hdf5_file::read_string(const std::string& path)
{
    const hdf5_handle dataset = open_dataset(path);
    if (const std::vector<std::size_t> shape = shape_of(dataset.get(), path); count_elements(shape, max_elements) != 1)
        fail(path, "expected one string, found shape " + shape_text(shape));
    return read_all_strings(dataset.get(), 1, path).front();
}

std::vector<std::string> hdf5_file::read_strings(const std::string& path, std::size_t columns)
{
    const hdf5_handle dataset = open_dataset(path);
    const std::vector<std::size_t> shape = shape_of(dataset.get(), path);
    const std::size_t count = count_elements(shape, max_elements);
    if (count == 0)
        return {}; // an empty list has lost its type and shape in Python
    if (shape.size() != 2 || shape[1] != columns)
        fail(path, "expected shape (E, " + std::to_string(columns) + "), found " + shape_text(shape));
    return read_all_strings(dataset.get(), count, path);
}

hdf5_handle hdf5_file::open_numbers(const std::string& path, std::vector<std::size_t>& shape)
{
    hdf5_handle dataset = open_dataset(path);
    const hdf5_handle type(H5Dget_type(dataset.get()), H5Tclose);
    const H5T_class_t kind = type.valid() ? H5Tget_class(type.get()) : H5T_NO_CLASS;
    if (kind != H5T_INTEGER && kind != H5T_FLOAT && kind != H5T_ENUM) // Python's bool is one
        fail(path, "expected integers or floats, found another type");
    const std::size_t bytes = H5Tget_size(type.get());
    if (bytes == 0 || bytes > max_element_bytes)
        fail(path, "numbers of " + std::to_string(bytes) + " bytes are not supported");

    shape = shape_of(dataset.get(), path);
    const std::size_t count = count_elements(shape, max_elements);
    check_size(count, bytes, path);
    check_storage(dataset.get(), bytes, path);
    m_elements += count;
    if (m_elements > max_elements)
        fail(path, "brings the file to more than " + std::to_string(max_elements) + " numbers");
    return dataset;
}

nir_array hdf5_file::read_numbers(const std::string& path)
{
    nir_array array;
    const hdf5_handle dataset = open_numbers(path, array.shape);
    array.values.resize(count_elements(array.shape, max_elements));
    if (!array.values.empty() && H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.values.data()) < 0)
        fail_with_cause(path, "cannot be read");
    return array;
}

} // namespace loas::formats
