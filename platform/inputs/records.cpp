#include "platform/inputs/records.h"

#include "platform/formats/npy_header.h"
#include "platform/formats/npz.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>

namespace loas::inputs
{
namespace
{

using text::user_error;

/// A field's place in a record.
struct column {
    std::string name;
    formats::npy_dtype dtype;
    std::size_t offset;
};

/// Bytes of one that only fills up: '|V3'.
std::size_t padding_of(const std::string& descr)
{
    return descr.size() > 2 && descr[1] == 'V' ? std::strtoul(descr.c_str() + 2, nullptr, 10) : 0;
}

struct record_layout {
    std::vector<column> columns;
    std::size_t bytes = 0, rows = 0, data_offset = 0;
};

record_layout layout_of_records(const formats::npy_header& header, const std::string& source)
{
    if (header.fields.empty())
        throw user_error(source + ": expected an array of records, as of events (x, y, t, p)");
    if (header.shape.size() != 1)
        throw user_error(fmt::format("{}: records of shape {}, expected one dimension", source,
                                     formats::shape_text(header.shape)));
    record_layout layout;
    layout.rows = header.shape[0];
    layout.data_offset = header.data_offset;
    for (const formats::npy_field& field : header.fields) {
        if (const std::size_t padding = padding_of(field.descr); padding > 0 && padding < 1 << 16) {
            layout.bytes += padding;
            continue;
        }
        const formats::npy_dtype dtype = formats::npy_dtype_of(field.descr, fmt::format("{}: field '{}'", source, field.name));
        layout.columns.push_back({field.name, dtype, layout.bytes});
        layout.bytes += formats::npy_dtype_bytes(dtype);
    }
    if (layout.bytes == 0 || layout.rows > (std::uint64_t{1} << 32) / layout.bytes)
        throw user_error(source + ": larger than 4 GiB");
    return layout;
}

} // namespace

bool holds_records(const std::string& path)
{
    return !formats::parse_npy_header(formats::head_of_npy_or_npz(path), path).fields.empty();
}

npy_records read_records(const std::string& path)
{
    record_layout layout;
    const std::vector<std::uint8_t> bytes =
        formats::bytes_of_npy_or_npz(path, [&](const std::vector<std::uint8_t>& head) {
            layout = layout_of_records(formats::parse_npy_header(head, path), path);
            return layout.data_offset + layout.rows * layout.bytes;
        });
    npy_records records{path, layout.rows, {}};
    for (const column& each : layout.columns) {
        std::vector<double>& values = records.fields.emplace_back(each.name, std::vector<double>(layout.rows)).second;
        const std::uint8_t* at = bytes.data() + layout.data_offset + each.offset;
        for (std::size_t row = 0; row < layout.rows; ++row, at += layout.bytes)
            if (formats::to_doubles(each.dtype, at, 1, &values[row]) != 1)
                throw user_error(fmt::format("{}: field '{}' of record {} is beyond 2^53", path,
                                             text::printable(each.name), row));
    }
    return records;
}

} // namespace loas::inputs
