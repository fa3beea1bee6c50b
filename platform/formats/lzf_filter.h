// LZF, with which h5py compresses where asked to (compression="lzf"), and which HDF5's library does not know by itself.
#pragma once

namespace loas::formats
{

/// Datasets of this process that are compressed so can be read from now on.
void read_lzf();

} // namespace loas::formats
