#include "models/cores/rv64/blocks.h"

#include <algorithm>

namespace loas::rv64
{

block_store::block_store()
{
    m_blocks.reserve(most_blocks);
    m_records.reserve(most_records);
}

block* block_store::find_older(std::uint64_t pc, bool machine_mode)
{
    const auto found = m_by_key.find(key(pc, machine_mode));
    if (found == m_by_key.end())
        return nullptr;
    m_recent[place(pc)] = {found->first, found->second};
    return found->second;
}

block* block_store::add(const block& what, bool machine_mode, const instruction* first, std::size_t records)
{
    if (m_blocks.size() == most_blocks || records > most_records - m_records.size())
        clear();
    for (std::uint64_t at = what.pc; at != what.end; at += 2)
        m_marks[at & ~(page_bytes - 1)].set(at % page_bytes / 2);
    m_blocks.push_back(what);
    block* kept = &m_blocks.back();
    kept->first = m_records.data() + m_records.size();
    m_records.insert(m_records.end(), first, first + records);
    const std::uint64_t as = key(what.pc, machine_mode);
    m_by_key[as] = kept;
    m_recent[place(what.pc)] = {as, kept};
    return kept;
}

bool block_store::made_of(std::uint64_t address, std::uint64_t bytes) const
{
    if (bytes == 0)
        return false;
    if (bytes >= page_bytes) // a loader's or a device's: not worth a look at each byte
        return std::any_of(m_marks.begin(), m_marks.end(), [address, bytes](const auto& marked) {
            return marked.first - address < bytes || address - marked.first < page_bytes;
        });
    const std::uint64_t behind = ((address + bytes - 1) & ~std::uint64_t{1}) + 2;
    for (std::uint64_t at = address & ~std::uint64_t{1}; at != behind; at += 2) {
        const auto marked = m_marks.find(at & ~(page_bytes - 1));
        if (marked != m_marks.end() && marked->second.test(at % page_bytes / 2))
            return true;
    }
    return false;
}

void block_store::clear()
{
    m_blocks.clear();
    m_records.clear();
    m_by_key.clear();
    m_recent.fill({});
    m_marks.clear();
    ++m_generation;
}

} // namespace loas::rv64
