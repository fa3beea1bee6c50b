// Vectors, by the extension that every compiler of this project knows.
#pragma once

#include <cstddef>

/// Compiles a function once for each kind of vector unit, of which the program takes the best that its machine has. One
/// source for all of them: sanitizers see the form that the machine's unit gets.
///
/// Highway (libhwy 1.0.3) would replace this and the vector types. It was looked at and not ported, so nothing is
/// measured: every function would move into a file that is included once a target, with HWY_NAMESPACE and a dispatch
/// table each, the fixed sixteen lanes of 16 bits would need CappedTag and loops for shorter units, and operators and
/// comparisons become calls. The compiler's attribute does it without any of these.
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__clang__)
#define LOAS_FOR_ALL_VECTOR_UNITS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LOAS_FOR_ALL_VECTOR_UNITS
#endif

/// For what such a function calls: a call would leave its vector unit.
#define LOAS_INLINE __attribute__((always_inline)) inline

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
