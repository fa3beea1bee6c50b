#include "models/functional/random_source.h"

namespace loas::functional
{
namespace
{

// A step of the generator is linear over the integers modulo 2, so `count` of them are a polynomial in one: x to the
// power of `count`, modulo the polynomial that the step itself satisfies (found with the Berlekamp-Massey algorithm; a
// test compares with single steps).
constexpr unsigned words = 4;
constexpr std::uint64_t own_polynomial[words] = {0x9D116F2BB0F0F001u, 0x0280002BCEFD1A5Eu, 0x04B4EDCF26259F85u,
                                                 0x0003C03C3F3ECB19u}; // and x to the power of 256

struct polynomial {
    std::uint64_t word[words] = {};

    bool has(unsigned power) const { return (word[power / 64] >> power % 64 & 1) != 0; }
    void add(const std::uint64_t (&other)[words])
    {
        for (unsigned i = 0; i < words; ++i)
            word[i] ^= other[i];
    }
    void multiply_by_x()
    {
        const bool over = has(64 * words - 1);
        for (unsigned i = words - 1; i > 0; --i)
            word[i] = word[i] << 1 | word[i - 1] >> 63;
        word[0] <<= 1;
        if (over)
            add(own_polynomial);
    }
    void square()
    {
        const polynomial factor = *this;
        *this = {};
        for (unsigned power = 64 * words; power-- > 0;) {
            multiply_by_x();
            if (factor.has(power))
                add(factor.word);
        }
    }
};

polynomial power_of_x(std::uint64_t exponent)
{
    polynomial power{{1}};
    for (std::uint64_t bit = std::uint64_t{1} << 63; bit != 0; bit >>= 1) {
        if (exponent >= bit)
            power.square();
        if ((exponent & bit) != 0)
            power.multiply_by_x();
    }
    return power;
}

} // namespace

random_lanes::random_lanes(random_source source, std::uint64_t stretch)
{
    const polynomial steps = power_of_x(stretch);
    for (unsigned lane = 0; lane < count; ++lane) {
        for (unsigned i = 0; i < words; ++i)
            m_state[i][lane] = source.m_state[i];
        polynomial state; // of the next lane: a sum of those that single steps lead to
        for (unsigned power = 0; power < 64 * words; ++power, source.next())
            if (steps.has(power))
                state.add(source.m_state);
        for (unsigned i = 0; i < words; ++i)
            source.m_state[i] = state.word[i];
    }
}

} // namespace loas::functional
