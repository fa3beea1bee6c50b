// Floating point: against this computer's own, in its four rounding modes with all exceptions, over random and awkward
// numbers; the fifth mode and what computers do differently by hand; and the instructions.
#include "models/cores/rv64/floating_point.h"
#include "tests/unit/cores/rv64/small_board.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <random>

namespace
{

using namespace loas;
using namespace loas::test::rv64_code;
using loas::test::both_forms;
using loas::test::small_board;
using rv64::rounding;
namespace csr = rv64::csr;
namespace status = rv64::status;

using u64 = std::uint64_t;
using f32 = rv64::floating_point<rv64::single_precision>;
using f64 = rv64::floating_point<rv64::double_precision>;

template <class fp> struct host;
template <> struct host<f32> {
    using number = float;
    using bits = std::uint32_t;
};
template <> struct host<f64> {
    using number = double;
    using bits = std::uint64_t;
};

template <class fp> typename host<fp>::number number_of(u64 bits)
{
    typename host<fp>::number to;
    const auto own = static_cast<typename host<fp>::bits>(bits);
    std::memcpy(&to, &own, sizeof to);
    return to;
}

template <class fp> u64 bits_of(typename host<fp>::number number)
{
    typename host<fp>::bits to;
    std::memcpy(&to, &number, sizeof to);
    return std::isnan(number) ? fp::not_a_number : u64{to};
}

unsigned host_flags()
{
    const auto flag = [](int of, unsigned as) { return std::fetestexcept(of) != 0 ? as : 0U; };
    return flag(FE_INEXACT, rv64::inexact) | flag(FE_UNDERFLOW, rv64::underflow) | flag(FE_OVERFLOW, rv64::overflow) |
           flag(FE_DIVBYZERO, rv64::divided_by_zero) | flag(FE_INVALID, rv64::invalid);
}

constexpr int host_modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD}; // in the order of frm

/// A number with many zeros or ones in it, often near the ends of the format, or near another number.
template <class fp> u64 some_number(std::mt19937_64& random, u64 near)
{
    const u64 all = fp::sign_bit | (fp::sign_bit - 1);
    const u64 raw = random() & all;
    const u64 fraction = (u64{1} << fp::fraction_bits) - 1;
    switch (random() % 8) {
    case 0: // few ones at the end
        return (raw & ~fraction) | (random() % 4);
    case 1: // nearly all ones
        return (raw & ~fraction) | (fraction - random() % 4);
    case 2: // zero, subnormal
        return raw & (fp::sign_bit | (fraction >> (random() % fp::fraction_bits)));
    case 3: // about the same size as the other
        return (near + (random() % 64 << fp::fraction_bits) + random() % 5 - 2) & all;
    case 4: // the other, negative
        return (near ^ fp::sign_bit) & all;
    case 5: // round numbers
        return bits_of<fp>(static_cast<typename host<fp>::number>(static_cast<int>(random() % 4096) - 2048));
    case 6: // infinite, no number
        return random() % 4 == 0 ? fp::infinity | (raw & (fp::sign_bit | fraction))
                                 : fp::infinity | (raw & fp::sign_bit);
    default:
        return raw;
    }
}

/// What this computer says, with operands and results that the compiler cannot reckon with beforehand.
template <class fp, class operation> u64 on_host(unsigned mode, unsigned& flags, u64 a, u64 b, u64 c, operation does)
{
    using number = typename host<fp>::number;
    volatile number x = number_of<fp>(a), y = number_of<fp>(b), z = number_of<fp>(c);
    std::feclearexcept(FE_ALL_EXCEPT);
    std::fesetround(host_modes[mode]);
    volatile number result = does(x, y, z);
    flags = host_flags();
    std::fesetround(FE_TONEAREST);
    return bits_of<fp>(result);
}

