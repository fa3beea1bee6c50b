// Guarded access to an HDF5 file of unknown origin. Private to this room: HDF5's header stays out of nir.h.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <hdf5.h>

#include "platform/formats/nir.h"

namespace loas::formats
{

/// Owner of an HDF5 identifier.
class hdf5_handle
{
public:
    using closer = herr_t (*)(hid_t);

    hdf5_handle() = default;
    hdf5_handle(hid_t id, closer close) : m_id(id), m_close(close) {}
    hdf5_handle(hdf5_handle&& other) noexcept : m_id(std::exchange(other.m_id, -1)), m_close(other.m_close) {}
    hdf5_handle& operator=(hdf5_handle&& other) noexcept
    {
        std::swap(m_id, other.m_id);
        std::swap(m_close, other.m_close);
        return *this;
    }
    hdf5_handle(const hdf5_handle&) = delete;
    hdf5_handle& operator=(const hdf5_handle&) = delete;
    ~hdf5_handle()
    {
        if (m_id >= 0)
            m_close(m_id);
    }

    hid_t get() const { return m_id; }
    bool valid() const { return m_id >= 0; }

private:
    hid_t m_id = -1;
    closer m_close = nullptr;
};

/// Keeps HDF5 from printing its error stack while it lives.
class hdf5_silence
{
public:
    hdf5_silence()
    {
        H5Eget_auto2(H5E_DEFAULT, &m_function, &m_data);
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    }
    ~hdf5_silence() { H5Eset_auto2(H5E_DEFAULT, m_function, m_data); }
    hdf5_silence(const hdf5_silence&) = delete;
    hdf5_silence& operator=(const hdf5_silence&) = delete;

private:
    H5E_auto2_t m_function = nullptr;
    void* m_data = nullptr;
};

/// What a link of a group leads to.
enum class hdf5_kind { group, dataset, other };
enum class hdf5_value { numbers, string, none, other }; ///< none: a null dataset
void read_lzf(); ///< datasets of this process that are compressed by LZF, as h5py does on request, from now on

/// A file open for reading. Objects are named by their full path, as in "/node/nodes/conv1/weight". All functions throw
/// text::user_error, "<file>: <path>: <reason>", when the object is missing, damaged or not what they expect.
class hdf5_file
{
public:
    explicit hdf5_file(const std::string& path);

    /// True when `group` (which must exist) has a link of that name.
    bool has(const std::string& group, const std::string& name);

    /// Names of the links in a group, sorted.
    std::vector<std::string> children(const std::string& group);

    hdf5_kind kind(const std::string& path);

    /// string: one, fixed or variable.
    hdf5_value value_of(const std::string& path);

    /// A dataset that holds one string, scalar or array of one.
    std::string read_string(const std::string& path);

    /// A dataset of strings of shape (rows, columns); an empty dataset has no rows. Row by row.
    std::vector<std::string> read_strings(const std::string& path, std::size_t columns);

    /// A dataset of integers or floats.
    nir_array read_numbers(const std::string& path);

    /// For what the functions above do not read. A dataset of integers or floats, of a size that the file can hold.
    hdf5_handle open_group(const std::string& path);
    hdf5_handle open_numbers(const std::string& path, std::vector<std::size_t>& shape);

    [[noreturn]] void fail(const std::string& path, const std::string& reason) const;

private:
    [[noreturn]] void fail_with_cause(const std::string& path, const std::string& reason) const;
    hdf5_handle open_dataset(const std::string& path);
    void require_hard_links(const std::string& path);
    std::vector<std::size_t> shape_of(hid_t dataset, const std::string& path);
    void check_size(std::size_t elements, std::size_t element_bytes, const std::string& path) const;
    void check_storage(hid_t dataset, std::size_t element_bytes, const std::string& path) const;
    std::vector<std::string> read_all_strings(hid_t dataset, std::size_t count, const std::string& path);

    std::string m_source;
    std::uint64_t m_bytes = 0;    // of the file
    std::uint64_t m_elements = 0; // read so far
    hdf5_silence m_silence;
    hdf5_handle m_file;
};

} // namespace loas::formats
