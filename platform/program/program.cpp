#include "platform/program/program.h"

#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

namespace loas::program
{

std::unique_ptr<guest> make_program(const config::scenario& scenario, std::FILE* console)
{
    const config::workload_params& workload = scenario.workload;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(workload.program, ignored))
        throw text::user_error(fmt::format("workload.program: {}: {}", workload.program.string(),
                                           std::filesystem::exists(workload.program, ignored)
                                               ? "it is no file with a program in it"
                                               : "there is no such file"));
    if (!workload.files.empty() && !std::filesystem::is_directory(workload.files, ignored))
        throw text::user_error(fmt::format("workload.files: {}: there is no such folder", workload.files.string()));
    return scenario.cpu.kind == config::cpu_kind::rv64 ? make_rv64_program(scenario, console)
                                                       : make_native_program(scenario);
}

namespace
{

constexpr std::string_view empty_word = "\"\"";
constexpr std::size_t header_bytes = 20; ///< up to the machine that an ELF file is for

/// As much of it as there is; "": it cannot be read.
std::string begin_of(const std::string& file)
{
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) // others may be opened and never answer
        return {};
    std::array<char, header_bytes> begin{};
    std::ifstream stream(file, std::ios::binary);
    stream.read(begin.data(), begin.size());
    return {begin.data(), static_cast<std::size_t>(stream.gcount())};
}

bool is_elf(const std::string& begin)
{
    return begin.compare(0, 4,
                         "\x7f"
                         "ELF") == 0;
}

} // namespace

std::vector<std::string> split_arguments(std::string_view text)
{
    std::vector<std::string> words;
    bool in_word = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ' ') {
            in_word = false;
            continue;
        }
        if (!std::exchange(in_word, true)) {
            words.emplace_back();
            if (text.substr(i, empty_word.size()) == empty_word &&
                (i + empty_word.size() == text.size() || text[i + empty_word.size()] == ' ')) {
                i += empty_word.size() - 1;
                continue;
            }
        }
        if (text[i] == '\\' && i + 1 < text.size())
            ++i;
        words.back() += text[i];
    }
    return words;
}

std::string join_arguments(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) {
        text += text.empty() ? "" : " ";
        if (word.empty())
            text += empty_word;
        else if (word == empty_word)
            text += '\\';
        for (const char letter : word) {
            if (letter == ' ' || letter == '\\')
                text += '\\';
            text += letter;
        }
    }
    return text;
}

bool is_rv64_program(const std::string& file)
{
    constexpr std::size_t machine_at = 18;
    constexpr unsigned char riscv = 243;
    const std::string begin = begin_of(file);
    return begin.size() == header_bytes && is_elf(begin) && static_cast<unsigned char>(begin[machine_at]) == riscv &&
           begin[machine_at + 1] == 0;
}

bool is_something_else(const std::string& file)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) && !is_elf(begin_of(file));
}

} // namespace loas::program
