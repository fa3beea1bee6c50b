// Writes small NIR files for tests, with the HDF5 C API, independent of the reader.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <hdf5.h>

namespace loas::test
{

/// How strings are stored: the NIR library writes variable UTF-8, old versions fixed length.
enum class string_kind { variable_utf8, variable_ascii, fixed_null_padded, fixed_space_padded };

/// A NIR file under construction; complete when the writer is destroyed. Throws std::runtime_error when HDF5 refuses.
class nir_writer
{
public:
    /// Starts the file with an empty /node/nodes; `bare` leaves even that out.
    explicit nir_writer(const std::string& path, string_kind strings = string_kind::variable_utf8, bool bare = false)
        : m_file(checked(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT))), m_strings(strings)
    {
        if (bare)
            return;
        string("/version", "1.0.7");
        group("/node");
        string("/node/type", "NIRGraph");
        group("/node/nodes");
    }
    ~nir_writer() { H5Fclose(m_file); }
    nir_writer(const nir_writer&) = delete;
    nir_writer& operator=(const nir_writer&) = delete;

    /// The open file, for what the writer has no function for.
    hid_t file() const { return m_file; }

    void group(const std::string& path)
    {
        H5Gclose(checked(H5Gcreate2(m_file, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)));
    }

    /// An empty node; its datasets follow as floats("/node/nodes/<name>/<dataset>", ...).
    void node(const std::string& name, const std::string& type)
    {
        group("/node/nodes/" + name);
        string("/node/nodes/" + name + "/type", type);
    }

    void string(const std::string& path, const std::string& text) { strings(path, {}, {text}); }

    void strings(const std::string& path, const std::vector<hsize_t>& shape, const std::vector<std::string>& texts)
    {
        const bool variable = m_strings == string_kind::variable_utf8 || m_strings == string_kind::variable_ascii;
        std::size_t longest = 1;
        for (const std::string& text : texts)
            longest = text.size() > longest ? text.size() : longest;
        const hid_t type = checked(H5Tcopy(H5T_C_S1));
        H5Tset_size(type, variable ? H5T_VARIABLE : longest);
        H5Tset_cset(type, m_strings == string_kind::variable_utf8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII);
        if (!variable)
            H5Tset_strpad(type, m_strings == string_kind::fixed_space_padded ? H5T_STR_SPACEPAD : H5T_STR_NULLPAD);
        std::vector<const char*> pointers;
        std::string padded;
        for (const std::string& text : texts) {
            pointers.push_back(text.c_str());
            padded += text;
            padded.append(longest - text.size(), m_strings == string_kind::fixed_space_padded ? ' ' : '\0');
        }
        write(path, shape, type, type, variable ? static_cast<const void*>(pointers.data()) : padded.data(), false);
        H5Tclose(type);
    }

    void edges(const std::vector<std::pair<std::string, std::string>>& edges)
    {
        std::vector<std::string> ends;
        for (const auto& [from, to] : edges) {
            ends.push_back(from);
            ends.push_back(to);
        }
        strings("/node/edges", {edges.size(), 2}, ends);
    }

    /// Edges from each name to the next.
    void chain(const std::vector<std::string>& names)
    {
        std::vector<std::pair<std::string, std::string>> pairs;
        for (std::size_t i = 0; i + 1 < names.size(); ++i)
            pairs.emplace_back(names[i], names[i + 1]);
        edges(pairs);
    }

    /// Numbers stored as `type`; compressed like the NIR library's when `gzip`.
    void numbers(const std::string& path, const std::vector<hsize_t>& shape, const std::vector<double>& values,
                 hid_t type, bool gzip = false)
    {
        write(path, shape, type, H5T_NATIVE_DOUBLE, values.data(), gzip);
    }
    /// Of a group; the file's own is "/".
    void attribute(const std::string& path, const std::string& name, double value)
    {
        attribute(path, name, H5T_NATIVE_DOUBLE, &value);
    }
    void attribute(const std::string& path, const std::string& name, const char* text)
    {
        const hid_t type = checked(H5Tcopy(H5T_C_S1));
        H5Tset_size(type, H5T_VARIABLE);
        attribute(path, name, type, &text);
        H5Tclose(type);
    }
    void floats(const std::string& path, const std::vector<hsize_t>& shape, const std::vector<double>& values)
    {
        numbers(path, shape, values, H5T_IEEE_F32LE, !shape.empty());
    }
    void integers(const std::string& path, const std::vector<hsize_t>& shape, const std::vector<double>& values)
    {
        numbers(path, shape, values, H5T_STD_I64LE);
    }

private:
    static hid_t checked(hid_t id)
    {
        if (id < 0)
            throw std::runtime_error("HDF5 refuses to write the test's file");
        return id;
    }

    void attribute(const std::string& path, const std::string& name, hid_t type, const void* value)
    {
        const hid_t space = checked(H5Screate(H5S_SCALAR));
        const hid_t attribute = checked(H5Acreate_by_name(m_file, path.c_str(), name.c_str(), type, space, H5P_DEFAULT,
                                                          H5P_DEFAULT, H5P_DEFAULT));
        checked(H5Awrite(attribute, type, value));
        H5Aclose(attribute);
        H5Sclose(space);
    }

    void write(const std::string& path, const std::vector<hsize_t>& shape, hid_t file_type, hid_t memory_type,
               const void* data, bool gzip)
    {
        const hid_t space =
            checked(shape.empty() ? H5Screate(H5S_SCALAR)
                                  : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
        const hid_t creation = checked(H5Pcreate(H5P_DATASET_CREATE));
        if (gzip) {
            H5Pset_chunk(creation, static_cast<int>(shape.size()), shape.data());
            H5Pset_deflate(creation, 4);
        }
        const hid_t dataset =
            checked(H5Dcreate2(m_file, path.c_str(), file_type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
        if (H5Sget_simple_extent_npoints(space) > 0)
            checked(H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
        H5Dclose(dataset);
        H5Pclose(creation);
        H5Sclose(space);
    }

    hid_t m_file;
    string_kind m_strings;
};

} // namespace loas::test
