// An array that need not be in memory as a whole: its numbers part by part.
#pragma once

#include "platform/formats/npy.h"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace loas::formats
{

class npz_member;

/// How elements will be asked for.
enum class npy_order { front_to_back, any };

/// The elements of an .npy file, or of "FILE.npz:NAME", in C order. Those of a file in Fortran order, and of an archive
/// from which they are asked for in any order, are kept in memory, in its type; others are read each time.
class npy_stream
{
public:
    /// Reads the header. Throws text::user_error like read_npy_or_npz().
    explicit npy_stream(const std::string& path, npy_order order = npy_order::front_to_back);
    ~npy_stream();
    npy_stream(npy_stream&&) noexcept;

    const npy_kind& kind() const { return m_layout.kind; }

    /// Elements [first, first + count) as doubles. Throws text::user_error: damaged, or an integer that no double holds.
    std::vector<double> read(std::size_t first, std::size_t count);

private:
    void read_bytes(std::size_t first, std::size_t count, std::uint8_t* to);

    npy_layout m_layout;
    std::vector<std::uint8_t> m_bytes;    ///< of one that is kept
    std::ifstream m_file;                 ///< or that
    std::unique_ptr<npz_member> m_member; ///< or that
    std::size_t m_at = 0;                 ///< of the member: bytes that were read
};

} // namespace loas::formats
