// The texts that come from the board's rows and the registers' rows.
#pragma once

#include "platform/machine/board.h"

#include <string>

namespace loas::machine
{

/// #defines of offsets and of the fields' bits.
std::string register_defines(const kernel::register_table& table);
/// Markdown: a table of the registers and one of the fields that have names.
std::string register_page(const kernel::register_table& table);

/// Both for all devices beside the accelerator, which has a contract of its own.
std::string device_defines();
std::string device_page();

/// Regions of a link script; RAM as small as programs are meant to do with.
std::string board_regions();

/// #defines of bases, sizes and interrupts.
std::string board_defines();
/// Markdown.
std::string board_page();

} // namespace loas::machine
