// The device tree of a machine: what an operating system, or a program that wants to know, is told of the board.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loas::machine
{

/// What of the board a scenario decides.
struct board_sizes {
    std::uint64_t ram_bytes = 0;
    unsigned rings = 1;
};

/// As source, and in binary form (version 17), which dtc makes of the source.
std::string device_tree_source(const board_sizes& sizes);
std::vector<std::uint8_t> device_tree_blob(const board_sizes& sizes);

/// What the boot ROM holds: it gives a0 = hart, a1 = device tree, and jumps to the program's entry.
std::vector<std::uint8_t> boot_rom_image(std::uint64_t entry, const board_sizes& sizes);

} // namespace loas::machine
