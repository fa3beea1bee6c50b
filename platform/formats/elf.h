// Reader of programs for the RV64 CPU: ELF64, little-endian, statically linked, as linkers for bare machines write
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loas::formats
{

/// What lies somewhere in memory when the program starts.
struct elf_segment {
    std::uint64_t address = 0;       ///< where it is loaded (physical address)
    std::uint64_t memory_bytes = 0;  ///< that it takes; those behind `bytes` are 0
    std::vector<std::uint8_t> bytes; ///< not more than memory_bytes
};

/// A function or a place in code, for messages.
struct elf_symbol {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0; ///< 0: not known
    std::string name;
};

struct elf_program {
    std::string source; ///< file name as given by the caller, for messages
    std::uint64_t entry = 0;
    std::vector<elf_segment> segments; ///< by address; they do not overlap
    std::vector<elf_symbol> symbols;   ///< functions and labels of code, by address

    /// The last symbol at or before an address, if the address is within its bytes where these are known; else nullptr.
    const elf_symbol* symbol_at(std::uint64_t address) const;
    /// "main+0x12", or "" when no symbol is there.
    std::string place(std::uint64_t address) const;
};

/// Throws text::user_error naming the file, what in it is wrong and where: missing, not ELF, another machine, 32 bits,
/// big-endian, dynamically linked, an embedded-registers program (RV64E), truncated, segments that overlap or go round
/// the end of addresses, an entry in no segment. Memory beyond the file's size is never allocated.
elf_program read_elf(const std::string& path);

/// The same of bytes in memory. `source` is their name in messages.
elf_program parse_elf(const std::vector<std::uint8_t>& bytes, const std::string& source);

} // namespace loas::formats
