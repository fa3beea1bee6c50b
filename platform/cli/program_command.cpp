#include "platform/cli/program_command.h"

#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

namespace loas::cli
{

using text::user_error;

namespace
{

namespace fs = std::filesystem;

fs::path own_path()
{
    return fs::read_symlink("/proc/self/exe");
}

/// Headers, libraries and template: beside loas-vp in a build tree, under share/ where it is installed.
fs::path sdk_folder()
{
    const fs::path here = own_path().parent_path();
    for (const fs::path& each : {here / "sdk", here.parent_path() / "share/loas-vp/sdk"})
        if (fs::exists(each / "include/hal/loas_main.h"))
            return each;
    throw user_error(fmt::format("{} has no sdk folder beside it, and there is no {}", own_path().string(),
                                 (here.parent_path() / "share/loas-vp/sdk").string()));
}

const fs::path& there(const fs::path& library, const char* why)
{
    if (!fs::exists(library))
        throw user_error(fmt::format("{} is not there: {}", library.string(), why));
    return library;
}

std::string cflags(bool rv64)
{
    const std::string include = "-I" + (sdk_folder() / "include").string();
    return rv64 ? "--specs=picolibc.specs -march=rv64imac -mabi=lp64 -misa-spec=2.2 -mcmodel=medany " + include
                : "-fPIC " + include;
}

std::string libs(bool rv64)
{
    const fs::path folder = sdk_folder() / (rv64 ? "rv64" : "native");
    there(folder / "libloas.a",
          rv64 ? "loas-vp was built without riscv64-unknown-elf-gcc and picolibc" : "build the target loas_sdk_native");
    const std::string common = fmt::format("-L{} -lloas", folder.string());
    return rv64 ? "-nostartfiles -Wl,--gc-sections,--no-warn-rwx-segments -T program.ld " + common
                : "-shared " + common;
}

std::string file_text(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file)
        throw user_error(path.string() + ": cannot be read");
    return text.str();
}

void replace(std::string& text, std::string_view word, const std::string& by)
{
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size()))
        text.replace(at, word.size(), by);
}

/// Of the folder, as a scenario and a page may be called.
std::string name_of(const fs::path& folder)
{
    std::string name = fs::absolute(folder).lexically_normal().filename().string();
    if (name.empty()) // "DIR/"
        name = fs::absolute(folder).lexically_normal().parent_path().filename().string();
    for (char& each : name)
        if (each == '"' || each == '\\' || static_cast<unsigned char>(each) < 0x20)
            each = '_';
    return name;
}

process::exit_code new_program(const po::variables_map& given)
{
    const fs::path folder = given["file"].as<std::string>();
    std::error_code failed;
    if (fs::exists(folder, failed) && !(fs::is_directory(folder, failed) && fs::is_empty(folder, failed)))
        throw user_error(folder.string() + ": is there already, and not an empty folder");
    fs::create_directories(folder, failed);
    if (failed)
        throw user_error(fmt::format("{}: cannot be made: {}", folder.string(), failed.message()));
    const std::string name = name_of(folder);
    for (const fs::directory_entry& each : fs::directory_iterator(sdk_folder() / "template")) {
        std::string text = file_text(each.path());
        replace(text, "@NAME@", name);
        replace(text, "@LOAS_VP@", own_path().string());
        std::ofstream file(folder / each.path().filename(), std::ios::binary);
        file << text;
        if (!file.flush())
            throw user_error((folder / each.path().filename()).string() + ": cannot be written");
    }
    print(fmt::format("{} is ready:\n  cd {}\n  make\n  make run\n", folder.string(),
                      text::shell_quoted(folder.string())));
    return process::exit_code::good;
}

const char* const print_options[] = {"--print-cflags", "--print-libs"};

} // namespace

command new_program_row()
{
    return {"new-program",
            "DIR",
            "make a folder with a program for the host CPU that builds and runs at once",
            "file",
            new_program,
            {},
            {"new-program x && cd x && make && make run"}};
}

bool is_print_option(const std::string& word)
{
    const std::string option = word.substr(0, word.find('='));
    return option == print_options[0] || option == print_options[1];
}

process::exit_code print_option(const std::string& word)
{
    const std::size_t equals = word.find('=');
    const std::string cpu = equals == std::string::npos ? "native" : word.substr(equals + 1);
    if (cpu != "native" && cpu != "rv64")
        throw user_error(fmt::format("{}: for which CPU? native or rv64", text::printable(word)));
    const bool of_compiler = word.substr(0, equals) == print_options[0];
    print((of_compiler ? cflags(cpu == "rv64") : libs(cpu == "rv64")) + "\n");
    return process::exit_code::good;
}

} // namespace loas::cli
