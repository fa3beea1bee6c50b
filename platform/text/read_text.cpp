#include "platform/text/read_text.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace loas::text
{
namespace
{

constexpr int longest_wait_ms = 10'000; // for a program that writes into a pipe, as in <(...) of a shell

/// A part of it, or "" at its end. False: it cannot be read.
bool read_part(int file, char (&block)[4096], std::size_t& bytes)
{
    for (;;) {
        const ::ssize_t part = ::read(file, block, sizeof block);
        bytes = part > 0 ? static_cast<std::size_t>(part) : 0;
        if (part >= 0)
            return true;
        pollfd open{file, POLLIN, 0};
        if (errno == EAGAIN ? ::poll(&open, 1, longest_wait_ms) <= 0 : errno != EINTR)
            return false;
    }
}

} // namespace

std::optional<std::string> read_text(const std::filesystem::path& file, std::size_t most_bytes)
{
    // To open a pipe without a writer would wait for one, perhaps for ever.
    const int open = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (open < 0)
        return {};
    std::string text;
    bool whole = true;
    char block[4096];
    for (std::size_t bytes = 1; whole && bytes > 0 && text.size() <= most_bytes;) {
        whole = read_part(open, block, bytes);
        text.append(block, bytes);
    }
    struct stat kind {
    };
    const bool unwritten = text.empty() && ::fstat(open, &kind) == 0 && S_ISFIFO(kind.st_mode);
    ::close(open);
    return whole && !unwritten ? std::optional<std::string>(std::move(text)) : std::nullopt;
}

archive_entry split_entry(const std::string& path)
{
    for (const std::string_view ending : {".npz:", ".h5:", ".hdf5:", ".nir:"})
        if (const std::size_t at = path.rfind(ending); at != std::string::npos) {
            const std::size_t entry = at + ending.size();
            return {path.substr(0, entry - 1), path.substr(entry)};
        }
    return {path, {}};
}

} // namespace loas::text
