// Deterministic random numbers. The distributions of the standard library differ between implementations, and a test
// that failed with some seed must fail with it everywhere, so everything is spelled out here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loas::functional
{

/// xoshiro256** (Blackman and Vigna), its state filled by splitmix64 as its authors advise.
class random_source
{
public:
    explicit random_source(std::uint64_t seed)
    {
        for (std::uint64_t& word : m_state)
            word = splitmix64(seed);
    }

    std::uint64_t next()
    {
        const std::uint64_t result = rotate_left(m_state[1] * 5, 7) * 9;
        const std::uint64_t shifted = m_state[1] << 17;
        m_state[2] ^= m_state[0];
        m_state[3] ^= m_state[1];
        m_state[1] ^= m_state[2];
        m_state[0] ^= m_state[3];
        m_state[2] ^= shifted;
        m_state[3] = rotate_left(m_state[3], 45);
        return result;
    }

    /// 0..bound-1. The modulo's bias is far below anything that a test could notice. bound must not be 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

    /// low..high, both included.
    std::int64_t between(std::int64_t low, std::int64_t high)
    {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }

    unsigned between_unsigned(unsigned low, unsigned high) { return static_cast<unsigned>(between(low, high)); }

    /// True in numerator of denominator cases; 0 of n is never, n of n always.
    bool chance(std::uint64_t numerator, std::uint64_t denominator) { return below(denominator) < numerator; }

    template <typename value_type, std::size_t count> value_type pick(const value_type (&values)[count])
    {
        return values[below(count)];
    }

    static std::uint64_t splitmix64(std::uint64_t& state)
    {
        state += 0x9E3779B97F4A7C15u;
        std::uint64_t mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
        return mixed ^ (mixed >> 31);
    }

private:
    friend class random_lanes;
    static std::uint64_t rotate_left(std::uint64_t value, unsigned bits)
    {
        return (value << bits) | (value >> (64 - bits));
    }

    std::uint64_t m_state[4];
};

/// Eight stretches of one source at a time, in vectors: lane i gives the numbers of the source from number i * stretch
/// on.
class random_lanes
{
public:
    static constexpr unsigned count = 8;
    using numbers = std::uint64_t __attribute__((vector_size(8 * count)));

    /// Takes some 10 us, whatever the stretch.
    random_lanes(random_source source, std::uint64_t stretch);

    /// The next number of each lane.
    void next(numbers& next)
    {
        const numbers times_5 = m_state[1] + (m_state[1] << 2), rotated = (times_5 << 7) | (times_5 >> 57);
        const numbers shifted = m_state[1] << 17;
        next = rotated + (rotated << 3);
        m_state[2] ^= m_state[0];
        m_state[3] ^= m_state[1];
        m_state[1] ^= m_state[2];
        m_state[0] ^= m_state[3];
        m_state[2] ^= shifted;
        m_state[3] = (m_state[3] << 45) | (m_state[3] >> 19);
    }

private:
    numbers m_state[4];
};

} // namespace loas::functional
