// Where the board's UART leads: to the console, to files, or to a pseudo-terminal that another program can open.
#pragma once

#include "platform/config/scenario.h"

#include <cstdio>
#include <fstream>

namespace loas::program
{

class serial_line
{
public:
    /// console: where text goes without uart.output. Says the name of a pseudo-terminal on standard error. Throws
    /// text::user_error.
    serial_line(const config::uart_params& uart, std::FILE* console);
    ~serial_line();
    serial_line(const serial_line&) = delete;
    serial_line& operator=(const serial_line&) = delete;

    void send(unsigned char letter);
    /// After the last byte. Throws text::user_error if uart.output has not got all of them.
    void finish();
    /// Somebody may send something.
    bool receives() const { return m_descriptor >= 0 || m_input.is_open(); }
    /// The next byte; -1: none now, -2: no more.
    int receive();

private:
    void open_terminal();

    std::FILE* m_output; ///< nullptr: the pseudo-terminal
    std::FILE* m_own = nullptr;
    std::ifstream m_input;
    int m_descriptor = -1; ///< standard input or the pseudo-terminal
    int m_other_end = -1;  ///< of the pseudo-terminal, so that it stays when nobody has it open
};

} // namespace loas::program
