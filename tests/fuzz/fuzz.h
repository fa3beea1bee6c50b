// What the fuzz targets share: each takes any bytes, and what it calls must answer or throw text::user_error.
#pragma once

#include "platform/text/user_error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// libFuzzer's entry, and that of replay.cpp.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace loas::fuzz
{

/// Sound inputs of a target, from which mutations start. Each target has its own.
std::vector<std::string> seeds();

/// A file of these bytes in memory, with a path for as long as it lives: a name in a folder, as HDF5 opens no memfd.
class memory_file
{
public:
    memory_file(const std::uint8_t* data, std::size_t size);
    ~memory_file();
    memory_file(const memory_file&) = delete;
    memory_file& operator=(const memory_file&) = delete;

    const std::string& path() const { return m_path; }

private:
    std::string m_path;
};

/// How often something was answered: of a seed it must be, else the target only ever looks at refusals.
inline std::size_t answers = 0;

/// What is wrong with a user's file is the user's; anything else that is thrown ends the fuzzer.
template <class Action> void expect_answer(Action action)
{
    try {
        action();
        ++answers;
    } catch (const text::user_error&) {
    }
}

} // namespace loas::fuzz
