// The header of an .npy file: magic, version, and a Python dictionary in text form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace loas::formats
{

/// A member of a record: its name, and its type as in "<u2".
struct npy_field {
    std::string name, descr;
};

struct npy_header {
    std::string descr;             ///< element type with byte order, as in "<f4"; empty: records
    std::vector<npy_field> fields; ///< of an array of records, in their order
    bool fortran_order = false;
    std::vector<std::size_t> shape; ///< at most 32 dimensions
    std::size_t data_offset = 0;    ///< bytes from the start of the file to the first element
};

/// Parses the start of `bytes`, a whole file. Only the header's own consistency is checked, neither the element type
/// nor the size of the data. Throws text::user_error naming `source` and the byte offset or header field.
npy_header parse_npy_header(const std::vector<std::uint8_t>& bytes, const std::string& source);

} // namespace loas::formats
