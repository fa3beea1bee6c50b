#include "platform/program/serial_line.h"

#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace loas::program
{

serial_line::serial_line(const config::uart_params& uart, std::FILE* console) : m_output(console)
{
    if (uart.port == config::uart_port::pty) {
        open_terminal();
        return;
    }
    if (uart.port == config::uart_port::terminal)
        m_descriptor = STDIN_FILENO;
    if (!uart.input.empty()) {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(uart.input, ignored)) // others may be opened and never answer
            m_input.open(uart.input, std::ios::binary);
        if (!m_input.is_open())
            throw text::user_error(fmt::format("uart.input: {}: cannot be read", uart.input.string()));
        m_descriptor = -1;
    }
    if (!uart.output.empty()) {
        m_own = std::fopen(uart.output.c_str(), "w");
        if (m_own == nullptr)
            throw text::user_error(
                fmt::format("uart.output: {}: cannot be written: {}", uart.output.string(), std::strerror(errno)));
        m_output = m_own;
    }
}

serial_line::~serial_line()
{
    if (m_own != nullptr)
        std::fclose(m_own);
    if (m_other_end >= 0) {
        close(m_other_end);
        close(m_descriptor);
    }
}

/// Bytes as they are, both ways.
void serial_line::open_terminal()
{
    m_output = nullptr;
    m_descriptor = posix_openpt(O_RDWR | O_NOCTTY);
    const bool made = m_descriptor >= 0 && grantpt(m_descriptor) == 0 && unlockpt(m_descriptor) == 0;
    const char* name = made ? ptsname(m_descriptor) : nullptr;
    m_other_end = name != nullptr ? open(name, O_RDWR | O_NOCTTY) : -1;
    if (m_other_end < 0)
        throw text::user_error(
            fmt::format("uart.port = \"pty\": there is no pseudo-terminal: {}", std::strerror(errno)));
    fcntl(m_descriptor, F_SETFL, fcntl(m_descriptor, F_GETFL) | O_NONBLOCK); // a full one loses bytes
    termios raw{};
    tcgetattr(m_other_end, &raw);
    cfmakeraw(&raw);
    tcsetattr(m_other_end, TCSANOW, &raw);
    fmt::print(stderr, "loas-vp: the UART is {}\n", name);
}

void serial_line::send(unsigned char letter)
{
    if (m_output != nullptr)
        std::fputc(letter, m_output);
    else if (write(m_descriptor, &letter, 1) != 1)
        return; // nobody reads there, and the terminal is full: as on a line without a partner
    if (letter == '\n' && m_output != nullptr && m_descriptor >= 0)
        std::fflush(m_output); // somebody who answers wants to read it
}

void serial_line::finish()
{
    if (m_own != nullptr && (std::fflush(m_own) != 0 || std::ferror(m_own) != 0))
        throw text::user_error("uart.output: cannot write all of it: no more room on the disk, or for a file");
}

int serial_line::receive()
{
    constexpr int none_now = -1, no_more = -2;
    if (m_input.is_open()) {
        const int letter = m_input.get();
        return letter == std::ifstream::traits_type::eof() ? no_more : letter;
    }
    pollfd asked{m_descriptor, POLLIN, 0};
    if (poll(&asked, 1, 0) <= 0)
        return none_now;
    unsigned char letter = 0;
    return read(m_descriptor, &letter, 1) == 1 ? letter : no_more;
}

} // namespace loas::program
