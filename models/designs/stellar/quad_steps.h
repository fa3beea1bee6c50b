// Which inputs the pixels of the array take in a round of timesteps: those with a spike in any of them. Plain C++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::designs
{

/// A step an input, in the order of the inputs. The pixels that are taken together are called a quad, as there are
/// four.
struct quad_steps {
    std::vector<std::uint32_t> inputs;
    std::vector<std::uint16_t> spikes; ///< [step][pixels], bit t: timestep t of the round
};

/// What quads are cut from.
struct quad_round {
    std::size_t first_pixel, pixels;
    std::size_t inputs; ///< K
    unsigned first_timestep, timesteps;
};

/// bitmaps: [T][words of K bits] of each pixel. all: silent inputs take a step, too.
void find_steps(const std::vector<std::vector<std::uint64_t>>& bitmaps, const quad_round& of, bool all,
                quad_steps& steps);

} // namespace loas::designs
