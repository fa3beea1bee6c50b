// LZF is a filter that HDF5's library does not know by itself.
#include "platform/formats/hdf5_file.h"

#include <algorithm>
#include <liblzf/lzf.h>

namespace loas::formats
{
namespace
{

constexpr H5Z_filter_t lzf_number = 32000; // h5py's, in the register of the HDF Group
constexpr std::size_t most_from_a_byte = 88; // of LZF: three bytes stand for 264 at most

/// Answers the size of what `*buffer` holds then; 0: damaged, or to be compressed, which is not done here. `values`:
/// versions of filter and library, and the size of a chunk, in bytes.
std::size_t unpack(unsigned flags, std::size_t count, const unsigned values[], std::size_t bytes, std::size_t* size,
                   void** buffer)
{
    if ((flags & H5Z_FLAG_REVERSE) == 0 || count < 3)
        return 0;
    const std::size_t chunk = std::min<std::size_t>(values[2], bytes * most_from_a_byte);
    void* unpacked = H5allocate_memory(std::max<std::size_t>(chunk, 1), false);
    if (unpacked == nullptr)
        return 0;
    const unsigned result = lzf_decompress(*buffer, static_cast<unsigned>(bytes), unpacked, static_cast<unsigned>(chunk));
    if (result == 0) {
        H5free_memory(unpacked);
        return 0;
    }
    H5free_memory(*buffer);
    *buffer = unpacked;
    *size = chunk;
    return result;
}

} // namespace

void read_lzf()
{
    static const H5Z_class2_t filter{H5Z_CLASS_T_VERS, lzf_number, 0, 1, "lzf", nullptr, nullptr, unpack};
    H5Zregister(&filter); // without it a file that needs it cannot be read, which is told
}

} // namespace loas::formats
