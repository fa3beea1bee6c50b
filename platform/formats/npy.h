// Reader of NumPy's .npy files: one array, with its shape and element type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace loas::formats
{

/// Element types that are read. b1 is one byte, 0 or 1.
enum class npy_dtype { u1, i1, u2, i2, u4, i4, u8, i8, f2, f4, f8, b1 };

/// "uint8", "float32", "bool", ...: the name of the type as NumPy says it.
const char* npy_dtype_name(npy_dtype dtype);

/// Bytes of one element: 1, 2, 4 or 8.
std::size_t npy_dtype_bytes(npy_dtype dtype);

/// The type that a header's word for it stands for, as "<f4". Throws text::user_error, `source` in front.
npy_dtype npy_dtype_of(const std::string& descr, const std::string& source);

/// True for the signed and unsigned integers; false for floats and b1.
bool npy_dtype_is_integer(npy_dtype dtype);

/// A shape as Python writes it: "(360, 1, 8, 8)", "(5,)", "()".
std::string shape_text(const std::vector<std::size_t>& shape);

/// Place of an element of an array in C order: element 5 of shape (2, 3) is "[1, 2]"; of shape () it is "[]".
std::string index_text(const std::vector<std::size_t>& shape, std::size_t element);

/// What the header of an array says of its elements.
struct npy_kind {
    std::string source; ///< file name as given by the caller, for messages
    std::vector<std::size_t> shape;
    npy_dtype dtype = npy_dtype::u1;
};

/// Where the elements of a file lie.
struct npy_layout {
    npy_kind kind;
    bool fortran_order = false;
    std::size_t data_offset = 0, data_bytes = 0; ///< the file has them, and no more
};

/// One array. The last index runs fastest (C order), whatever the order in the file was.
struct npy_array {
    std::string source;              ///< file name as given by the caller, for messages
    std::vector<std::size_t> shape;  ///< empty: a scalar, one element
    npy_dtype dtype = npy_dtype::u1; ///< of the elements in `bytes`
    std::vector<std::uint8_t> bytes; ///< the elements, little-endian, without gaps

    /// Number of elements: the product of the shape.
    std::size_t size() const { return bytes.size() / npy_dtype_bytes(dtype); }

    /// The elements as T: one of int8, uint8, int16, uint16, int32, uint32, int64, uint64 (std::...int.._t) or double.
    /// Throws text::user_error, naming file and element, when an element has no equal in T: out of range, not a whole
    /// number, or an integer that a double cannot hold.
    template <class T> std::vector<T> as() const;
};

/// Reads a file of format version 1.0, 2.0 or 3.0. Both orders (C, Fortran) and little-endian elements.
/// Throws text::user_error naming the file and the header field or byte offset: file missing, not .npy, truncated,
/// longer than the header says, big-endian, an element type that is not in npy_dtype, more than 32 dimensions.
npy_array read_npy(const std::string& path);

/// The same for a file that is already in memory (a member of an .npz). `source` is its name in messages.
npy_array parse_npy(std::vector<std::uint8_t> bytes, const std::string& source);

/// Only the header of a file, without a look at its elements. Throws like read_npy().
npy_kind read_npy_kind(const std::string& path);

/// The same of the first bytes of a file, at least of npy_head_bytes where it has so many.
npy_layout parse_npy_layout(const std::vector<std::uint8_t>& head, const std::string& source);
/// Throws text::user_error unless a file has as many bytes behind its header as that says.
void require_size(const npy_layout& layout, std::size_t bytes_behind_header);
inline constexpr std::size_t npy_head_bytes = 1 << 17; ///< no header that NumPy writes is longer

/// Elements as doubles. Answers how many have an equal: `count`, or the place of the first integer beyond 2^53.
std::size_t to_doubles(npy_dtype dtype, const std::uint8_t* bytes, std::size_t count, double* to);

/// The first `most` bytes of a file, or all. Throws text::user_error, also for a file above 4 GiB.
std::vector<std::uint8_t> read_file_bytes(const std::string& path, std::uint64_t most);

/// The bytes of a file that NumPy reads, format version 1.0, C order. elements: little-endian, as many as the shape has.
std::string npy_file(npy_dtype dtype, const std::vector<std::size_t>& shape, const std::string& elements);

} // namespace loas::formats
