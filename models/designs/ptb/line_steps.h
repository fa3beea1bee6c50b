// Which inputs ("lines") an array of time windows takes in which step. Plain C++.
//
// A line that is silent in all windows is dropped. Two lines share a step when no window is active in both ("StSAP"):
// each takes the first one, of the pair_distance lines behind it, that fits and is not taken yet (project's choice: which
// lines may share is the authors').
#pragma once

#include "models/designs/ptb/parameters.h"
#include "models/functional/span.h"

#include <cstdint>
#include <vector>

namespace loas::designs
{

struct line {
    std::uint32_t input = 0;
    std::uint16_t spikes = 0; ///< bit t: timestep t of the round; 0: there is none
};

struct line_step {
    line first, second;
    unsigned cycles = 1;
};

/// Timesteps in which a line spikes in its most active window.
unsigned most_active(std::uint16_t spikes, const ptb_parameters& array);

/// Lines of a row in `timesteps` timesteps from first_timestep on, in the order of the inputs. bitmaps: [T][words of K
/// bits], `inputs` K.
void find_lines(functional::span<const std::uint64_t> bitmaps, std::size_t inputs, unsigned first_timestep,
                unsigned timesteps, std::vector<line>& lines);

/// The steps that these lines take.
void pair_lines(const std::vector<line>& lines, const ptb_parameters& array, std::vector<line_step>& steps);

} // namespace loas::designs
