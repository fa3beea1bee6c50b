#include "models/cores/rv64/floating_point.h"

#include <algorithm>

namespace loas::rv64
{
namespace
{

using u64 = std::uint64_t;
using u128 = unsigned __int128;

enum class kind { zero, finite, infinite, quiet, signalling };

/// Taken apart: of a finite number (-1)^negative * significand * 2^(exponent - 63), bit 63 of the significand set.
struct number {
    kind what = kind::zero;
    bool negative = false;
    int exponent = 0;
    u64 significand = 0;

    bool is_nan() const { return what >= kind::quiet; }
};

int leading_zeros(u128 value)
{
    const auto high = static_cast<u64>(value >> 64);
    return high != 0 ? __builtin_clzll(high) : 64 + __builtin_clzll(static_cast<u64>(value));
}

/// Shifted right; the lowest bit says whether a one has fallen out.
u128 shift_sticky(u128 value, int by)
{
    if (by == 0)
        return value;
    if (by > 127)
        return value != 0 ? 1 : 0;
    const u128 out = value & ((u128{1} << by) - 1);
    return value >> by | (out != 0 ? 1U : 0U);
}

template <class format> number take_apart(u64 bits)
{
    using fp = floating_point<format>;
    const u64 fraction = bits & ((u64{1} << fp::fraction_bits) - 1);
    const auto exponent = static_cast<int>((bits & ~fp::sign_bit) >> fp::fraction_bits);
    number to;
    to.negative = (bits & fp::sign_bit) != 0;
    if (exponent == 2 * format::bias + 1) {
        const bool quiet = (fraction >> (fp::fraction_bits - 1) & 1) != 0;
        to.what = fraction == 0 ? kind::infinite : quiet ? kind::quiet : kind::signalling;
    } else if (exponent != 0 || fraction != 0) {
        to.what = kind::finite;
        const u64 digits = exponent == 0 ? fraction : fraction | u64{1} << fp::fraction_bits;
        const int zeros = __builtin_clzll(digits);
        to.significand = digits << zeros;
        to.exponent = std::max(exponent, 1) - format::bias + 63 - static_cast<int>(fp::fraction_bits) - zeros;
    }
    return to;
}

/// Whether a number is rounded away from zero, for what is cut off: below half of the last digit's unit, it, or above.
bool rounds_up(unsigned mode, bool negative, bool odd, int compared_to_half, bool exact)
{
    switch (mode) {
    case to_even:
        return compared_to_half > 0 || (compared_to_half == 0 && odd);
    case to_larger:
        return compared_to_half >= 0;
    case downwards:
        return negative && !exact;
    case upwards:
        return !negative && !exact;
    default:
        return false;
    }
}

/// value without its last `cut` bits, rounded. cut: 1 to 127.
u64 rounded(u128 value, int cut, bool negative, rounding& round, bool& exact)
{
    const u128 half = u128{1} << (cut - 1), rest = value & (half + (half - 1));
    const auto kept = static_cast<u64>(value >> cut);
    exact = rest == 0;
    const int compared = rest < half ? -1 : rest == half ? 0 : 1;
    return kept + (rounds_up(round.mode, negative, (kept & 1) != 0, compared, exact) ? 1 : 0);
}

/// The nearest number of the format. significand: bit 127 set, the lowest bit sticky; exponent: of bit 127.
template <class format> u64 put_together(bool negative, int exponent, u128 significand, rounding& round)
{
    using fp = floating_point<format>;
    constexpr int cut = 128 - static_cast<int>(format::digits), least = 1 - format::bias;
    const u64 sign = negative ? fp::sign_bit : 0;
    bool exact = true;
    u64 digits = rounded(significand, cut, negative, round, exact);
    const bool carries = digits >> format::digits != 0;
    // Tiny is what would be below the least normal number if rounded with any exponent.
    const bool tiny = exponent + (carries ? 1 : 0) < least;
    if (exponent < least) {
        digits = rounded(shift_sticky(significand, least - exponent), cut, negative, round, exact);
        round.flags |= exact ? 0 : tiny ? inexact | underflow : inexact;
        return sign | digits; // one that is not subnormal any more has exponent 1 by itself
    }
    if (exponent + (carries ? 1 : 0) > format::bias) {
        round.flags |= overflow | inexact;
        const bool stays = round.mode == to_zero || round.mode == (negative ? upwards : downwards);
        return sign | (stays ? fp::infinity - 1 : fp::infinity);
    }
    round.flags |= exact ? 0 : inexact;
    // The hidden digit adds one to the exponent, and so does a carry out of all digits.
    return sign | ((static_cast<u64>(exponent + format::bias - 1) << fp::fraction_bits) + digits);
}

/// No number comes out; a signalling operand is an invalid operation.
template <class format> u64 no_number(rounding& round, bool is_invalid)
{
    round.flags |= is_invalid ? invalid : 0;
    return floating_point<format>::not_a_number;
}

bool any_signals(const number& a, const number& b)
{
    return a.what == kind::signalling || b.what == kind::signalling;
}

u64 integer_root(u128 of)
{
    u64 root = 0;
    for (int bit = 63; bit >= 0; --bit) {
        const u64 tried = root | u64{1} << bit;
        if (u128{tried} * tried <= of)
            root = tried;
    }
    return root;
}

} // namespace

template <class format> u64 floating_point<format>::multiply_add(word a_bits, word b_bits, word c_bits, rounding& round)
{
    const number a = take_apart<format>(a_bits), b = take_apart<format>(b_bits), c = take_apart<format>(c_bits);
    const bool negative = a.negative != b.negative;
    const bool infinite = a.what == kind::infinite || b.what == kind::infinite;
    const bool zero = a.what == kind::zero || b.what == kind::zero;
    const bool numbers = !a.is_nan() && !b.is_nan();
    if (numbers && infinite && zero)
        return no_number<format>(round, true);
    if (!numbers || c.is_nan())
        return no_number<format>(round, any_signals(a, b) || c.what == kind::signalling);
    if (infinite && c.what == kind::infinite && c.negative != negative)
        return no_number<format>(round, true);
    if (infinite || c.what == kind::infinite)
        return ((infinite ? negative : c.negative) ? sign_bit : 0) | infinity;
    const word cancelled = round.mode == downwards ? sign_bit : 0;
    if (zero)
        return c.what != kind::zero || c.negative == negative ? c_bits : cancelled;

    // Both with their highest digit at bit 126, which leaves room for a carry. A product has at most 106 digits, so at
    // least 21 bits below them are free: what a shift loses is far below the last digit, however many digits cancel.
    u128 product = u128{a.significand} * b.significand;
    int exponent = a.exponent + b.exponent;
    if (product >> 127 != 0) {
        product >>= 1;
        ++exponent;
    }
    bool sum_negative = negative;
    u128 sum = product;
    if (c.what != kind::zero) {
        u128 addend = u128{c.significand} << 63;
        if (c.exponent > exponent) {
            product = shift_sticky(product, c.exponent - exponent);
            exponent = c.exponent;
        } else {
            addend = shift_sticky(addend, exponent - c.exponent);
        }
        if (c.negative == negative) {
            sum = product + addend;
        } else {
            sum_negative = product >= addend ? negative : c.negative;
            sum = product >= addend ? product - addend : addend - product;
        }
        if (sum == 0)
            return cancelled;
    }
    const int zeros = rv64::leading_zeros(sum);
    return put_together<format>(sum_negative, exponent + 1 - zeros, sum << zeros, round);
}

template <class format> u64 floating_point<format>::add(word a, word b, rounding& round)
{
    return multiply_add(a, word{format::bias} << fraction_bits, b, round); // times 1
}

template <class format> u64 floating_point<format>::multiply(word a, word b, rounding& round)
{
    return multiply_add(a, b, (a ^ b) & sign_bit, round); // and a 0 of the same sign
}

template <class format> u64 floating_point<format>::divide(word a_bits, word b_bits, rounding& round)
{
    const number a = take_apart<format>(a_bits), b = take_apart<format>(b_bits);
    const word sign = (a_bits ^ b_bits) & sign_bit;
    if (a.is_nan() || b.is_nan())
        return no_number<format>(round, any_signals(a, b));
    if (a.what == b.what && a.what != kind::finite) // 0 / 0, infinite / infinite
        return no_number<format>(round, true);
    if (a.what == kind::infinite || b.what == kind::zero) {
        round.flags |= a.what == kind::infinite ? 0 : divided_by_zero;
        return sign | infinity;
    }
    if (a.what == kind::zero || b.what == kind::infinite)
        return sign;
    const u128 dividend = u128{a.significand} << 63;
    const u128 quotient = dividend / b.significand;
    const u128 digits = quotient << 63 | (dividend % b.significand != 0 ? 1U : 0U);
    const int zeros = rv64::leading_zeros(digits);
    return put_together<format>(sign != 0, a.exponent - b.exponent + 1 - zeros, digits << zeros, round);
}

template <class format> u64 floating_point<format>::root(word bits, rounding& round)
{
    const number a = take_apart<format>(bits);
    if (a.is_nan())
        return no_number<format>(round, a.what == kind::signalling);
    if (a.what == kind::zero || (a.what == kind::infinite && !a.negative))
        return bits;
    if (a.negative)
        return no_number<format>(round, true);
    const bool odd = a.exponent % 2 != 0;
    // An even power of two is left: 64 digits of the root come out, or 63 of an odd exponent.
    const u128 square = u128{a.significand} << (odd ? 62 : 63);
    const u64 root = integer_root(square);
    const u128 digits = u128{root} << 64 | (u128{root} * root != square ? 1U : 0U);
    return put_together<format>(false, (a.exponent - (odd ? 1 : 0)) / 2, digits << (odd ? 1 : 0), round);
}

template <class format> u64 floating_point<format>::extreme(word a_bits, word b_bits, bool greatest, rounding& round)
{
    const number a = take_apart<format>(a_bits), b = take_apart<format>(b_bits);
    round.flags |= any_signals(a, b) ? invalid : 0;
    if (a.is_nan() || b.is_nan())
        return a.is_nan() && b.is_nan() ? not_a_number : a.is_nan() ? b_bits : a_bits;
    rounding unheard;
    const bool zeros = a.what == kind::zero && b.what == kind::zero;
    const bool a_less = zeros ? a.negative : less(a_bits, b_bits, false, unheard);
    return a_less != greatest ? a_bits : b_bits;
}

template <class format> bool floating_point<format>::equal(word a_bits, word b_bits, rounding& round)
{
    const number a = take_apart<format>(a_bits), b = take_apart<format>(b_bits);
    round.flags |= any_signals(a, b) ? invalid : 0;
    if (a.is_nan() || b.is_nan())
        return false;
    return a_bits == b_bits || (a.what == kind::zero && b.what == kind::zero);
}

template <class format> bool floating_point<format>::less(word a_bits, word b_bits, bool or_equal, rounding& round)
{
    const number a = take_apart<format>(a_bits), b = take_apart<format>(b_bits);
    if (a.is_nan() || b.is_nan()) {
        round.flags |= invalid;
        return false;
    }
    if (a_bits == b_bits || (a.what == kind::zero && b.what == kind::zero))
        return or_equal;
    if (a.negative != b.negative)
        return a.negative;
    return (a_bits < b_bits) != a.negative; // bits are in order of magnitude
}

template <class format> unsigned floating_point<format>::class_of(word bits)
{
    const number a = take_apart<format>(bits);
    const bool subnormal = a.what == kind::finite && (bits & infinity) == 0;
    switch (a.what) {
    case kind::infinite:
        return a.negative ? 1U << 0 : 1U << 7;
    case kind::finite:
        return subnormal ? (a.negative ? 1U << 2 : 1U << 5) : (a.negative ? 1U << 1 : 1U << 6);
    case kind::zero:
        return a.negative ? 1U << 3 : 1U << 4;
    case kind::signalling:
        return 1U << 8;
    default:
        return 1U << 9;
    }
}

template <class format>
u64 floating_point<format>::to_integer(word a_bits, unsigned bits, bool is_signed, rounding& round)
{
    const number a = take_apart<format>(a_bits);
    const u64 largest = ~u64{0} >> (64 - bits + (is_signed ? 1 : 0)); // of a positive result
    const u64 least = is_signed ? largest + 1 : 0;                    // magnitude of a negative one
    const auto extended = [bits](u64 value) {
        return bits == 64 ? value : static_cast<u64>(std::int64_t{static_cast<std::int32_t>(value)});
    };
    const auto does_not_fit = [&](bool negative) {
        round.flags |= invalid;
        return extended(negative ? u64{0} - least : largest);
    };
    if (a.what == kind::zero)
        return 0;
    if (a.what != kind::finite)
        return does_not_fit(a.negative && !a.is_nan());
    if (a.exponent > 63)
        return does_not_fit(a.negative);
    // With 64 bits of integer above 64 bits of fraction.
    const u128 fixed = shift_sticky(u128{a.significand} << 64, std::min(63 - a.exponent, 127));
    bool exact = true;
    const u64 magnitude = rounded(fixed, 64, a.negative, round, exact);
    const bool wraps = magnitude == 0 && static_cast<u64>(fixed >> 64) != 0;
    if (wraps || magnitude > (a.negative ? least : largest))
        return does_not_fit(a.negative);
    round.flags |= exact ? 0 : inexact;
    return extended(a.negative ? u64{0} - magnitude : magnitude);
}

template <class format> u64 floating_point<format>::from_integer(u64 value, bool is_signed, rounding& round)
{
    const bool negative = is_signed && value >> 63 != 0;
    const u64 magnitude = negative ? u64{0} - value : value;
    if (magnitude == 0)
        return 0;
    const int zeros = __builtin_clzll(magnitude);
    return put_together<format>(negative, 63 - zeros, u128{magnitude} << (64 + zeros), round);
}

template <class format> template <class other> u64 floating_point<format>::from(word bits, rounding& round)
{
    const number a = take_apart<other>(bits);
    const word sign = a.negative ? sign_bit : 0;
    switch (a.what) {
    case kind::zero:
        return sign;
    case kind::infinite:
        return sign | infinity;
    case kind::finite:
        return put_together<format>(a.negative, a.exponent, u128{a.significand} << 64, round);
    default:
        return no_number<format>(round, a.what == kind::signalling);
    }
}

template struct floating_point<single_precision>;
template struct floating_point<double_precision>;
template u64 floating_point<single_precision>::from<double_precision>(word, rounding&);
template u64 floating_point<double_precision>::from<single_precision>(word, rounding&);

} // namespace loas::rv64
