#include "platform/sweep/store.h"

#include "platform/results/result.h"
#include "platform/results/tree.h"
#include "platform/sweep/listed_axes.h"
#include "platform/sweep/point_record.h"
#include "platform/text/read_text.h"
#include "platform/text/toml_reader.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <sstream>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace loas::sweep
{
namespace
{

namespace fs = std::filesystem;
using text::user_error;

[[noreturn]] void fail(const fs::path& path, const char* what)
{
    throw user_error(fmt::format("{}: cannot {}: {}", path.string(), what, text::reason_of(errno)));
}

/// What a kill left beside in the instant in which write_file() replaced a file: only its holder writes in a folder.
void remove_left_behind(const fs::path& folder)
{
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
        const fs::path name = entry.path().filename();
        const std::string number = name.extension().string();
        if ((name.stem() == points_file || name.stem() == sweep_file) && number.size() > 1 &&
            std::all_of(number.begin() + 1, number.end(), [](char c) { return c >= '0' && c <= '9'; }))
            fs::remove(entry.path(), ignored);
    }
}

void require_file(const fs::path& file)
{
    std::error_code ignored;
    const bool there = fs::exists(fs::symlink_status(file, ignored));
    if (!fs::is_regular_file(file, ignored))
        throw user_error(fmt::format("{}: {}; a folder of loas-vp sweep is needed", file.string(),
                                     there ? "a pipe, a device, a folder or a link to nothing, and no file"
                                           : "no such file"));
}

std::string text_of(const fs::path& file)
{
    require_file(file);
    std::optional<std::string> text = text::read_text(file, std::string::npos);
    if (!text)
        throw user_error(fmt::format("{}: cannot read it", file.string()));
    return *std::move(text);
}

/// Reads the index; returns what is wrong with the line, or "".
std::string mistake_in(const std::string& line, std::size_t points, listed_axes& axes, std::size_t& index)
{
    point_record point;
    try {
        point = read_point(line);
    } catch (const results::tree_error& damaged) {
        return damaged.what();
    }
    index = point.index;
    return index < points ? axes.mistake_in(point) : fmt::format("index is {} of {} points", index, points);
}

/// Two sweeps that differ: where?
std::string first_difference(const std::string& there, const std::string& here)
{
    std::istringstream left(there), right(here);
    std::string a, b;
    while (std::getline(left, a) && std::getline(right, b)) {
        if (a != b)
            return fmt::format("\n  there: {}\n  here:  {}", text::printable(a), text::printable(b));
    }
    return " (its base scenario, or a file that is named there, is another)";
}

} // namespace

std::string to_text(const identity& sweep)
{
    return fmt::format("# The sweep of the points beside this file, with all values listed; it can be swept again.\n"
                       "{}\n[resolved]\npoints = {}\nfingerprint = \"{}\"\n",
                       sweep.toml, sweep.points, sweep.fingerprint);
}

identity read_identity(const fs::path& folder)
{
    const fs::path file = folder / sweep_file;
    identity found;
    found.toml = text_of(file);
    try {
        const toml::table root = text::parse_toml(found.toml, file);
        found.points = root["resolved"]["points"].value_or(std::size_t{0});
        found.fingerprint = root["resolved"]["fingerprint"].value_or(std::string());
    } catch (const user_error&) { // nor is it ours
    }
    if (found.points == 0 || found.fingerprint.empty())
        throw user_error(fmt::format("{}: not written by loas-vp sweep", file.string()));
    found.toml = found.toml.substr(found.toml.find('\n') + 1); // to_text() adds the comment
    found.toml.resize(std::min(found.toml.size(), found.toml.rfind("\n[resolved]\n")));
    return found;
}

point_lines::point_lines(const fs::path& folder, std::size_t points) : m_file(folder / points_file)
{
    require_file(m_file);
    std::ifstream stream(m_file, std::ios::binary);
    listed_axes axes(folder / sweep_file, read_identity(folder).toml, points);
    std::vector<bool> seen(points);
    std::string line;
    for (std::size_t number = 1; std::getline(stream, line) && !stream.eof(); ++number) {
        std::size_t index = 0;
        if (const std::string mistake = mistake_in(line, points, axes, index); !mistake.empty()) {
            // After a power failure the end may be anything; but what is a whole line somebody has changed.
            if (stream.peek() == std::ifstream::traits_type::eof() && !nlohmann::json::accept(line))
                break;
            throw user_error(fmt::format("{}:{}: not the line of a point of this sweep: {}; without it, --resume "
                                         "computes the point again",
                                         m_file.string(), number, mistake));
        }
        if (seen[index] && !stands_above(line, index))
            throw user_error(fmt::format("{}:{}: of point {} another line stands above", m_file.string(), number, index));
        if (!seen[index])
            m_places.push_back(
                {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(line.size()), m_whole_bytes});
        seen[index] = true;
        m_whole_bytes += line.size() + 1;
    }
    if (stream.bad() || !stream.is_open())
        throw user_error(fmt::format("{}: cannot read it", m_file.string()));
    m_open = ::open(m_file.c_str(), O_RDONLY | O_CLOEXEC);
    if (m_open < 0)
        fail(m_file, "open");
}

