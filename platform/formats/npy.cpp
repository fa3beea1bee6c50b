#include "platform/formats/npy.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <type_traits>

#include "platform/formats/npy_header.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

namespace loas::formats
{
namespace
{

using text::user_error;

// Larger files are refused: no workload of the platform comes near, and a mistaken path should not eat the memory.
constexpr std::uintmax_t max_file_bytes = std::uintmax_t{1} << 32;

struct dtype_entry {
    npy_dtype dtype;
    const char* code; // as in the header, after the byte order
    const char* name;
    std::size_t bytes;
};

constexpr dtype_entry dtypes[] = {
    {npy_dtype::u1, "u1", "uint8", 1},   {npy_dtype::i1, "i1", "int8", 1},   {npy_dtype::u2, "u2", "uint16", 2},
    {npy_dtype::i2, "i2", "int16", 2},   {npy_dtype::u4, "u4", "uint32", 4}, {npy_dtype::i4, "i4", "int32", 4},
    {npy_dtype::u8, "u8", "uint64", 8},  {npy_dtype::i8, "i8", "int64", 8},  {npy_dtype::f2, "f2", "float16", 2},
    {npy_dtype::f4, "f4", "float32", 4}, {npy_dtype::f8, "f8", "float64", 8}, {npy_dtype::b1, "b1", "bool", 1},
};

const dtype_entry& entry_of(npy_dtype dtype)
{
    for (const dtype_entry& entry : dtypes)
        if (entry.dtype == dtype)
            return entry;
    return dtypes[0]; // not reached: the table has every value of the enumeration
}

[[noreturn]] void fail_big_endian(const std::string& descr, const std::string& source)
{
    throw user_error(source + ": header field 'descr': '" + descr +
                     "' is big-endian; save the array little-endian, as with array.astype('<" + descr.substr(1) + "')");
}

// Bytes of an array of this shape; throws when they don't fit into std::size_t.
std::size_t bytes_of(const npy_header& header, std::size_t element_bytes, const std::string& source)
{
    // A dimension of 0 makes the array empty, however large the others are.
    for (const std::size_t dimension : header.shape)
        if (dimension == 0)
            return 0;
    std::size_t bytes = element_bytes;
    for (const std::size_t dimension : header.shape) {
        if (bytes > std::numeric_limits<std::size_t>::max() / dimension)
            throw user_error(source + ": header field 'shape': " + shape_text(header.shape) +
                             " has more elements than a computer can hold");
        bytes *= dimension;
    }
    return bytes;
}

// Reorders elements from first index fastest to last index fastest.
std::vector<std::uint8_t> to_c_order(const std::vector<std::uint8_t>& bytes, const std::vector<std::size_t>& shape,
                                     std::size_t element_bytes)
{
    std::vector<std::uint8_t> result(bytes.size());
    std::vector<std::size_t> strides(shape.size());
    std::size_t stride = element_bytes;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        strides[i] = stride;
        stride *= shape[i];
    }
    std::vector<std::size_t> index(shape.size(), 0);
    std::size_t from = 0;
    for (std::size_t to = 0; to < result.size(); to += element_bytes) {
        std::memcpy(&result[to], &bytes[from], element_bytes);
        for (std::size_t i = shape.size(); i-- > 0;) { // count up, last index first
            from += strides[i];
            if (++index[i] < shape[i])
                break;
            from -= strides[i] * shape[i];
            index[i] = 0;
        }
    }
    return result;
}

std::uint64_t load_little_endian(const std::uint8_t* bytes, std::size_t count)
{
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

// Largest magnitude up to which every integer is a double.
constexpr std::uint64_t exact_in_double = std::uint64_t{1} << std::numeric_limits<double>::digits;

// The conversions return false when the value has no equal in T.
template <class T> bool convert(std::uint64_t value, T& result)
{
    if constexpr (std::is_floating_point_v<T>) {
        result = static_cast<T>(value);
        return value <= exact_in_double;
    } else {
        result = static_cast<T>(value);
        return value <= static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    }
}

template <class T> bool convert(std::int64_t value, T& result)
{
    if (value >= 0)
        return convert(static_cast<std::uint64_t>(value), result);
    result = static_cast<T>(value);
    if constexpr (std::is_floating_point_v<T>)
        return value >= -static_cast<std::int64_t>(exact_in_double);
    else if constexpr (std::is_signed_v<T>)
        return value >= std::numeric_limits<T>::min();
    else
        return false;
}

template <class T> bool convert(double value, T& result)
{
    if constexpr (std::is_floating_point_v<T>) {
        result = value;
        return true;
    } else {
        // The first value above the range is a power of two and so exact as a double, unlike the largest in the range.
        const double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
        const double lowest = std::is_signed_v<T> ? -limit : 0.0;
        if (!(value >= lowest && value < limit) || value != std::trunc(value)) // NaN fails the first
            return false;
        result = static_cast<T>(value);
        return true;
    }
}

bool is_float(npy_dtype dtype)
{
    return dtype == npy_dtype::f2 || dtype == npy_dtype::f4 || dtype == npy_dtype::f8;
}

double load_float(const std::uint8_t* bytes, std::size_t count)
{
    const std::uint64_t bits = load_little_endian(bytes, count);
    if (count == 2) { // IEEE's binary16: a sign, 5 bits of exponent, 10 of fraction
        const int exponent = static_cast<int>(bits >> 10 & 31), fraction = static_cast<int>(bits & 1023);
        const double size = exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                           : std::ldexp(exponent == 0 ? fraction : fraction + 1024, std::max(exponent, 1) - 25);
        return bits >> 15 != 0 ? -size : size;
    }
    if (count == sizeof(float)) {
        const auto narrow = static_cast<std::uint32_t>(bits);
        float value;
        std::memcpy(&value, &narrow, sizeof value);
        return static_cast<double>(value);
    }
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// Sign-extends an integer of `count` bytes.
std::int64_t load_signed(const std::uint8_t* bytes, std::size_t count)
{
    std::uint64_t sign = 0x80;
    for (std::size_t i = 1; i < count; ++i)
        sign <<= 8;
    return static_cast<std::int64_t>((load_little_endian(bytes, count) ^ sign) - sign);
}

template <class T> std::string type_name()
{
    if constexpr (std::is_floating_point_v<T>)
        return "float64";
    else
        return (std::is_signed_v<T> ? "int" : "uint") + std::to_string(8 * sizeof(T));
}

} // namespace

npy_dtype npy_dtype_of(const std::string& descr, const std::string& source)
{
    const std::string code = descr.empty() ? descr : descr.substr(1);
    for (const dtype_entry& entry : dtypes) {
        if (code != entry.code)
            continue;
        const char order = descr[0];
        if (order == '>' && entry.bytes > 1)
            fail_big_endian(descr, source);
        if (order == '<' || order == '=' || entry.bytes == 1)
            return entry.dtype;
    }
    throw user_error(source + ": header field 'descr': element type '" + descr +
                     "' is not supported; supported are u1, i1, u2, i2, u4, i4, u8, i8, f2, f4, f8 and b1");
}

const char* npy_dtype_name(npy_dtype dtype)
{
    return entry_of(dtype).name;
}

std::size_t npy_dtype_bytes(npy_dtype dtype)
{
    return entry_of(dtype).bytes;
}

bool npy_dtype_is_integer(npy_dtype dtype)
{
    return !is_float(dtype) && dtype != npy_dtype::b1;
}

std::string index_text(const std::vector<std::size_t>& shape, std::size_t element)
{
    std::string text;
    for (std::size_t i = shape.size(); i-- > 0;) {
        const std::size_t dimension = shape[i] == 0 ? 1 : shape[i];
        text.insert(0, text.empty() ? "" : ", ").insert(0, std::to_string(element % dimension));
        element /= dimension;
    }
    return "[" + text + "]";
}

template <class T> std::vector<T> npy_array::as() const
{
    const std::size_t width = npy_dtype_bytes(dtype);
    std::vector<T> result(size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        const std::uint8_t* at = &bytes[i * width];
        bool exact = false;
        std::string value;
        if (is_float(dtype)) {
            const double number = load_float(at, width);
            exact = convert(number, result[i]);
            if (!exact)
                value = std::to_string(number);
        } else if (dtype == npy_dtype::i1 || dtype == npy_dtype::i2 || dtype == npy_dtype::i4 ||
                   dtype == npy_dtype::i8) {
            const std::int64_t number = load_signed(at, width);
            exact = convert(number, result[i]);
            if (!exact)
                value = std::to_string(number);
        } else {
            const std::uint64_t number = load_little_endian(at, width);
            exact = convert(number, result[i]);
            if (!exact)
                value = std::to_string(number);
        }
        if (!exact)
            throw user_error(source + ": element " + index_text(shape, i) + " is " + value + ", which is no " +
                             type_name<T>());
    }
    return result;
}

template std::vector<std::int8_t> npy_array::as() const;
template std::vector<std::uint8_t> npy_array::as() const;
template std::vector<std::int16_t> npy_array::as() const;
template std::vector<std::uint16_t> npy_array::as() const;
template std::vector<std::int32_t> npy_array::as() const;
template std::vector<std::uint32_t> npy_array::as() const;
template std::vector<std::int64_t> npy_array::as() const;
template std::vector<std::uint64_t> npy_array::as() const;
template std::vector<double> npy_array::as() const;

void require_size(const npy_layout& layout, std::size_t bytes_behind_header)
{
    if (layout.data_bytes != bytes_behind_header)
        throw user_error(layout.kind.source + ": header says shape " + shape_text(layout.kind.shape) + " of " +
                         npy_dtype_name(layout.kind.dtype) + " = " + std::to_string(layout.data_bytes) +
                         " bytes, but the file holds " + std::to_string(bytes_behind_header) + " after the header");
}

npy_layout parse_npy_layout(const std::vector<std::uint8_t>& head, const std::string& source)
{
    const npy_header header = parse_npy_header(head, source);
    if (!header.fields.empty())
        throw user_error(source + ": header field 'descr': arrays of structures are not supported here");
    npy_layout layout{{source, header.shape, npy_dtype_of(header.descr, source)},
                      header.fortran_order && header.shape.size() > 1,
                      header.data_offset, 0};
    layout.data_bytes = bytes_of(header, npy_dtype_bytes(layout.kind.dtype), source);
    return layout;
}

npy_array parse_npy(std::vector<std::uint8_t> bytes, const std::string& source)
{
    const npy_layout layout = parse_npy_layout(bytes, source);
    require_size(layout, bytes.size() - layout.data_offset);
    npy_array array;
    array.source = source;
    array.dtype = layout.kind.dtype;
    array.shape = layout.kind.shape;
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(layout.data_offset));
    array.bytes =
        layout.fortran_order ? to_c_order(bytes, array.shape, npy_dtype_bytes(array.dtype)) : std::move(bytes);
    return array;
}

namespace
{

template <class T> std::size_t widen(const std::uint8_t* bytes, std::size_t count, double* to)
{
    for (std::size_t i = 0; i < count; ++i, bytes += sizeof(T)) {
        T value;
        std::memcpy(&value, bytes, sizeof value); // of the hosts that there are, all are little-endian
        if constexpr (std::is_floating_point_v<T>) {
            to[i] = static_cast<double>(value);
        } else if constexpr (std::is_signed_v<T>) {
            if (!convert(std::int64_t{value}, to[i]))
                return i;
        } else if (!convert(std::uint64_t{value}, to[i])) {
            return i;
        }
    }
    return count;
}

} // namespace

std::size_t to_doubles(npy_dtype dtype, const std::uint8_t* bytes, std::size_t count, double* to)
{
    switch (dtype) {
    case npy_dtype::i1:
        return widen<std::int8_t>(bytes, count, to);
    case npy_dtype::u2:
        return widen<std::uint16_t>(bytes, count, to);
    case npy_dtype::i2:
        return widen<std::int16_t>(bytes, count, to);
    case npy_dtype::u4:
        return widen<std::uint32_t>(bytes, count, to);
    case npy_dtype::i4:
        return widen<std::int32_t>(bytes, count, to);
    case npy_dtype::u8:
        return widen<std::uint64_t>(bytes, count, to);
    case npy_dtype::i8:
        return widen<std::int64_t>(bytes, count, to);
    case npy_dtype::f2:
        for (std::size_t i = 0; i < count; ++i)
            to[i] = load_float(bytes + 2 * i, 2);
        return count;
    case npy_dtype::f4:
        return widen<float>(bytes, count, to);
    case npy_dtype::f8:
        return widen<double>(bytes, count, to);
    default:
        return widen<std::uint8_t>(bytes, count, to);
    }
}

std::vector<std::uint8_t> read_file_bytes(const std::string& path, std::uint64_t most)
{
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
        throw user_error(path + ": no such file");
    // A pipe or a device has no size to check the header against.
    if (!std::filesystem::is_regular_file(status))
        throw user_error(path + ": not a regular file");
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error)
        throw user_error(path + ": cannot be read: " + error.message());
    if (size > max_file_bytes)
        throw user_error(path + ": larger than 4 GiB");

    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw user_error(path + ": cannot be opened for reading");
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(std::min<std::uintmax_t>(size, most)));
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (static_cast<std::size_t>(file.gcount()) != bytes.size())
        throw user_error(path + ": could only read " + std::to_string(file.gcount()) + " of " + std::to_string(size) +
                         " bytes");
    return bytes;
}

npy_array read_npy(const std::string& path)
{
    return parse_npy(read_file_bytes(path, max_file_bytes), path);
}

npy_kind read_npy_kind(const std::string& path)
{
    return parse_npy_layout(read_file_bytes(path, npy_head_bytes), path).kind;
}

std::string npy_file(npy_dtype dtype, const std::vector<std::size_t>& shape, const std::string& elements)
{
    const dtype_entry& type = entry_of(dtype);
    std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': {}, }}",
                                     type.bytes == 1 ? '|' : '<', type.code, shape_text(shape));
    constexpr std::size_t before = 10, block = 64; // magic, version and length; what elements are aligned to
    header.resize((before + header.size() + 1 + block - 1) / block * block - before - 1, ' ');
    header += '\n';
    std::string file("\x93NUMPY\x01\x00", 8);
    file += static_cast<char>(header.size() & 0xff);
    file += static_cast<char>(header.size() >> 8);
    return file + header + elements;
}

} // namespace loas::formats
