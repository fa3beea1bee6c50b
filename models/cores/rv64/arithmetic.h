// Arithmetic of instructions that C++ has no operator for, or leaves undefined for some operands.
#pragma once

#include <cstdint>
#include <limits>

namespace loas::rv64
{

using u64 = std::uint64_t;
using u32 = std::uint32_t;

inline u64 from_32(u64 value)
{
    return static_cast<u64>(std::int64_t{static_cast<std::int32_t>(value)});
}

inline std::int64_t as_signed(u64 value)
{
    return static_cast<std::int64_t>(value);
}

inline u64 shift_right_signed(u64 value, u64 distance)
{
    return static_cast<u64>(as_signed(value) >> (distance & 63));
}

inline u64 shift_right_signed_32(u64 value, u64 distance)
{
    return static_cast<u64>(std::int64_t{static_cast<std::int32_t>(value) >> (distance & 31)});
}

/// High 64 bits of the product of two unsigned numbers.
inline u64 multiply_high(u64 a, u64 b)
{
    const u64 low_a = a & 0xffffffff, high_a = a >> 32, low_b = b & 0xffffffff, high_b = b >> 32;
    const u64 middle = high_a * low_b + (low_a * low_b >> 32);
    return high_a * high_b + (middle >> 32) + (((middle & 0xffffffff) + low_a * high_b) >> 32);
}

/// A negative number is 2^64 less than its bits say: the product of the bits has that much too much of the other.
inline u64 multiply_high_signed(u64 a, u64 b)
{
    return multiply_high(a, b) - (as_signed(a) < 0 ? b : 0) - (as_signed(b) < 0 ? a : 0);
}

inline u64 multiply_high_signed_unsigned(u64 a, u64 b)
{
    return multiply_high(a, b) - (as_signed(a) < 0 ? b : 0);
}

/// Divided by 0: -1, and the remainder is what was divided. The one quotient that does not fit is what was divided.
template <typename number> number divide(number a, number b)
{
    if (b == 0)
        return static_cast<number>(~number{0});
    if (std::numeric_limits<number>::is_signed && a == std::numeric_limits<number>::min() &&
        b == static_cast<number>(-1))
        return a;
    return static_cast<number>(a / b);
}

template <typename number> number remainder(number a, number b)
{
    if (b == 0)
        return a;
    if (std::numeric_limits<number>::is_signed && a == std::numeric_limits<number>::min() &&
        b == static_cast<number>(-1))
        return 0;
    return static_cast<number>(a % b);
}

inline u64 rotate_right(u64 value, u64 distance)
{
    distance &= 63;
    return value >> distance | value << (-distance & 63);
}

inline u64 rotate_right_32(u64 value, u64 distance)
{
    const auto bits = static_cast<u32>(value);
    distance &= 31;
    return from_32(bits >> distance | bits << (-distance & 31));
}

inline u64 leading_zeros(u64 value)
{
    return value == 0 ? 64 : static_cast<u64>(__builtin_clzll(value));
}

inline u64 trailing_zeros(u64 value)
{
    return value == 0 ? 64 : static_cast<u64>(__builtin_ctzll(value));
}

inline u64 ones(u64 value)
{
    return static_cast<u64>(__builtin_popcountll(value));
}

/// Each byte that is not 0 becomes 255.
inline u64 or_combine(u64 value)
{
    value |= (value >> 1 & 0x7f7f7f7f7f7f7f7f) | (value & 0x7f7f7f7f7f7f7f7f) << 1;
    value |= (value >> 2 & 0x3f3f3f3f3f3f3f3f) | (value & 0x3f3f3f3f3f3f3f3f) << 2;
    value |= (value >> 4 & 0x0f0f0f0f0f0f0f0f) | (value & 0x0f0f0f0f0f0f0f0f) << 4;
    return value;
}

inline u64 reverse_bytes(u64 value)
{
    return __builtin_bswap64(value);
}

} // namespace loas::rv64
