// Decoded basic blocks, and which bytes of memory they were decoded from.
#pragma once

#include "models/cores/rv64/bus.h"
#include "models/cores/rv64/instruction.h"

#include <array>
#include <bitset>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace loas::rv64
{

struct block {
    static constexpr std::uint32_t longest = 64; ///< instructions

    std::uint64_t pc = 0;
    std::uint64_t end = 0; ///< address behind the last instruction
    instruction* first = nullptr;
    std::uint32_t count = 0; ///< instructions; behind them may stand one more record that says how the block ends
    std::int64_t cycles = 0; ///< of all of them, a branch not taken
    std::int64_t cycles_before_last = 0;
    block* taken = nullptr; ///< where its branch goes, once that is known
    block* next = nullptr;  ///< the block behind it, once that is known
};

class block_store
{
public:
    block_store();

    /// The block at pc for a privilege; nullptr: none yet.
    block* find(std::uint64_t pc, bool machine_mode)
    {
        const entry& recent = m_recent[place(pc)];
        return recent.key == key(pc, machine_mode) && recent.at != nullptr ? recent.at : find_older(pc, machine_mode);
    }
    /// find, but only where a jump whose target varies has to look: nullptr does not mean that there is none.
    block* find_recent(std::uint64_t pc, bool machine_mode) const
    {
        const entry& recent = m_recent[place(pc)];
        return recent.key == key(pc, machine_mode) ? recent.at : nullptr;
    }
    /// Keeps a block of these instructions; may drop all others before that.
    block* add(const block& what, bool machine_mode, const instruction* first, std::size_t records);

    /// Whether a block was made of one of these bytes.
    bool made_of(std::uint64_t address, std::uint64_t bytes) const;
    /// Whether blocks were made of bytes of this page.
    bool is_marked(std::uint64_t page) const { return m_marks.count(page) != 0; }

    void clear();
    /// Changes with each clear(): pointers to blocks of before are no longer good.
    std::uint64_t generation() const { return m_generation; }

private:
    static constexpr std::size_t most_blocks = 1U << 15, most_records = 1U << 18, recent_entries = 1024;
    struct entry {
        std::uint64_t key = 0;
        block* at = nullptr;
    };

    static std::uint64_t key(std::uint64_t pc, bool machine_mode)
    {
        return pc | (machine_mode ? 1U : 0U);
    } // pc is even
    static std::size_t place(std::uint64_t pc) { return (pc >> 1) % recent_entries; }
    block* find_older(std::uint64_t pc, bool machine_mode);

    std::vector<block> m_blocks;        ///< never grows beyond its first allocation: pointers into it stay good
    std::vector<instruction> m_records; ///< the same
    std::unordered_map<std::uint64_t, block*> m_by_key;
    std::array<entry, recent_entries> m_recent{};
    std::unordered_map<std::uint64_t, std::bitset<page_bytes / 2>> m_marks; ///< by page, a bit for two bytes
    std::uint64_t m_generation = 0;
};

} // namespace loas::rv64
