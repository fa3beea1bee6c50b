#include "platform/program/semihosting.h"

#include "models/cores/rv64/cpu/rv64_cpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <vector>

namespace loas::program
{
namespace
{

enum : std::uint64_t {
    call_open = 0x01,
    call_close = 0x02,
    call_write_char = 0x03,
    call_write_text = 0x04,
    call_write = 0x05,
    call_read = 0x06,
    call_read_char = 0x07,
    call_is_error = 0x08,
    call_is_console = 0x09,
    call_seek = 0x0a,
    call_length = 0x0c,
    call_remove = 0x0e,
    call_rename = 0x0f,
    call_clock = 0x10,
    call_time = 0x11,
    call_error = 0x13,
    call_command_line = 0x15,
    call_heap = 0x16,
    call_exit = 0x18,
    call_exit_extended = 0x20,
    call_elapsed = 0x30,
    call_tick_frequency = 0x31,
};

constexpr std::uint64_t application_exit = 0x20026;
constexpr std::uint64_t longest_name = 4096, chunk = 65536;
constexpr std::array<std::uint32_t, 3> sequence = {0x01f01013, 0x00100073, 0x40705013};

// Of the specification's extensions: exit with a code (bit 0), standard output and error are two (bit 1).
constexpr char features[] = "SHFB\x03";

/// Links have been followed: one that is left leads to what does not exist, and may lead out of the folder.
bool is_plain(const std::filesystem::path& place)
{
    std::error_code ignored;
    const std::filesystem::file_type type = std::filesystem::symlink_status(place, ignored).type();
    return type == std::filesystem::file_type::regular || type == std::filesystem::file_type::not_found;
}

} // namespace

semihosting::semihosting(machine::machine& on, settings settings) : m_machine(on), m_settings(std::move(settings)) {}

semihosting::~semihosting()
{
    for (auto& [handle, each] : m_files)
        if (!each.console)
            std::fclose(each.stream);
    std::fflush(m_settings.console);
}

bool semihosting::handle(rv64::hart& hart)
{
    std::array<std::uint32_t, 3> here{};
    if (!m_machine.debug_read(hart.pc() - 4, here.data(), sizeof here) || here != sequence)
        return false;
    m_now_ns = hart.cycle() * m_machine.rv64()->period_ps() / 1000;
    hart.set_x(10, static_cast<std::uint64_t>(call(hart.x(10), hart.x(11))));
    return true;
}

std::int64_t semihosting::call(std::uint64_t number, std::uint64_t argument)
{
    switch (number) {
    case call_write_char: {
        char letter = 0;
        if (!m_machine.debug_read(argument, &letter, 1))
            return -1;
        std::fputc(letter, m_settings.console);
        return 0;
    }
    case call_write_text:
        return write_text(argument);
    case call_read_char:
        std::fflush(m_settings.console);
        return std::getchar();
    case call_is_error:
        return static_cast<std::int64_t>(word(argument, 0)) < 0 ? 1 : 0;
    case call_clock: // hundredths of a second
        return static_cast<std::int64_t>(m_now_ns / 10'000'000);
    case call_time: // seconds since the beginning, not since 1970
        return static_cast<std::int64_t>(m_now_ns / 1'000'000'000);
    case call_elapsed:
        return m_machine.debug_write(argument, &m_now_ns, sizeof m_now_ns) ? 0 : -1;
    case call_tick_frequency:
        return 1'000'000'000;
    case call_error:
        return m_error;
    case call_command_line:
        return command_line(argument);
    case call_heap:
        return heap(argument);
    case call_exit:
    case call_exit_extended:
        return end(argument);
    default:
        return files(number, argument);
    }
}

/// What is about files.
std::int64_t semihosting::files(std::uint64_t number, std::uint64_t argument)
{
    if (number == call_open)
        return open(argument);
    if (number == call_remove || number == call_rename) {
        std::filesystem::path from, to;
        const bool here = place_of(text(word(argument, 0), word(argument, 1)), from);
        if (!here || (number == call_rename && !place_of(text(word(argument, 2), word(argument, 3)), to)))
            return failed(EACCES);
        const int answer = number == call_remove ? std::remove(from.c_str()) : std::rename(from.c_str(), to.c_str());
        return answer == 0 ? 0 : failed(errno);
    }
    if ((number < call_close || number > call_length) || number == call_length - 1) {
        if (!std::exchange(m_told, true))
            fmt::print(stderr, "loas-vp: semihosting: there is no call {:#x}; the program gets -1\n", number);
        return failed(ENOSYS);
    }
    open_file* of = file(word(argument, 0));
    if (of == nullptr)
        return failed(EBADF);
    switch (number) {
    case call_write:
        return write(argument);
    case call_read:
        return read(argument);
    case call_is_console:
        return of->console ? 1 : 0;
    case call_seek:
        return std::fseek(of->stream, static_cast<long>(word(argument, 1)), SEEK_SET) == 0 ? 0 : failed(errno);
    case call_length:
        return length(of->stream);
    default: // close
        if (!of->console)
            std::fclose(of->stream);
        m_files.erase(word(argument, 0));
        return 0;
    }
}

std::int64_t semihosting::end(std::uint64_t argument)
{
    const std::uint64_t reason = word(argument, 0), code = word(argument, 1);
    if (reason == application_exit)
        m_machine.end_program({static_cast<std::uint32_t>(code), "semihosting"});
    else
        m_machine.end_program({1, fmt::format("semihosting (reason {:#x})", reason)});
    return 0;
}

std::int64_t semihosting::write_text(std::uint64_t address)
{
    for (;; ++address) {
        char letter = 0;
        if (!m_machine.debug_read(address, &letter, 1))
            return -1;
        if (letter == 0)
            return 0;
        std::fputc(letter, m_settings.console);
    }
}

std::int64_t semihosting::open(std::uint64_t argument)
{
    static constexpr const char* modes[] = {"rb",  "rb",  "r+b", "r+b", "wb",  "wb",
                                            "w+b", "w+b", "ab",  "ab",  "a+b", "a+b"};
    const std::uint64_t mode = word(argument, 1);
    const std::string name = text(word(argument, 0), word(argument, 2));
    if (mode >= std::size(modes))
        return failed(EINVAL);
    open_file opened{nullptr, true};
    if (name == ":tt") {
        opened.stream = mode < 4 ? stdin : mode < 8 ? m_settings.console : stderr;
    } else if (name == ":semihosting-features" && mode < 2) {
        opened = {fmemopen(const_cast<char*>(features), sizeof features - 1, "rb"), false};
    } else {
        std::filesystem::path place;
        if (!place_of(name, place) || !is_plain(place)) // others may be opened and never answer, or lead elsewhere
            return failed(EACCES);
        opened = {std::fopen(place.c_str(), modes[mode]), false};
    }
    if (opened.stream == nullptr)
        return failed(errno);
    m_files[m_next_handle] = opened;
    return static_cast<std::int64_t>(m_next_handle++);
}

/// Answers how many bytes were not written.
std::int64_t semihosting::write(std::uint64_t argument)
{
    open_file& to = *file(word(argument, 0));
    const std::uint64_t address = word(argument, 1), bytes = word(argument, 2);
    std::vector<char> part(std::min(bytes, chunk));
    for (std::uint64_t done = 0; done < bytes; done += part.size()) {
        part.resize(std::min(bytes - done, chunk));
        if (!m_machine.debug_read(address + done, part.data(), part.size()) ||
            std::fwrite(part.data(), 1, part.size(), to.stream) != part.size())
            return static_cast<std::int64_t>(bytes - done);
    }
    return 0;
}

/// Answers how many bytes are missing.
std::int64_t semihosting::read(std::uint64_t argument)
{
    open_file& from = *file(word(argument, 0));
    const std::uint64_t address = word(argument, 1), bytes = word(argument, 2);
    std::vector<char> part(std::min(bytes, chunk));
    for (std::uint64_t done = 0; done < bytes;) {
        const std::size_t got = std::fread(part.data(), 1, std::min(bytes - done, chunk), from.stream);
        if (got == 0 || !m_machine.debug_write(address + done, part.data(), got))
            return static_cast<std::int64_t>(bytes - done);
        done += got;
    }
    return 0;
}

std::int64_t semihosting::length(std::FILE* stream)
{
    struct stat about {
    };
    std::fflush(stream);
    if (fileno(stream) < 0) // in memory
        return sizeof features - 1;
    return fstat(fileno(stream), &about) == 0 ? about.st_size : failed(errno);
}

std::int64_t semihosting::command_line(std::uint64_t argument)
{
    const std::uint64_t address = word(argument, 0), room = word(argument, 1);
    const std::string& line = m_settings.command_line;
    const std::uint64_t bytes = line.size();
    if (room < bytes + 1)
        fmt::print(stderr, "loas-vp: semihosting: the command line has {} bytes, and the program has room for {}\n",
                   bytes, room == 0 ? 0 : room - 1);
    if (room < bytes + 1 || !m_machine.debug_write(address, line.c_str(), bytes + 1))
        return -1;
    return m_machine.debug_write(argument + 8, &bytes, sizeof bytes) ? 0 : -1;
}

std::int64_t semihosting::heap(std::uint64_t argument)
{
    const std::uint64_t ends[4] = {m_settings.heap_begin, m_settings.heap_end, m_settings.heap_end,
                                   m_settings.heap_begin};
    return m_machine.debug_write(word(argument, 0), ends, sizeof ends) ? 0 : -1;
}

/// Below the folder, links followed.
bool semihosting::place_of(const std::string& name, std::filesystem::path& place) const
{
    if (m_settings.files.empty() || name.empty() || name.find('\0') != std::string::npos)
        return false;
    std::error_code failure;
    const std::filesystem::path folder = std::filesystem::canonical(m_settings.files, failure);
    if (failure)
        return false;
    place = std::filesystem::weakly_canonical(folder / name, failure);
    const auto [end_of_folder, rest] = std::mismatch(folder.begin(), folder.end(), place.begin(), place.end());
    return !failure && end_of_folder == folder.end() && rest != place.end();
}

std::uint64_t semihosting::word(std::uint64_t argument, unsigned index)
{
    std::uint64_t value = 0;
    m_machine.debug_read(argument + std::uint64_t{8} * index, &value, sizeof value); // not memory: 0
    return value;
}

std::string semihosting::text(std::uint64_t address, std::uint64_t bytes)
{
    std::string all(std::min(bytes, longest_name), '\0');
    return m_machine.debug_read(address, all.data(), all.size()) ? all : "";
}

semihosting::open_file* semihosting::file(std::uint64_t handle)
{
    const auto found = m_files.find(handle);
    return found != m_files.end() ? &found->second : nullptr;
}

std::int64_t semihosting::failed(int error)
{
    m_error = error;
    return -1;
}

} // namespace loas::program