template <class fp> void compare_with_host(const char* name, unsigned seed)
{
    using number = typename host<fp>::number;
    using result = u64 (*)(u64, u64, u64, rounding&);
    using on = number (*)(volatile number&, volatile number&, volatile number&);
    struct operation {
        const char* name;
        result ours;
        on hosts;
    };
    const operation operations[] = {
        {"add", [](u64 a, u64 b, u64, rounding& r) { return fp::add(a, b, r); },
         [](volatile number& a, volatile number& b, volatile number&) -> number { return a + b; }},
        {"multiply", [](u64 a, u64 b, u64, rounding& r) { return fp::multiply(a, b, r); },
         [](volatile number& a, volatile number& b, volatile number&) -> number { return a * b; }},
        {"divide", [](u64 a, u64 b, u64, rounding& r) { return fp::divide(a, b, r); },
         [](volatile number& a, volatile number& b, volatile number&) -> number { return a / b; }},
        {"root", [](u64 a, u64, u64, rounding& r) { return fp::root(a, r); },
         [](volatile number& a, volatile number&, volatile number&) -> number { return std::sqrt(number{a}); }},
    };
    std::mt19937_64 random(seed);
    for (int i = 0; i < 400000; ++i) {
        const u64 a = some_number<fp>(random, random()), b = some_number<fp>(random, a), c = some_number<fp>(random, b);
        const operation& each = operations[static_cast<unsigned>(i) % 4];
        const unsigned mode = static_cast<unsigned>(random() % 4);
        unsigned flags = 0;
        const u64 expected = on_host<fp>(mode, flags, a, b, c, each.hosts);
        rounding round{mode, 0};
        const u64 got = each.ours(a, b, c, round);
        ASSERT_TRUE(got == expected && round.flags == flags)
            << name << ' ' << each.name << std::hex << ' ' << a << ' ' << b << ", mode " << mode << ": " << got
            << " flags " << round.flags << " instead of " << expected << " flags " << flags;
    }
}

/// Fused operations by the library, which has no flags to compare where it has no instruction for them.
template <class fp> void compare_fused(unsigned seed)
{
    using number = typename host<fp>::number;
    std::mt19937_64 random(seed);
    for (int i = 0; i < 200000; ++i) {
        const u64 a = some_number<fp>(random, random()), b = some_number<fp>(random, a);
        rounding near;
        const u64 product = fp::multiply(a, b, near); // so that digits cancel
        const u64 c = some_number<fp>(random, random() % 2 == 0 ? product : b);
        const unsigned mode = static_cast<unsigned>(random() % 4);
        unsigned flags = 0;
        const u64 expected =
            on_host<fp>(mode, flags, a, b, c, [](volatile number& x, volatile number& y, volatile number& z) -> number {
                return std::fma(number{x}, number{y}, number{z});
            });
        rounding round{mode, 0};
        const u64 got = fp::multiply_add(a, b, c, round);
        ASSERT_EQ(got, expected) << std::hex << a << ' ' << b << ' ' << c << ", mode " << mode;
        // A product of nothing and infinity is invalid here even with no number to add.
        ASSERT_EQ(round.flags & rv64::overflow, flags & rv64::overflow) << std::hex << a << ' ' << b << ' ' << c;
    }
}

u64 d(double value)
{
    return bits_of<f64>(value);
}
u64 s(float value)
{
    return bits_of<f32>(value);
}

} // namespace

TEST(rv64_floating_point, as_on_this_computer)
{
    compare_with_host<f32>("single", 1);
    compare_with_host<f64>("double", 2);
}

TEST(rv64_floating_point, fused_as_on_this_computer)
{
    compare_fused<f32>(3);
    compare_fused<f64>(4);
}

