// The inner-join unit of a tile: one row fiber against column fibers, chunk by chunk, with speculative accumulation as
// in the hardware: the pseudo-accumulator adds every matched weight as if it spiked in all timesteps, the correction
// accumulators take back what did not spike. Function and timing in one pass over the matches. No SystemC.
//
// It is where a simulation spends most of its time. So mask words without a match are sorted out first, by a loop that
// does not branch, and the correction accumulators of four timesteps lie in one vector. tests/golden has the slow forms
// of all of this.
#pragma once

#include "compute/join_pipeline.h"
#include "compute/packets.h"
#include "functional/lanes.h"

#include <array>
#include <cstdint>
#include <vector>

namespace loas::compute
{

struct accumulator_widths {
    unsigned pseudo_bits = 12;     ///< two's complement
    unsigned correction_bits = 10; ///< two's complement
};

struct join_statistics {
    std::uint64_t joins = 0;
    std::uint64_t empty_joins = 0;
    std::uint64_t matches = 0;
    std::uint64_t corrections = 0;
    std::uint64_t correction_adds = 0;
    std::uint64_t a_mask_bits = 0; ///< row mask bits read into the mask register
    std::uint64_t pseudo_overflows = 0;
    std::uint64_t correction_overflows = 0;
    std::uint64_t max_abs_pseudo = 0;
    std::uint64_t max_abs_correction = 0;
};

class inner_join_unit
{
public:
    static constexpr unsigned max_timesteps = 16;

    inner_join_unit(const join_parameters& timing, unsigned chunk_bits, unsigned accumulator_sets,
                    accumulator_widths widths);

    /// Starts a layer: statistics at 0.
    void configure(unsigned timesteps, std::size_t inputs);

    /// Row fiber: mask of whole chunks, spike words in order. The unit keeps a copy.
    void load_row(const fiber_packet::view& row);

    /// Joins chunks of a column fiber into one accumulator set; a set starts at 0 with its first chunk. Chunks of one
    /// column come in order.
    void join(const join_command& command, const fiber_packet::view& column);

    /// Waits for the corrections and returns the cycle in which the accumulators can be read.
    std::uint64_t drain() { return m_pipeline.drain(); }

    /// O[t] = pseudo - correction[t] of a set, without bias.
    void read(unsigned set, std::int32_t* currents);

    join_pipeline& pipeline() { return m_pipeline; }
    const join_pipeline& pipeline() const { return m_pipeline; }
    const join_statistics& statistics() const { return m_statistics; }
    std::size_t mask_words() const { return m_mask_words; }

private:
    struct range {
        std::int32_t low = 0, high = 0; ///< of a running value
    };
    /// Correction accumulators of four timesteps.
    struct four_corrections {
        functional::four_lanes sum{}, low{}, high{};
    };
    struct accumulators {
        std::int32_t pseudo = 0;
        range pseudo_range;
        std::array<four_corrections, max_timesteps / 4> corrections;
    };

    std::size_t find_hits(std::size_t first_word, std::size_t end_word, const std::uint64_t* column_mask);
    template <unsigned fours>
    void add_matches(const join_command& command, const fiber_packet::view& column, std::size_t hits);

    join_pipeline m_pipeline;
    unsigned m_chunk_bits;
    unsigned m_chunk_words;
    accumulator_widths m_widths;
    unsigned m_timesteps = 1;
    unsigned m_all_ones = 1;
    std::size_t m_mask_words = 0;
    std::vector<std::uint64_t> m_mask;
    std::vector<std::uint32_t> m_ranks; ///< spike words before each mask word: the laggy prefix-sum's result
    std::vector<std::uint16_t> m_words;
    std::vector<std::uint32_t> m_chunk_of; ///< of each mask word
    std::vector<std::uint32_t> m_hits;     ///< mask words that have matches, in a join
    std::uint32_t m_chunk_held = no_chunk; ///< chunk whose row mask is in the mask register
    std::vector<accumulators> m_sets;
    join_statistics m_statistics;

    static constexpr std::uint32_t no_chunk = ~0U;
};

} // namespace loas::compute
