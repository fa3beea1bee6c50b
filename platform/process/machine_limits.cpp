#include "platform/process/machine_limits.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

namespace loas::process
{

unsigned processors()
{
    return std::max(1U, std::thread::hardware_concurrency());
}

std::uint64_t available_bytes()
{
    std::ifstream facts("/proc/meminfo");
    std::uint64_t kib = 0;
    for (std::string key, rest; facts >> key; std::getline(facts, rest))
        if (key == "MemAvailable:" && facts >> kib)
            return kib * 1024;
    return std::numeric_limits<std::uint64_t>::max();
}

} // namespace loas::process
