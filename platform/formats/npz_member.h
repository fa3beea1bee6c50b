// The bytes of a member of a zip archive, unpacked as they are asked for. Private to this room.
#pragma once

#include "platform/text/read_text.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <zip.h>

namespace loas::formats
{

class npz_member
{
public:
    /// given: file and name of the array. Throws text::user_error: no archive, no such array, naming those it has, or
    /// one that would unpack to more than 1 GiB.
    npz_member(std::string path, const text::archive_entry& given);

    /// Bytes that the archive says it has.
    std::uint64_t size() const { return m_size; }

    /// The next ones; fewer than asked for are the last. Throws text::user_error for damaged ones.
    std::size_t read(std::uint8_t* to, std::size_t bytes);
    /// npy_head_bytes of them.
    std::vector<std::uint8_t> head();
    /// All, of which the head, of npy_head_bytes, says how many there must be.
    std::vector<std::uint8_t> whole(const std::function<std::size_t(const std::vector<std::uint8_t>& head)>& expected);
    /// Throws text::user_error if there are more.
    void require_end();
    /// From the first byte again.
    void restart();

private:
    std::string m_path;
    std::unique_ptr<zip_t, void (*)(zip_t*)> m_archive;
    std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> m_member;
    zip_uint64_t m_index = 0, m_size = 0;
};

} // namespace loas::formats
