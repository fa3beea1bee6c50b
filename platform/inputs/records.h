// Arrays of records, as of events.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace loas::inputs
{

/// Its fields by name, in the order of the file.
struct npy_records {
    std::string source;
    std::size_t count = 0;
    std::vector<std::pair<std::string, std::vector<double>>> fields;
};

/// True for an array of records, by its header. Throws text::user_error.
bool holds_records(const std::string& path);

/// Throws text::user_error naming file and field: no one-dimensional array of records of numbers, damaged.
npy_records read_records(const std::string& path);

} // namespace loas::inputs
