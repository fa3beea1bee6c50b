#include "tests/fuzz/fuzz.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace loas::fuzz
{

memory_file::memory_file(const std::uint8_t* data, std::size_t size)
{
    const std::filesystem::path memory = "/dev/shm";
    m_path = (std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path()) /
             ("loas_fuzz_" + std::to_string(getpid()));
    std::ofstream file(m_path, std::ios::binary | std::ios::trunc);
    if (!file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size)).flush())
        std::abort();
}

memory_file::~memory_file()
{
    std::error_code ignored;
    std::filesystem::remove(m_path, ignored);
}

} // namespace loas::fuzz

/// LOAS_FUZZ_SEEDS=DIR: the seeds become files there, as libFuzzer takes them.
extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    if (const char* folder = std::getenv("LOAS_FUZZ_SEEDS")) {
        std::filesystem::create_directories(folder);
        int number = 0;
        for (const std::string& seed : loas::fuzz::seeds())
            std::ofstream(std::filesystem::path(folder) / ("seed_" + std::to_string(number++)), std::ios::binary) << seed;
    }
    return 0;
}
