// Vectors.
#pragma once

#include <cstddef>

// Two ways to a function for each kind of vector unit, of which the program takes the best that its machine has. Where
// the compiler finds the vectors in a plain loop: LOAS_FOR_ALL_VECTOR_UNITS. Where they are written by hand: Highway,
// which has a form for every unit with every compiler, and tests can choose among them; compilers take vectors that are
// longer than the machine's apart number by number. tests/bench/README.md has both measured.

/// By g++ with optimisation. Under the sanitizers as well: what chooses calls nothing of theirs and is not
/// instrumented.
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__clang__)
#define LOAS_FOR_ALL_VECTOR_UNITS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LOAS_FOR_ALL_VECTOR_UNITS
#endif

/// For what such a function calls: a call would leave its vector unit.
#define LOAS_INLINE __attribute__((always_inline)) inline

/// For Highway, before any of its headers: not those whose vectors have no size when compiled, as arrays of vectors
/// need, and no further AVX-512 beside the first, of which we use nothing.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_AVX3_DL)

namespace loas::functional
{

/// Rows that are computed together, a lane each.
constexpr std::size_t lanes_together = 16;

/// Numbers of so many rows fill up whole vectors: with lanes that nobody asks for.
constexpr std::size_t whole_lanes(std::size_t rows)
{
    return (rows + lanes_together - 1) / lanes_together * lanes_together;
}

} // namespace loas::functional
