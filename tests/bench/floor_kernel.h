// The floor: what a layer costs that is only computed, as fast as we can make it, by a kernel that knows nothing of
// hardware: no timing, no memory, no counters. Everything that the platform does more is measured against it.
//
// A direct sparse convolution: for each tile of neighbouring output pixels and each column, walk the column's non-zero
// weights and add each one into all lanes (pixel, timestep) that spike, with vector instructions and 16-bit sums. That
// needs neither unfolded rows nor masks, ranks and popcounts: a weight meets the spikes of many pixels in one addition,
// where a join walks the matches of its row one by one. T = 4, no bias, no pooling, hard reset: what the published
// layers are.
#pragma once

#include "platform/reference/reference.h"

#include <cstdint>
#include <vector>

namespace loas::bench
{

/// Spikes packed into fibers, as in memory: per pixel a mask of channels, then the words that are not silent.
struct packed_spikes {
    std::vector<std::uint64_t> masks; ///< [pixel][mask_words]
    std::vector<std::uint8_t> values; ///< [pixel][slot_bytes], 4 bits a word
    std::size_t mask_words = 0, slot_bytes = 0;
};

/// Back to words, [pixel][channel].
std::vector<std::uint16_t> unpack(const packed_spikes& packed, std::size_t channels);

class floor_kernel
{
public:
    static constexpr std::size_t timesteps = 4;
    static constexpr std::size_t chunk_inputs = 128; ///< of a join

    class match_reader
    {
    public:
        /// Matches of all joins of a tile: [chunk][column][pixel of the tile]. They stand until the next tile.
        virtual void counted(const floor_kernel& of, std::size_t first_position, const std::uint8_t* matches) = 0;

    protected:
        ~match_reader() = default;
    };

    /// Lays out the weights, which are the same in every run of a network. layer.spikes is not used.
    /// Throws std::invalid_argument for a layer that the kernel is not made for.
    explicit floor_kernel(const reference::reference_layer& layer);

    /// From the spikes as they stand, [height][width][channel], to the packed output. With a reader: also counts the
    /// matches of every join, of a row of the product with a chunk of a column, K = (ky, kx, channel).
    const packed_spikes& run(const std::vector<std::uint16_t>& spikes, match_reader* reader = nullptr);

    std::size_t chunks() const { return m_chunks; }
    std::size_t tile_pixels() const { return m_tile_pixels; }
    /// Output pixel of a position; none: of a gap between two rows of pixels, or past the end.
    static constexpr std::size_t none = ~std::size_t{0};
    std::size_t pixel_of(std::size_t position) const
    {
        return position < m_positions && position % m_plane_width < m_out_width
                   ? position / m_plane_width * m_out_width + position % m_plane_width
                   : none;
    }

    /// A weight that is not zero: 24 bits for the place of its input relative to the output pixel, 8 for its magnitude.
    class entry
    {
    public:
        entry(std::size_t place, int magnitude)
            : m_bits(static_cast<std::uint32_t>(place) << 8 | static_cast<std::uint32_t>(magnitude))
        {
        }
        std::size_t place() const { return m_bits >> 8; }
        std::uint16_t magnitude() const { return m_bits & 0xFF; }

    private:
        std::uint32_t m_bits;
    };

    /// The columns' chunks, in groups of those with as many weights.
    struct counting_plan {
        std::vector<std::size_t> starts;   ///< in joins, by the number of weights; and the end
        std::vector<std::uint32_t> joins;  ///< chunk * columns + column
        std::vector<std::uint32_t> places; ///< of the weights' inputs, of one join after the other
    };

private:
    void plan_counting();
    std::size_t place_of(std::size_t channel, std::size_t padded_y, std::size_t padded_x, std::size_t plane) const;
    void lay_out(const std::vector<std::uint16_t>& spikes);
    void fill_window(const std::vector<std::uint16_t>& spikes, std::size_t first, bool counting);
    void pack(std::size_t position, const std::uint8_t* words);

    reference::reference_layer m_layer;
    std::size_t m_out_height, m_out_width;
    bool m_matrix;                  ///< a plain matrix product: windows do not overlap
    std::size_t m_phases;           ///< stride x stride planes a channel
    std::size_t m_plane_width;      ///< pixels
    std::size_t m_plane;            ///< pixels
    std::size_t m_positions;        ///< from the first to the last output pixel in a plane
    std::size_t m_tile_pixels = 16; ///< of the outputs that are computed together
    std::size_t m_window;           ///< pixels of a plane that a tile reads
    std::vector<entry> m_entries;
    std::vector<std::size_t> m_starts;         ///< of the positive and the negative weights of each column
    std::vector<std::uint8_t> m_planes;        ///< [channel][phase][pixel]: spike words
    std::vector<std::uint8_t> m_window_words;  ///< [channel][phase][pixel of the window]
    std::vector<std::uint16_t> m_window_lanes; ///< [pair of timesteps][channel][phase][pixel of the window]
    std::vector<std::uint8_t> m_words;         ///< [column][pixel of the tile]
    std::size_t m_chunks = 0;
    counting_plan m_plan;
    std::vector<std::uint8_t> m_window_spiking; ///< as m_window_words: 1 for a word that is not silent
    std::vector<std::uint8_t> m_matches;        ///< [chunk][column][pixel of the tile]
    packed_spikes m_packed;
};

} // namespace loas::bench
