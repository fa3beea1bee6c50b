// Arrays in NumPy's .npz archives, which are zip files with one .npy file for each array.
#pragma once

#include "platform/formats/npy.h"

#include <string>

namespace loas::formats
{

/// "FILE.npz:NAME" is the array NAME of an archive, anything else an .npy file. Throws text::user_error like
/// read_npy(), and for an archive that is damaged or has no such array, naming those it has.
npy_array read_npy_or_npz(const std::string& path);

/// Only what its header says. Throws the same.
npy_kind read_kind_of_npy_or_npz(const std::string& path);

} // namespace loas::formats
