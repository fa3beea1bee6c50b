#include "platform/results/result.h"

#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace loas::results
{

void write_file(const std::filesystem::path& path, const std::string& text)
{
    bool given = false;
    write_file(path, [&](std::string& part) {
        part += given ? "" : text;
        return !std::exchange(given, true);
    });
}

void write_file(const std::filesystem::path& path, const std::function<bool(std::string&)>& next)
{
    // Nobody ever sees half a file, and none is left behind, whatever ends us: it has no name until it is whole. Where
    // the file system cannot do that, it is written beside. Names are of our own: others may write here too. Only who is
    // killed in the instant in which a file takes an older one's place leaves it beside, whole, as path.PID.
    std::string temporary = path.string() + ".XXXXXX";
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    int file = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    bool named = file < 0;
    const auto fail = [&](const char* what) {
        const std::string reason = text::reason_of(errno);
        if (file >= 0)
            ::close(file);
        if (named)
            ::unlink(temporary.c_str());
        throw text::user_error(path.string() + ": cannot " + what + ": " + reason);
    };
    if (named) {
        file = ::mkostemp(temporary.data(), O_CLOEXEC);
        const ::mode_t mask = ::umask(0); // mkstemp makes files private; a result is like any other file
        ::umask(mask);
        if (file < 0 || ::fchmod(file, 0666 & ~mask) != 0)
            fail("create");
    }
    constexpr std::size_t enough_bytes = 1 << 16; // for a write
    std::string text;
    for (bool more = true; more;) {
        text.clear();
        while (more && text.size() < enough_bytes)
            more = next(text);
        for (std::size_t written = 0; written < text.size();) {
            const ::ssize_t part = ::write(file, text.data() + written, text.size() - written);
            if (part < 0 && errno != EINTR)
                fail("write");
            written += part > 0 ? static_cast<std::size_t>(part) : 0;
        }
    }
    if (!named) {
        const std::string open_file = "/proc/self/fd/" + std::to_string(file);
        const auto name = [&](const std::string& as) {
            return ::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, as.c_str(), AT_SYMLINK_FOLLOW) == 0;
        };
        if (name(path.string())) {
            temporary.clear();
        } else {
            temporary = path.string() + '.' + std::to_string(::getpid());
            ::unlink(temporary.c_str()); // of one that was killed and had our number
            if (!name(temporary))
                fail("create");
            named = true;
        }
    }
    if (::close(std::exchange(file, -1)) != 0)
        fail("write");
    if (!temporary.empty() && std::rename(temporary.c_str(), path.c_str()) != 0)
        fail("replace");
}

} // namespace loas::results
