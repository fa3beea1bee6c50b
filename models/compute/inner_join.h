// The inner-join unit of a tile: one row fiber against column fibers, chunk by chunk, with speculative accumulation as
// in the hardware: the pseudo-accumulator adds every matched weight as if it spiked in all timesteps, the correction
// accumulators take back what did not spike. Function and timing in one pass over the matches. No SystemC.
#pragma once

#include "compute/join_pipeline.h"
#include "compute/packets.h"

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

    /// Row fiber: mask of whole chunks, words in order. The unit keeps a copy.
    void load_row(const std::uint64_t* mask, const std::uint16_t* words, std::size_t word_count);

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
    struct accumulators {
        std::size_t next_weight = 0; ///< offset of the next chunk's first weight in the column fiber
        std::int32_t pseudo = 0;
        std::int32_t pseudo_low = 0, pseudo_high = 0; ///< range of the running value
        std::array<std::int32_t, max_timesteps> correction{};
        std::int32_t correction_low = 0, correction_high = 0;
    };

    void join_chunk(accumulators& sums, std::size_t first_word, const fiber_packet::view& column);
    void add_match(accumulators& sums, std::int32_t weight, std::uint16_t word);

    join_pipeline m_pipeline;
    unsigned m_chunk_bits;
    unsigned m_chunk_words;
    accumulator_widths m_widths;
    unsigned m_timesteps = 1;
    std::uint16_t m_all_ones = 1;
    std::size_t m_mask_words = 0;
    std::vector<std::uint64_t> m_mask;
    std::vector<std::uint32_t> m_rank; ///< spike words before each mask word: the laggy prefix-sum's result
    std::vector<std::uint16_t> m_words;
    std::uint32_t m_chunk_held = no_chunk; ///< chunk whose row mask is in the mask register
    std::vector<accumulators> m_sets;
    join_statistics m_statistics;

    static constexpr std::uint32_t no_chunk = ~0U;
};

} // namespace loas::compute
