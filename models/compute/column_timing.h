// Timing of sixteen inner-join units that each join a whole column and drain: the arithmetic of join_pipeline.h for all
// of them at once. A unit that has drained is at rest, so what a column takes depends on its chunks alone. No SystemC.
#pragma once

#include "models/compute/join_pipeline.h"
#include "models/functional/lanes.h"

#include <cstddef>
#include <cstdint>

namespace loas::compute
{

class column_timing
{
public:
    static constexpr std::size_t lanes = functional::lanes_together;

    /// Of each unit.
    struct result {
        alignas(64) std::uint32_t cycles[lanes];    ///< from the start until the accumulator can be read
        alignas(64) std::uint32_t fifo_full[lanes]; ///< of these
    };

    explicit column_timing(const join_parameters& parameters) : m_parameters(parameters) {}

    /// Whether units with these parameters can be computed so. They are at rest when drained, and of the chunks before
    /// a chunk only two have entries in the FIFO yet, if the laggy prefix-sum is not pipelined and takes longer than a
    /// full FIFO is popped: chunk c loads after chunk c - 1 was taken, which is laggy_interval after chunk c - 2 was.
    static bool applies_to(const join_parameters& parameters, unsigned chunk_bits)
    {
        return !parameters.laggy_ideal && parameters.counts_do(chunk_bits) &&
               parameters.laggy_interval == parameters.laggy_latency &&
               parameters.laggy_interval + 1 >= parameters.fifo_depth;
    }

    /// matches: [chunk][lane].
    void join(const std::uint16_t* matches, std::size_t chunks, unsigned chunk_bits, result& into) const;

    /// The same by join_pipeline.h, a unit after another: for columns too long for lanes of 16 bits, and for tests.
    void join_plain(const std::uint16_t* matches, std::size_t chunks, result& into) const;

private:
    join_parameters m_parameters;
};

} // namespace loas::compute
