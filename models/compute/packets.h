// What travels on the links between scheduler, tiles, P-LIFs and compressor, as data of generic payloads. The address
// of a payload says what it is; fibers travel as a header, the mask, and the values, in 64-bit words.
#pragma once

#include "models/functional/bits.h"
#include "models/functional/neuron.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace loas::compute
{

/// Operation of the tiles, in the top byte of the address.
enum class tile_operation : std::uint8_t { configure = 1, load_row = 2, join = 3 };

constexpr std::uint64_t address_of(tile_operation operation, std::uint64_t tile = 0)
{
    return static_cast<std::uint64_t>(operation) << 56 | tile;
}

constexpr tile_operation operation_of(std::uint64_t address)
{
    return static_cast<tile_operation>(address >> 56);
}

/// Of tile_operation::load_row, whose data is the row's fiber packet.
constexpr std::uint64_t tile_of(std::uint64_t address)
{
    return address & 0xFFFFFFFF;
}

/// Address of results on their way from the tiles to memory: of rows of the group, from first_row on, in columns of the
/// product, from first_column on. A product has fewer than 2^16 columns.
constexpr std::uint64_t results_address(std::uint64_t first_column, std::uint64_t first_row, std::uint64_t rows = 1)
{
    return first_row << 32 | (rows - 1) << 16 | first_column;
}
constexpr std::uint64_t column_of_results(std::uint64_t address)
{
    return address & 0xFFFF;
}
constexpr std::uint64_t row_of_results(std::uint64_t address)
{
    return address >> 32;
}
constexpr std::uint64_t rows_of_results(std::uint64_t address)
{
    return (address >> 16 & 0xFFFF) + 1;
}

/// Data of tile_operation::configure.
struct tile_configuration {
    std::uint32_t timesteps;
    std::uint32_t inputs; ///< K
    bool currents;        ///< no neuron
    functional::neuron_parameters neuron;
};

/// A fiber on a link: [id, value count, bias (columns only)], mask words, ranks, values. The mask is padded with zero
/// bits to whole chunks. Values are uint16 spike words for rows, int8 weights for columns. The ranks (uint32, values
/// before each mask word) are no data of the hardware, whose prefix-sums find them; they are here so that not every
/// receiver of a broadcast must count the same bits again.
class fiber_packet
{
public:
    /// Empties the packet: a mask of mask_words zero words.
    void reset(std::uint32_t id, std::size_t mask_words)
    {
        m_mask_words = mask_words;
        take(header_words + mask_words);
        std::fill_n(m_words.begin(), m_taken, 0);
        m_words[0] = id;
    }

    void set_bias(std::int32_t bias) { m_words[2] = static_cast<std::uint32_t>(bias); }

    std::uint64_t* mask() { return m_words.data() + header_words; }

    /// The mask is complete now, and may move. Returns its number of ones, which is that of the values.
    std::size_t rank_mask()
    {
        take(header_words + m_mask_words + rank_words(m_mask_words));
        auto* ranks = reinterpret_cast<std::uint32_t*>(mask() + m_mask_words);
        std::uint32_t rank = 0;
        for (std::size_t i = 0; i < m_mask_words; ++i) {
            ranks[i] = rank;
            rank += functional::popcount(mask()[i]);
        }
        m_words[1] = rank;
        return rank;
    }

    /// Room for values of `value_bytes` bytes behind the mask, as many as rank_mask() found.
    void* allocate_values(std::size_t value_bytes)
    {
        const std::size_t before_values = header_words + m_mask_words + rank_words(m_mask_words);
        take(before_values + (m_words[1] * value_bytes + 7) / 8);
        return m_words.data() + before_values;
    }

    std::uint32_t id() const { return static_cast<std::uint32_t>(m_words[0]); }
    void* data() { return m_words.data(); }
    std::size_t bytes() const { return m_taken * 8; }
    std::size_t value_count() const { return m_words[1]; }

    /// The receiver's view.
    struct view {
        std::uint32_t id;
        std::size_t value_count;
        std::int32_t bias;
        const std::uint64_t* mask;
        const std::uint32_t* ranks;
        const std::uint64_t* values;
    };

    view look() const { return parse(reinterpret_cast<const unsigned char*>(m_words.data()), m_mask_words); }

    static view parse(const unsigned char* data, std::size_t mask_words)
    {
        const auto* words = reinterpret_cast<const std::uint64_t*>(data);
        return {static_cast<std::uint32_t>(words[0]),
                words[1],
                static_cast<std::int32_t>(static_cast<std::uint32_t>(words[2])),
                words + header_words,
                reinterpret_cast<const std::uint32_t*>(words + header_words + mask_words),
                words + header_words + mask_words + rank_words(mask_words)};
    }

private:
    static constexpr std::size_t header_words = 3;
    static constexpr std::size_t rank_words(std::size_t mask_words) { return (mask_words + 1) / 2; }

    /// The packet has so many words now. There never are fewer, so that what will be overwritten is not filled again.
    void take(std::size_t words)
    {
        m_taken = words;
        if (m_words.size() < words)
            m_words.resize(words);
    }

    std::size_t m_mask_words = 0;
    std::size_t m_taken = 0; ///< words of the packet
    std::vector<std::uint64_t> m_words;
};

/// Data of tile_operation::join: chunks [first_chunk, first_chunk + chunks) of columns that follow one another, into
/// accumulator sets from first_set on, for the first `tiles` tiles. The columns are views of the fibers where they were
/// fetched to: a broadcast copies nothing.
struct join_broadcast {
    const fiber_packet::view* columns;
    std::size_t column_count;
    unsigned first_set;
    std::uint32_t first_chunk, chunks;
    bool drain; ///< afterwards the tiles' neurons are complete and go on to the P-LIFs
    std::size_t tiles;
    std::uint64_t* tile_cycles; ///< [tile]: from when it can begin; as an answer, when it is done
};

} // namespace loas::compute
