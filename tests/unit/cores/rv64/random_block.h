// The blocks of a random program.
#pragma once

#include "tests/unit/cores/rv64/assembler.h"

#include <random>

namespace loas::test
{

/// random_program::block_instructions random instructions, jumps among them only forwards, and an ecall.
void write_random_block(rv64_code::assembly& to, std::mt19937& random);

} // namespace loas::test
