#include "platform/output/output_place.h"

#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <cstdlib>
#include <unistd.h>

namespace loas::output
{

void require_writable(const std::filesystem::path& directory, const char* option)
{
    if (directory.empty())
        throw text::user_error(fmt::format("{}: which folder?", option));
    std::error_code ignored;
    std::filesystem::path existing = std::filesystem::absolute(directory);
    while (!std::filesystem::exists(existing, ignored) && existing.has_relative_path())
        existing = existing.parent_path();
    if (!std::filesystem::is_directory(existing, ignored))
        throw text::user_error(fmt::format("{} {}: {} is not a folder", option, directory.string(), existing.string()));
    // What we may write to by its mode may still take no folder, as /proc does.
    std::string probe = existing / ".loas-vp-XXXXXX";
    if (::access(existing.c_str(), W_OK) != 0 || ::mkdtemp(probe.data()) == nullptr || ::rmdir(probe.c_str()) != 0)
        throw text::user_error(fmt::format("{} {}: cannot write to {}", option, directory.string(), existing.string()));
}

std::filesystem::path output_file(const std::string& given, const char* option, bool makes_folder)
{
    if (given.empty())
        throw text::user_error(fmt::format("{}: which file?", option));
    const std::filesystem::path file = std::filesystem::absolute(given);
    std::error_code failure;
    if (!makes_folder && !std::filesystem::exists(file.parent_path(), failure))
        throw text::user_error(fmt::format("{} {}: no such folder: {}", option, given, file.parent_path().string()));
    require_writable(file.parent_path(), option);
    std::filesystem::create_directories(file.parent_path(), failure);
    // What is written takes the place of what is there: a device, or a link to the program's own output, would be gone.
    const bool device = file.string().rfind("/dev/", 0) == 0 || file.string().rfind("/proc/", 0) == 0;
    if (failure || device || (std::filesystem::exists(file, failure) && !std::filesystem::is_regular_file(file, failure)))
        throw text::user_error(fmt::format("{} {}: not a file that could be written", option, given));
    return std::filesystem::is_symlink(file, failure) ? std::filesystem::weakly_canonical(file) : file;
}

} // namespace loas::output
