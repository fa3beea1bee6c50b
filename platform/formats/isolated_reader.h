// Runs a reader in a process of its own, so that a damaged file can't take the platform down.
// HDF5's library trusts the files it reads: about one in a hundred files with a few random bytes changed makes release
// 1.10.8 crash, loop forever or allocate without end. In a child process that costs an error message.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "platform/formats/nir.h"
#include "platform/process/child.h"

namespace loas::formats
{

using reader_limits = process::child_limits;

/// Limits that leave ample room for a sound NIR file of that size.
reader_limits limits_for(std::uint64_t file_bytes);

/// The result of reader(path), computed in a child process. A text::user_error of the reader is thrown here with the
/// same message; a crash, a limit reached or any other exception becomes a text::user_error that names the file.
/// Standard error of the child is closed. The child is a fork: don't call this while other threads hold locks that
/// the reader needs.
nir_graph read_isolated(const std::string& path, const std::function<nir_graph(const std::string&)>& reader,
                        const reader_limits& limits);

} // namespace loas::formats
