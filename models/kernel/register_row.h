// What is known of a register, as data: its device's behaviour, the C header, the page for readers, the test that goes
// over every bit and the debugger's list all come from the same row.
#pragma once

#include <cstdint>
#include <vector>

namespace loas::kernel
{

/// Of a field. wo: a bit that starts something when it is written as 1, and reads as 0.
enum class right { ro, rw, w1c, wo };

struct field_row {
    const char* name; ///< in C, behind the register's field_prefix; "": the field is the whole register
    unsigned lowest_bit;
    unsigned bits;
    right rights;
    std::uint32_t reset;
    const char* meaning;
};

/// Of a register; to be combined.
enum register_trait : unsigned {
    plain = 0,
    changes = 1,           ///< the device changes it by itself
    checked = 2,           ///< the device may not take a value that makes no sense: the old one stays
    by_design = 4,         ///< its value is known when the device is built, not here
    while_disabled = 8,    ///< a write is refused while the queue is enabled or busy
    refuses_reserved = 16, ///< a write of 1 to a bit of no field is a bus error; elsewhere such a bit is ignored
};

struct register_row {
    std::uint32_t offset; ///< bytes, a multiple of register_bytes
    const char* name;
    std::vector<field_row> fields; ///< bits of none of them read as 0
    const char* meaning;
    unsigned traits = plain; ///< register_trait
    const char* field_prefix = nullptr;
    const char* read_effect = nullptr; ///< what a read does beside reading; nullptr: nothing
    unsigned count = 1;                ///< so many of them ...
    unsigned stride = 4;               ///< ... so many bytes apart

    bool has(register_trait trait) const { return (traits & trait) != 0; }
    /// Bits of the fields with these rights.
    std::uint32_t mask(right rights) const;
    std::uint32_t reset_value() const;
    bool writable() const { return (mask(right::rw) | mask(right::w1c) | mask(right::wo)) != 0; }
};

/// The registers of one device, in ascending order of their offsets.
struct register_table {
    const char* device;       ///< in words
    const char* prefix;       ///< of the registers' names in C
    std::uint32_t size_bytes; ///< of the block in which they lie
    std::vector<register_row> rows;
    unsigned register_bytes = 4; ///< 1 or 4: what an access has, and its alignment
    bool in_pairs = false;       ///< an aligned access may also have 8 bytes: two registers, the lower one first
};

} // namespace loas::kernel
