// Arrays in NumPy's .npz archives, which are zip files with one .npy file for each array.
#pragma once

#include "platform/formats/npy.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace loas::formats
{

/// "FILE.npz:NAME" is the array NAME of an archive, anything else an .npy file. Throws text::user_error like
/// read_npy(), and for an archive that is damaged or has no such array, naming those it has.
npy_array read_npy_or_npz(const std::string& path);

/// Names of the arrays in an archive, in its order. Throws text::user_error.
std::vector<std::string> arrays_in_npz(const std::string& file);

/// The first npy_head_bytes of such a file, or all.
std::vector<std::uint8_t> head_of_npy_or_npz(const std::string& path);

/// All of it, of which `expected` says by the head how many bytes there must be. Throws the same.
std::vector<std::uint8_t>
bytes_of_npy_or_npz(const std::string& path,
                    const std::function<std::size_t(const std::vector<std::uint8_t>& head)>& expected);

/// Only what its header says. Throws the same.
npy_kind read_kind_of_npy_or_npz(const std::string& path);

} // namespace loas::formats
