// Logarithm, exponential function and normal numbers that are the same bits on every machine: made of + - * / and the
// square root alone, which IEEE 754 defines exactly; those of the standard libraries differ in their last digits. A
// file that uses them must be compiled without contraction of products and sums.
#pragma once

#include "models/functional/random_source.h"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace loas::draw
{

constexpr double exact_ln2 = 0.693147180559945309417;

/// Natural logarithm of a normal number above 0, to about 15 digits.
inline double exact_log(double x)
{
    std::uint64_t bits = 0;
    std::memcpy(&bits, &x, sizeof bits);
    int exponent = static_cast<int>(bits >> 52) - 1023;
    bits = (bits & 0xFFFFFFFFFFFFFu) | std::uint64_t{1023} << 52;
    std::memcpy(&x, &bits, sizeof x); // 1 to 2
    const bool large = x > 1.4142135623730951;
    x = large ? x / 2 : x;
    exponent += large;
    const double s = (x - 1) / (x + 1), square = s * s; // log x = 2 artanh s, s at most 0.172
    double sum = 0;
    for (int n = 21; n >= 1; n -= 2)
        sum = sum * square + 1.0 / n;
    return 2 * s * sum + exponent * exact_ln2;
}

/// e to the power of x, to about 15 digits; beyond -700..700 that of the limit.
inline double exact_exp(double x)
{
    x = x > 700 ? 700 : (x < -700 ? -700 : x);
    const double whole = std::floor(x / exact_ln2 + 0.5), rest = x - whole * exact_ln2;
    double sum = 1;
    for (int n = 14; n >= 1; --n)
        sum = 1 + sum * rest / n;
    const std::uint64_t bits = static_cast<std::uint64_t>(static_cast<int>(whole) + 1023) << 52;
    double power = 0;
    std::memcpy(&power, &bits, sizeof power);
    return sum * power;
}

constexpr std::uint64_t uniform_steps = std::uint64_t{1} << 52; ///< the half below keeps its bit

/// The middle of a step.
inline double uniform_of(std::uint64_t step)
{
    return (static_cast<double>(step) + 0.5) / 4503599627370496.0;
}

/// Uniform in the open interval 0 to 1.
inline double uniform(functional::random_source& random)
{
    return uniform_of(random.next() >> 12);
}

/// Normally distributed with mean 0 and variance 1 (Marsaglia's polar method).
inline double normal(functional::random_source& random)
{
    for (;;) {
        const double x = 2 * uniform(random) - 1, y = 2 * uniform(random) - 1, square = x * x + y * y;
        if (square > 0 && square < 1)
            return x * std::sqrt(-2 * exact_log(square) / square);
    }
}

/// The same as `count` times normal(), in a fraction of the time: first the uniform numbers, one after another, then
/// the logarithms and roots of all, for which a compiler has vectors.
void draw_normals(functional::random_source& random, double* normals, std::size_t count);

} // namespace loas::draw
