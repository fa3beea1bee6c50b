// Floating point of the F and D extensions (IEEE 754-2008), on bits: the same on every computer and with every
// compiler, in all five rounding modes, with the exceptions that each operation raises.
#pragma once

#include <cstdint>

namespace loas::rv64
{

/// Exceptions, as bits of fflags.
inline constexpr unsigned inexact = 1, underflow = 2, overflow = 4, divided_by_zero = 8, invalid = 16;

/// Rounding modes, as in frm.
enum : unsigned { to_even, to_zero, downwards, upwards, to_larger };

struct single_precision {
    static constexpr unsigned bits = 32, digits = 24; ///< digits: of the significand, the hidden one too
    static constexpr int bias = 127;
};
struct double_precision {
    static constexpr unsigned bits = 64, digits = 53;
    static constexpr int bias = 1023;
};

/// What an operation is given beside numbers, and what it leaves.
struct rounding {
    unsigned mode = to_even;
    unsigned flags = 0; ///< exceptions so far
};

/// A number of single precision lies in a register of 64 bits below ones; anything else there is not a number.
inline constexpr std::uint64_t boxed(std::uint64_t bits)
{
    return bits | 0xffffffff00000000;
}

template <class format> struct floating_point {
    using word = std::uint64_t; ///< the number's bits, those above are 0

    static constexpr unsigned fraction_bits = format::digits - 1;
    static constexpr word sign_bit = word{1} << (format::bits - 1);
    static constexpr word infinity = word{2 * format::bias + 1} << fraction_bits;
    static constexpr word not_a_number = infinity | word{1} << (fraction_bits - 1); ///< the one that operations make

    /// a * b + c, rounded once.
    static word multiply_add(word a, word b, word c, rounding& round);
    static word add(word a, word b, rounding& round);
    static word multiply(word a, word b, rounding& round);
    static word divide(word a, word b, rounding& round);
    static word root(word a, rounding& round);
    /// The lesser (or the greater); of a number and no number the number; -0 is less than +0.
    static word extreme(word a, word b, bool greatest, rounding& round);
    static bool equal(word a, word b, rounding& round);
    static bool less(word a, word b, bool or_equal, rounding& round);
    /// As fclass says it, a bit set.
    static unsigned class_of(word a);

    /// To an integer of 32 or 64 bits, sign-extended from there; what does not fit becomes the nearest that does.
    static std::uint64_t to_integer(word a, unsigned bits, bool is_signed, rounding& round);
    /// value: of 64 bits.
    static word from_integer(std::uint64_t value, bool is_signed, rounding& round);
    /// From the other precision.
    template <class other> static word from(word a, rounding& round);
};

} // namespace loas::rv64