/// Whether the line of the same index is the same.
bool point_lines::stands_above(const std::string& line, std::size_t index) const
{
    const auto above = std::find_if(m_places.begin(), m_places.end(), [&](const stretch& s) { return s.index == index; });
    std::ifstream stream(m_file, std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(above->offset));
    std::string other;
    return std::getline(stream, other) && other == line;
}

point_lines::point_lines(point_lines&& other) noexcept
    : m_file(std::move(other.m_file)), m_open(std::exchange(other.m_open, -1)), m_places(std::move(other.m_places)),
      m_whole_bytes(other.m_whole_bytes)
{
}

point_lines::~point_lines()
{
    if (m_open >= 0)
        ::close(m_open);
}

std::string point_lines::line(std::size_t place) const
{
    const stretch& where = m_places[place];
    std::string text(where.bytes, '\0');
    for (std::size_t got = 0; got < text.size();) {
        const ::ssize_t part =
            ::pread(m_open, text.data() + got, text.size() - got, static_cast<::off_t>(where.offset + got));
        if (part == 0)
            errno = EIO; // somebody cut it
        if (part <= 0 && errno != EINTR)
            fail(m_file, "read");
        got += part > 0 ? static_cast<std::size_t>(part) : 0;
    }
    return text;
}

bool point_lines::sort()
{
    const auto before = [](const stretch& a, const stretch& b) { return a.index < b.index; };
    if (std::is_sorted(m_places.begin(), m_places.end(), before))
        return false;
    std::sort(m_places.begin(), m_places.end(), before);
    return true;
}

void require_no_run(const fs::path& folder, const char* hint)
{
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(folder / results::result_file, ignored)))
        throw user_error(fmt::format("--out {}: holds the result of a run ({}); {}give another --out", folder.string(),
                                     results::result_file, hint));
}

store::store(const fs::path& folder, const identity& sweep, bool resume, bool force) : m_folder(folder)
{
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure)
        throw user_error(fmt::format("--out {}: cannot create the folder: {}", folder.string(), failure.message()));
    m_lock = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (m_lock < 0)
        fail(folder, "open the folder");
    try {
        // Any other failure: a file system without locks.
        if (::flock(m_lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
            throw user_error(fmt::format("--out {}: another sweep is writing there", folder.string()));
        const fs::path file = folder / points_file;
        if (fs::exists(fs::symlink_status(file, failure)) && !fs::is_regular_file(file, failure))
            throw user_error(fmt::format("{}: not a file of points, but a pipe, a device, a folder or a link to "
                                         "nothing; take it away, or give another --out",
                                         file.string()));
        m_finished.resize(sweep.points);
        remove_left_behind(folder);
        if (force)
            for (const char* each : {results::result_file, results::scenario_file, points_file})
                fs::remove(folder / each, failure);
        require_no_run(folder, "--force replaces it, or ");
        const bool there = fs::exists(file, failure);
        if (there && !resume)
            throw user_error(fmt::format("--out {}: holds a sweep already; --resume goes on with it, --force replaces it, "
                                         "or give another --out",
                                         folder.string()));
        if (there) {
            if (const identity old = read_identity(folder); old.fingerprint != sweep.fingerprint)
                throw user_error(fmt::format("--resume: {} holds another sweep{}", folder.string(),
                                             first_difference(old.toml, sweep.toml)));
            else if (old.toml != sweep.toml) // of the same points something else is asked
                results::write_file(folder / sweep_file, to_text(sweep));
        } else {
            results::write_file(folder / sweep_file, to_text(sweep));
        }
        m_file = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
        if (m_file < 0)
            fail(file, "open");
        if (there) {
            const point_lines old(folder, sweep.points);
            if (::ftruncate(m_file, static_cast<::off_t>(old.whole_bytes())) != 0)
                fail(file, "cut");
            for (std::size_t i = 0; i < old.size(); ++i)
                m_finished[old.index(i)] = true;
        }
    } catch (...) {
        let_go();
        throw;
    }
}

store::~store()
{
    let_go();
}

void store::append(std::size_t index, const std::string& line)
{
    const std::string text = line + '\n';
    const ::off_t before = ::lseek(m_file, 0, SEEK_END);
    ::ssize_t written = 0;
    do
        written = ::write(m_file, text.data(), text.size());
    while (written < 0 && errno == EINTR);
    if (written != static_cast<::ssize_t>(text.size())) {
        if (written >= 0)
            errno = ENOSPC; // a regular file takes less than all only when there is no more room
        const int reason = errno;
        // If that fails, too, the half line is cut on --resume.
        [[maybe_unused]] const int cut = written > 0 ? ::ftruncate(m_file, before) : 0;
        errno = reason;
        fail(m_folder / points_file, "write");
    }
    m_finished[index] = true;
}

point_lines store::sort()
{
    point_lines all(m_folder, m_finished.size());
    if (all.sort()) {
        std::size_t next = 0;
        results::write_file(m_folder / points_file, [&](std::string& text) {
            if (next == all.size())
                return false;
            text += all.line(next++) + '\n';
            return true;
        });
    }
    return all;
}

void store::let_go()
{
    for (int* each : {&m_file, &m_lock}) {
        if (*each >= 0)
            ::close(*each);
        *each = -1;
    }
}

} // namespace loas::sweep