TEST(rv64_floating_point, conversions_as_on_this_computer)
{
    std::mt19937_64 random(5);
    for (int i = 0; i < 200000; ++i) {
        const unsigned mode = static_cast<unsigned>(random() % 4);
        const u64 a = some_number<f64>(random, d(static_cast<double>(random() >> random() % 64)));
        rounding round{mode, 0};
        const u64 got = f32::from<rv64::double_precision>(a, round);
        std::feclearexcept(FE_ALL_EXCEPT);
        std::fesetround(host_modes[mode]);
        volatile double x = number_of<f64>(a);
        volatile float narrow = static_cast<float>(x);
        const unsigned flags = host_flags();
        volatile auto integer = static_cast<std::int64_t>(random() >> random() % 64) * (random() % 2 == 0 ? 1 : -1);
        std::feclearexcept(FE_ALL_EXCEPT);
        volatile double back = static_cast<double>(integer);
        const unsigned back_flags = host_flags();
        std::fesetround(FE_TONEAREST);
        ASSERT_EQ(got, bits_of<f32>(narrow)) << std::hex << a << " mode " << mode;
        ASSERT_EQ(round.flags, flags) << std::hex << a << " mode " << mode;
        round.flags = 0;
        ASSERT_EQ(f64::from_integer(static_cast<u64>(integer), true, round), bits_of<f64>(back)) << integer;
        ASSERT_EQ(round.flags, back_flags) << integer;
        const double wholes[] = {std::nearbyint(x), std::trunc(x), std::floor(x), std::ceil(x)}, whole = wholes[mode];
        if (std::fabs(whole) < 9.2e18) {
            round.flags = 0;
            ASSERT_EQ(f64::to_integer(a, 64, true, round), static_cast<u64>(static_cast<std::int64_t>(whole))) << x;
            ASSERT_EQ(round.flags, whole == x ? 0U : rv64::inexact) << x;
        }
        round.flags = 0;
        const u64 single = some_number<f32>(random, a);
        ASSERT_EQ(f64::from<rv64::single_precision>(single, round), bits_of<f64>(double{number_of<f32>(single)}));
    }
}

// Halves go away from zero in the fifth mode; otherwise it is the first.
TEST(rv64_floating_point, halves_to_the_larger)
{
    const auto with = [](unsigned mode, auto does) {
        rounding round{mode, 0};
        return does(round);
    };
    const double epsilon = 0x1p-53;
    const auto sum = [&](rounding& r) { return f64::add(d(1), d(epsilon), r); };
    EXPECT_EQ(with(rv64::to_even, sum), d(1));
    EXPECT_EQ(with(rv64::to_larger, sum), d(1 + 2 * epsilon));
    const auto negative = [&](rounding& r) { return f64::add(d(-1), d(-epsilon), r); };
    EXPECT_EQ(with(rv64::to_larger, negative), d(-1 - 2 * epsilon));
    const auto less = [&](rounding& r) { return f64::add(d(1), d(epsilon * 0.75), r); };
    EXPECT_EQ(with(rv64::to_larger, less), d(1));
    for (const auto& [value, even, larger] :
         {std::tuple{2.5, 2, 3}, std::tuple{-2.5, -2, -3}, std::tuple{0.5, 0, 1}, std::tuple{3.25, 3, 3}}) {
        const auto integer = [&, from = value](rounding& r) { return f64::to_integer(d(from), 64, true, r); };
        EXPECT_EQ(with(rv64::to_even, integer), static_cast<u64>(std::int64_t{even}));
        EXPECT_EQ(with(rv64::to_larger, integer), static_cast<u64>(std::int64_t{larger}));
    }
    std::mt19937_64 random(6);
    unsigned differ = 0;
    for (int i = 0; i < 100000; ++i) {
        const u64 a = some_number<f32>(random, random()), b = some_number<f32>(random, a);
        rounding even{rv64::to_even, 0}, larger{rv64::to_larger, 0}, zero{rv64::to_zero, 0};
        const u64 with_even = f32::add(a, b, even), with_larger = f32::add(a, b, larger),
                  with_zero = f32::add(a, b, zero);
        // Only from the nearer to the farther of two, if at all.
        ASSERT_TRUE(with_larger == with_even || (with_even == with_zero && with_larger == with_zero + 1));
        differ += with_larger != with_even ? 1U : 0U;
    }
    EXPECT_GT(differ, 10u);
}

