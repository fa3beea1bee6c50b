// Registers as their rows declare them: keeps values, minds the rights of every bit, and tells the device when it reads
// or writes one that does something. Plain C++: register_device puts it behind a socket.
#pragma once

#include "models/kernel/register_row.h"

#include <functional>
#include <map>

namespace loas::kernel
{

class register_bank
{
public:
    enum class verdict {
        keep,  ///< the value is stored, as far as the rights of its bits allow
        drop,  ///< taken note of; the register stays as it is
        refuse ///< answered with an error; nothing has happened
    };

    /// What a register does beside keeping a value; each may be empty.
    struct effects {
        std::function<std::uint32_t()> value;          ///< at a read, instead of the kept value; without side effects
        std::function<verdict(std::uint32_t)> written; ///< before the value is stored
        std::function<void()> after_read;              ///< not after a debugger's read
        std::function<void()> after_write = {};        ///< when the value is stored
    };

    enum class answer { done, no_register, refused };

    /// The table must outlive the bank. Throws std::logic_error when two registers lie at one place or outside the
    /// block, or two fields share a bit.
    explicit register_bank(const register_table& table);

    /// Throw std::logic_error when there is no such register.
    void set_effects(std::uint64_t offset, effects with);
    void set_reset_value(std::uint64_t offset, std::uint32_t value); ///< of a register `by_design`; sets it, too
    std::uint32_t value(std::uint64_t offset) const;
    void set(std::uint64_t offset, std::uint32_t value);

    answer read(std::uint64_t offset, std::uint32_t& value, bool debug);
    answer write(std::uint64_t offset, std::uint32_t value);
    void reset();

    const register_table& table() const { return m_table; }

private:
    struct entry {
        const register_row* row;
        std::uint32_t reset_value;
        std::uint32_t value;
        effects with;
    };

    void add(const register_row& row, std::uint64_t offset);
    entry& at(std::uint64_t offset);

    const register_table& m_table;
    std::map<std::uint64_t, entry> m_entries;
};

} // namespace loas::kernel
