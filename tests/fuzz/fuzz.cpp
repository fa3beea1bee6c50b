#include "tests/fuzz/fuzz.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/mman.h>
#include <unistd.h>

namespace loas::fuzz
{

memory_file::memory_file(const std::uint8_t* data, std::size_t size)
    : m_file(memfd_create("fuzz", 0)), m_path("/proc/self/fd/" + std::to_string(m_file))
{
    if (m_file < 0 || write(m_file, data, size) != static_cast<ssize_t>(size))
        std::abort();
}

memory_file::~memory_file()
{
    close(m_file);
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
