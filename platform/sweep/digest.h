// FNV-1a, 64 bits: tells sweeps apart that were mixed up, no protection against anyone.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace loas::sweep
{

class digest
{
public:
    /// The end of a text counts, too: "ab", "c" is not "a", "bc".
    void add(std::string_view text)
    {
        mix(text.data(), text.size());
        mix("\n", 1);
    }

    /// The content; one that cannot be read is the point's problem.
    void add_file(const std::filesystem::path& file)
    {
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(file, ignored))
            return add("");
        std::ifstream stream(file, std::ios::binary);
        for (char block[65536]; stream;) {
            stream.read(block, sizeof block);
            mix(block, static_cast<std::size_t>(stream.gcount()));
        }
        add("");
    }

    std::string text() const { return fmt::format("{:016x}", m_state); }

private:
    void mix(const char* data, std::size_t bytes)
    {
        for (std::size_t i = 0; i < bytes; ++i)
            m_state = (m_state ^ static_cast<unsigned char>(data[i])) * 0x100000001b3U;
    }

    std::uint64_t m_state = 0xcbf29ce484222325U;
};

} // namespace loas::sweep
