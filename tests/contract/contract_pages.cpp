// Compares the C headers and the documents' tables with the rows that they come from; with --update, writes them.
// usage: contract_pages SOURCE_DIR [--update]
#include "platform/machine/board_text.h"

#include <fmt/format.h>
#include <systemc>

#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace
{

using namespace loas;

struct block {
    const char* file;
    std::string begin; ///< the line before it
    std::string end;   ///< the line behind it
    std::string text;
};

/// As small a RAM as programs are meant to do with.
constexpr std::uint64_t programs_ram_bytes = std::uint64_t{64} << 20;

std::vector<block> blocks()
{
    const std::string c_end = "/* end of what is generated */\n", page_end = "<!-- end of what is generated -->\n";
    const auto c = [](const char* rows) { return fmt::format("/* generated from {} */\n", rows); };
    const auto page = [](const char* rows) { return fmt::format("<!-- generated from {} -->\n", rows); };
    const char* accelerator = "models/control/ring_registers.cpp";
    const char* devices = "models/devices/device_registers.cpp";
    const char* board = "platform/machine/board.h";
    return {
        {"sw/abi/loas_abi.h", c(accelerator), c_end, machine::register_defines(control::ring_registers())},
        {"sw/abi/loas_devices.h", c(devices), c_end, machine::device_defines()},
        {"sw/abi/loas_board.h", c(board), c_end, machine::board_defines()},
        {"sw/abi/README.md", page(accelerator), page_end, machine::register_page(control::ring_registers())},
        {"sw/hal/rv64/board.ld", c(board), c_end, machine::board_regions(programs_ram_bytes)},
        {"sw/abi/DEVICES.md", page(devices), page_end, machine::device_page()},
        {"sw/abi/DEVICES.md", page(board), page_end, machine::board_page()},
        {"README.md", page(board), page_end, machine::board_page()},
    };
}

std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error(path + ": cannot be read");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_file(const std::string& path, const std::string& text)
{
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush())
        throw std::runtime_error(path + ": cannot be written");
}

/// True: the file has it, or has it now.
bool settle(const std::string& source, const block& each, bool update)
{
    const std::string path = source + "/" + each.file;
    const std::string old = read_file(path);
    const std::size_t begin = old.find(each.begin);
    const std::size_t first = begin + each.begin.size();
    const std::size_t last = begin == std::string::npos ? begin : old.find(each.end, first);
    if (last == std::string::npos)
        throw std::runtime_error(path + ": there is no place that starts with " + each.begin);
    if (old.compare(first, last - first, each.text) == 0)
        return true;
    if (update)
        write_file(path, old.substr(0, first) + each.text + old.substr(last));
    else
        fmt::print("{}: what is generated is not\n{}", each.file, each.text);
    return update;
}

} // namespace

int sc_main(int count, char** arguments)
{
    try {
        const bool update = count == 3 && std::string(arguments[2]) == "--update";
        if (count < 2 || (count > 2 && !update))
            throw std::runtime_error("usage: contract_pages SOURCE_DIR [--update]");
        bool good = true;
        for (const block& each : blocks())
            good = settle(arguments[1], each, update) && good;
        if (!good)
            fmt::print("run contract_pages {} --update\n", arguments[1]);
        return good ? 0 : 1;
    } catch (const std::exception& mistake) {
        fmt::print(stderr, "{}\n", mistake.what());
        return 2;
    }
}
