// Semihosting: what a program on the RV64 CPU asks of us by `slli x0, x0, 31; ebreak; srai x0, x0, 7`, with the number
// of the call in a0 and its argument in a1, as Arm's semihosting specification has it and RISC-V took it over. Time is
// simulated time, so that the same program does the same again.
#pragma once

#include "platform/machine/machine.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>

namespace loas::rv64
{
class hart;
} // namespace loas::rv64

namespace loas::program
{

class semihosting
{
public:
    struct settings {
        std::filesystem::path files;  ///< the program may open what lies below; empty: nothing
        std::string command_line;     ///< the program's name and its arguments
        std::uint64_t heap_begin = 0; ///< memory that the program does not fill ...
        std::uint64_t heap_end = 0;   ///< ... up to here, where its stack may begin
        std::FILE* console = stdout;  ///< what the program prints
    };

    semihosting(machine::machine& on, settings settings);
    ~semihosting();
    semihosting(const semihosting&) = delete;
    semihosting& operator=(const semihosting&) = delete;

    /// An ebreak at hart.pc(). False: it is none of these calls.
    bool handle(rv64::hart& hart);

private:
    struct open_file {
        std::FILE* stream;
        bool console;
    };

    std::int64_t call(std::uint64_t number, std::uint64_t argument);
    std::int64_t files(std::uint64_t number, std::uint64_t argument);
    std::int64_t end(std::uint64_t argument);
    std::int64_t open(std::uint64_t argument);
    std::int64_t write(std::uint64_t argument);
    std::int64_t read(std::uint64_t argument);
    std::int64_t length(std::FILE* stream);
    std::int64_t command_line(std::uint64_t argument);
    std::int64_t heap(std::uint64_t argument);
    std::int64_t write_text(std::uint64_t address);
    /// False: the name leads out of the folder, or there is no folder.
    bool place_of(const std::string& name, std::filesystem::path& place) const;
    std::uint64_t word(std::uint64_t argument, unsigned index);
    std::string text(std::uint64_t address, std::uint64_t bytes);
    open_file* file(std::uint64_t handle);
    std::int64_t failed(int error);

    machine::machine& m_machine;
    settings m_settings;
    std::map<std::uint64_t, open_file> m_files;
    std::uint64_t m_next_handle = 1;
    std::uint64_t m_now_ns = 0;
    int m_error = 0;
    bool m_told = false; ///< that a call is not known
};

} // namespace loas::program
