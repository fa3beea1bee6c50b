// The texts that come from the board's rows and the registers' rows.
#pragma once

#include "platform/machine/board.h"

#include <cstdint>
#include <string>

namespace loas::machine
{

/// #defines of offsets and of the fields' bits.
std::string register_defines(const kernel::register_table& table);
/// Markdown: a table of the registers and one of the fields that have names.
std::string register_page(const kernel::register_table& table);
/// Of every device on the board.
std::string register_pages();

/// Both for all devices beside the accelerator, which has a contract of its own.
std::string device_defines();
std::string device_page();
/// What lies at an address: "accelerator STATUS", "accelerator+0x3c" where it has no register, or "no device".
std::string name_of(std::uint64_t address);
/// "0x3: ENABLED 1, BUSY 1": a value of what lies there, with those fields of its register that are not 0.
std::string value_text(std::uint64_t address, unsigned bytes, std::uint64_t value);
/// RAM, wherever it ends.
bool is_memory(std::uint64_t address);

/// Regions of a link script.
std::string board_regions(std::uint64_t ram_bytes);

/// #defines of bases, sizes and interrupts.
std::string board_defines();
/// Markdown.
std::string board_page();

} // namespace loas::machine
