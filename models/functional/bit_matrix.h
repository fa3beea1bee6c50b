// Rows of bits, as masks of fibers.
#pragma once

#include "models/functional/bits.h"

#include <cstdint>
#include <vector>

namespace loas::functional
{

class bit_matrix
{
public:
    bit_matrix(std::size_t rows, std::size_t bits)
        : m_rows(rows), m_bits(bits), m_row_words(words_of(bits)), m_words(rows * m_row_words)
    {
    }

    std::size_t rows() const { return m_rows; }
    std::size_t bits() const { return m_bits; }
    void set(std::size_t row, std::size_t bit)
    {
        m_words[row * m_row_words + bit / 64] |= std::uint64_t{1} << bit % 64;
    }
    /// Sets the bits of a word, bit 64 * index and up, that are set there.
    void set_word(std::size_t row, std::size_t index, std::uint64_t bits)
    {
        m_words[row * m_row_words + index] |= bits;
    }
    /// Set bits in all rows.
    std::size_t count() const { return popcount(m_words.data(), m_words.size()); }
    /// words_of(bits()) words.
    const std::uint64_t* row(std::size_t index) const { return m_words.data() + index * m_row_words; }

private:
    std::size_t m_rows;
    std::size_t m_bits;
    std::size_t m_row_words;
    std::vector<std::uint64_t> m_words;
};

/// Where elements[row][bit] are not zero.
template <typename element>
bit_matrix non_zeros_of(const std::vector<element>& elements, std::size_t rows, std::size_t bits)
{
    bit_matrix masks(rows, bits);
    const element* next = elements.data();
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t first = 0; first < bits; first += 64) {
            std::uint64_t word = 0; // no branch, which nobody could predict
            const std::size_t count = bits - first < 64 ? bits - first : 64;
            for (std::size_t bit = 0; bit < count; ++bit)
                word |= std::uint64_t{*next++ != 0} << bit;
            masks.set_word(row, first / 64, word);
        }
    return masks;
}

} // namespace loas::functional