TEST(rv64_floating_point, what_does_not_fit_an_integer)
{
    struct row {
        double value;
        unsigned bits;
        bool is_signed;
        u64 result;
        unsigned flags;
    };
    constexpr u64 all = ~u64{0};
    const row rows[] = {{NAN, 32, true, 0x7fffffff, rv64::invalid},
                        {NAN, 64, false, all, rv64::invalid},
                        {INFINITY, 64, true, all >> 1, rv64::invalid},
                        {-INFINITY, 64, true, all / 2 + 1, rv64::invalid},
                        {-INFINITY, 32, false, 0, rv64::invalid},
                        {2147483647.5, 32, true, 0x7fffffff, rv64::inexact},
                        {2147483648.0, 32, true, 0x7fffffff, rv64::invalid},
                        {-2147483648.9, 32, true, 0xffffffff80000000, rv64::inexact},
                        {-2147483649.0, 32, true, 0xffffffff80000000, rv64::invalid},
                        {4294967295.0, 32, false, all, 0}, // sign-extended
                        {4294967296.0, 32, false, all, rv64::invalid},
                        {-0.75, 32, false, 0, rv64::inexact},
                        {-1.0, 64, false, 0, rv64::invalid},
                        {18446744073709549568.0, 64, false, 18446744073709549568ULL, 0},
                        {18446744073709551616.0, 64, false, all, rv64::invalid},
                        {9223372036854775808.0, 64, true, all >> 1, rv64::invalid},
                        {-9223372036854775808.0, 64, true, all / 2 + 1, 0},
                        {1e300, 32, true, 0x7fffffff, rv64::invalid},
                        {1e-300, 64, true, 0, rv64::inexact}};
    for (const row& each : rows) {
        rounding round{rv64::to_zero, 0};
        EXPECT_EQ(f64::to_integer(d(each.value), each.bits, each.is_signed, round), each.result) << each.value;
        EXPECT_EQ(round.flags, each.flags) << each.value;
    }
}

TEST(rv64_floating_point, order_and_classes)
{
    const u64 quiet = f32::not_a_number, signalling = f32::infinity | 1;
    rounding round;
    EXPECT_EQ(f32::extreme(s(-0.0f), s(0.0f), false, round), s(-0.0f));
    EXPECT_EQ(f32::extreme(s(-0.0f), s(0.0f), true, round), s(0.0f));
    EXPECT_EQ(f32::extreme(quiet, s(1), false, round), s(1));
    EXPECT_EQ(f32::extreme(s(-2), s(1), false, round), s(-2));
    EXPECT_EQ(f32::extreme(quiet, quiet, true, round), quiet);
    EXPECT_FALSE(f32::equal(quiet, quiet, round));
    EXPECT_TRUE(f32::equal(s(-0.0f), s(0.0f), round));
    EXPECT_TRUE(f32::less(s(-2), s(-1), false, round));
    EXPECT_TRUE(f32::less(s(-0.0f), s(0.0f), true, round));
    EXPECT_FALSE(f32::less(s(-0.0f), s(0.0f), false, round));
    EXPECT_EQ(round.flags, 0u);
    EXPECT_FALSE(f32::less(quiet, s(1), true, round));
    EXPECT_EQ(round.flags, rv64::invalid);
    round.flags = 0;
    EXPECT_EQ(f32::extreme(signalling, s(1), false, round), s(1));
    EXPECT_EQ(round.flags, rv64::invalid);
    round.flags = 0;
    EXPECT_EQ(f32::multiply_add(s(0), f32::infinity, quiet, round), quiet); // invalid all the same
    EXPECT_EQ(round.flags, rv64::invalid);
    const u64 each[] = {s(-INFINITY), s(-1), f32::sign_bit | 1, s(-0.0f), 0, 1, s(1), s(INFINITY), signalling, quiet};
    for (unsigned i = 0; i < 10; ++i)
        EXPECT_EQ(f32::class_of(each[i]), 1U << i);
}

