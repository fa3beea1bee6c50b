#include "platform/cli/output_place.h"

#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <unistd.h>

namespace loas::cli
{

using text::user_error;

void require_writable(const std::filesystem::path& directory)
{
    if (directory.empty())
        throw user_error("--out: which folder?");
    std::error_code ignored;
    std::filesystem::path existing = std::filesystem::absolute(directory);
    while (!std::filesystem::exists(existing, ignored) && existing.has_relative_path())
        existing = existing.parent_path();
    if (!std::filesystem::is_directory(existing, ignored))
        throw user_error(fmt::format("--out {}: {} is not a folder", directory.string(), existing.string()));
    if (::access(existing.c_str(), W_OK) != 0)
        throw user_error(fmt::format("--out {}: cannot write to {}", directory.string(), existing.string()));
}

std::filesystem::path output_file(const std::string& given)
{
    if (given.empty())
        throw user_error("--out: which file?");
    const std::filesystem::path file = std::filesystem::absolute(given);
    require_writable(file.parent_path());
    std::error_code failure;
    std::filesystem::create_directories(file.parent_path(), failure);
    const bool other = std::filesystem::exists(file, failure) && !std::filesystem::is_regular_file(file, failure);
    if (failure || other) // a device would be replaced
        throw user_error(fmt::format("--out {}: not a file that could be written", given));
    return file;
}

} // namespace loas::cli
