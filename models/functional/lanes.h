// Vectors, by the extension that every compiler of this project knows.
#pragma once

#include <cstddef>

/// Compiles a function once for each kind of vector unit, of which the program takes the best that its machine has. Under
/// the sanitizers as well: what chooses calls nothing of theirs and is not instrumented.
///
/// Highway (libhwy 1.0.3) instead of this and of the vector types was weighed by its interface only: no port of it was
/// compiled or measured. Each of these functions would move into a file that is included once for each target, with a
/// dispatch table, and operators and comparisons would become calls; here it is an attribute.
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__clang__)
#define LOAS_FOR_ALL_VECTOR_UNITS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LOAS_FOR_ALL_VECTOR_UNITS
#endif

/// Compiles a function for vectors of 64 bytes, which compilers take apart number by number where a machine has shorter
/// ones: so there is another function for those. Whoever calls asks has_512_bits() first.
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__clang__)
#define LOAS_FOR_512_BITS __attribute__((target("arch=x86-64-v4")))
#define LOAS_HAS_512_BITS __builtin_cpu_supports("x86-64-v4")
#else
#define LOAS_FOR_512_BITS
#define LOAS_HAS_512_BITS false
#endif

/// For what such a function calls: a call would leave its vector unit.
#define LOAS_INLINE __attribute__((always_inline)) inline

namespace loas::functional
{

/// Whether functions that are LOAS_FOR_512_BITS are for this machine.
inline bool has_512_bits()
{
    return LOAS_HAS_512_BITS;
}

/// Rows that are computed together, a lane each.
constexpr std::size_t lanes_together = 16;

/// Numbers of so many rows fill up whole vectors: with lanes that nobody asks for.
constexpr std::size_t whole_lanes(std::size_t rows)
{
    return (rows + lanes_together - 1) / lanes_together * lanes_together;
}

} // namespace loas::functional
