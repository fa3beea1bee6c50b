#include "platform/formats/npy_stream.h"

#include "platform/formats/npz.h"
#include "platform/formats/npz_member.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace loas::formats
{

using text::user_error;

npy_stream::npy_stream(const std::string& path, npy_order order) : m_layout(parse_npy_layout(head_of_npy_or_npz(path), path))
{
    const text::archive_entry given = text::split_entry(path);
    if (m_layout.fortran_order || (given.file != path && order == npy_order::any)) {
        m_bytes = read_npy_or_npz(path).bytes;
    } else if (given.file == path) {
        require_size(m_layout, std::filesystem::file_size(path) - m_layout.data_offset);
        m_file.open(path, std::ios::binary);
    } else {
        m_member = std::make_unique<npz_member>(path, given);
        require_size(m_layout, static_cast<std::size_t>(m_member->size()) - m_layout.data_offset);
    }
}

npy_stream::~npy_stream() = default;
npy_stream::npy_stream(npy_stream&&) noexcept = default;

void npy_stream::read_bytes(std::size_t first, std::size_t count, std::uint8_t* to)
{
    if (!m_bytes.empty()) {
        std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(first), count, to);
        return;
    }
    first += m_layout.data_offset;
    bool all = false;
    if (m_member != nullptr) {
        if (first < m_at) {
            m_member->restart();
            m_at = 0;
        }
        std::vector<std::uint8_t> skipped(std::min<std::size_t>(first - m_at, 1 << 16));
        while (m_at < first) {
            const std::size_t part = m_member->read(skipped.data(), std::min(skipped.size(), first - m_at));
            if (part == 0)
                break;
            m_at += part;
        }
        const std::size_t read = m_at == first ? m_member->read(to, count) : 0;
        m_at += read;
        all = read == count;
        if (all && m_at == m_layout.data_offset + m_layout.data_bytes)
            m_member->require_end();
    } else {
        m_file.seekg(static_cast<std::streamoff>(first));
        m_file.read(reinterpret_cast<char*>(to), static_cast<std::streamsize>(count));
        all = static_cast<bool>(m_file);
    }
    if (!all)
        throw user_error(m_layout.kind.source + ": ends before its last element");
}

std::vector<double> npy_stream::read(std::size_t first, std::size_t count)
{
    const std::size_t width = npy_dtype_bytes(m_layout.kind.dtype);
    std::vector<std::uint8_t> bytes(count * width);
    if (count > 0)
        read_bytes(first * width, bytes.size(), bytes.data());
    std::vector<double> values(count);
    if (const std::size_t exact = to_doubles(m_layout.kind.dtype, bytes.data(), count, values.data()); exact < count)
        throw user_error(fmt::format("{}: element {} is beyond 2^53", m_layout.kind.source,
                                     index_text(m_layout.kind.shape, first + exact)));
    return values;
}

} // namespace loas::formats