TEST(rv64_floating, instructions)
{
    for (const rv64::dispatch form : both_forms) {
        small_board board(form);
        rv64::hart& hart = board.hart;
        const std::uint64_t base = board.ram_base, data = base + 0x8000;
        hart.write_csr(csr::mtvec, base + 0x4000);
        const auto run = [&](const std::vector<word>& code) {
            board.put(base, code);
            hart.set_pc(base);
            hart.set_x(2, data);
            board.steps(static_cast<unsigned>(code.size()));
        };
        const word fld = i_type(0, 2, 3, 0, 0x07), flw = i_type(8, 2, 2, 1, 0x07); // f0, f1
        const word fadd_d = r_type(0x01, 0, 0, 7, 3, 0x53), fmv_x_w = r_type(0x70, 0, 1, 0, 5, 0x53);
        board.set(data, 1.5);
        board.set(data + 8, -2.5f);
        run({fld}); // floating point is off
        EXPECT_EQ(board.csr(csr::mcause), std::uint64_t{rv64::cause::illegal});
        EXPECT_EQ(board.csr(csr::mtval), fld);
        run({csrrs(1, csr::fcsr, 0)});
        EXPECT_EQ(hart.traps(), 2u);
        hart.write_csr(csr::mstatus, std::uint64_t{1} << 13 | status::mpp);
        run({fld, flw, fadd_d, fmv_x_w});
        EXPECT_EQ(hart.traps(), 2u);
        EXPECT_EQ(hart.f(0), d(1.5));
        EXPECT_EQ(hart.f(1), 0xffffffff00000000 | s(-2.5f));
        EXPECT_EQ(hart.f(3), d(3));
        EXPECT_EQ(hart.x(5), 0xffffffff00000000 | s(-2.5f));
        EXPECT_EQ(board.csr(csr::mstatus) & (status::fs | status::sd), status::fs | status::sd);
        // What is not in a box is no number for single precision; stores and moves take the bits as they are.
        run({r_type(0x00, 0, 0, 7, 4, 0x53), s_type(16, 0, 2, 2) | 4, s_type(24, 1, 2, 3) | 4});
        EXPECT_EQ(hart.f(4), 0xffffffff00000000 | f32::not_a_number);
        EXPECT_EQ(board.get<std::uint32_t>(data + 16), static_cast<std::uint32_t>(d(1.5)));
        EXPECT_EQ(board.get<std::uint64_t>(data + 24), hart.f(1));
        // In a box it is: f1 + f1, f1 * f1 + f1, and f1 as a double.
        run({r_type(0x00, 1, 1, 7, 8, 0x53), 0x1U << 27 | 1 << 20 | 1 << 15 | 7 << 12 | 10 << 7 | 0x43,
             r_type(0x21, 0, 1, 7, 9, 0x53)});
        EXPECT_EQ(hart.f(8), 0xffffffff00000000 | s(-5));
        EXPECT_EQ(hart.f(10), 0xffffffff00000000 | s(3.75f));
        EXPECT_EQ(hart.f(9), d(-2.5));
        // fmsub, fnmadd: f0 * f0 - f3, -(f0 * f0) - f3
        run({0x3U << 27 | 1 << 25 | 7 << 12 | 5 << 7 | 0x47, 0x3U << 27 | 1 << 25 | 7 << 12 | 6 << 7 | 0x4f});
        EXPECT_EQ(hart.f(5), d(-0.75));
        EXPECT_EQ(hart.f(6), d(-5.25));
        // Rounding by frm; a reserved one is illegal where it is asked for, and only there.
        const word to_word = r_type(0x61, 0, 0, 7, 7, 0x53);
        run({csrrwi(0, csr::frm, 3), to_word, csrrs(8, csr::fflags, 0)});
        EXPECT_EQ(hart.x(7), 2u);
        EXPECT_EQ(hart.x(8), rv64::inexact);
        run({csrrwi(0, csr::frm, 5), r_type(0x61, 0, 0, 1, 7, 0x53), csrrwi(9, csr::fcsr, 0)});
        EXPECT_EQ(hart.x(7), 1u);
        EXPECT_EQ(hart.x(9), 5U << 5 | rv64::inexact);
        run({csrrwi(0, csr::frm, 5), to_word});
        EXPECT_EQ(hart.traps(), 3u);
        EXPECT_EQ(board.csr(csr::mtval), to_word);
        // Faults of loads leave the register.
        run({lui(2, 0x20000), i_type(0, 2, 3, 0, 0x07)});
        EXPECT_EQ(board.csr(csr::mcause), std::uint64_t{rv64::cause::load_access});
        EXPECT_EQ(hart.f(0), d(1.5));
    }
}
