// The way into the library that knows HDF5.
#pragma once

#include "platform/formats/nir.h"

#include <string>

namespace loas::formats
{

/// A function of the library that knows HDF5, which is loaded for it. Throws std::runtime_error.
void* hdf5_function(const char* name);

/// Fills an empty graph. Throws text::user_error.
extern "C" void loas_read_nir_file(const std::string& path, nir_graph& graph);

} // namespace loas::formats
