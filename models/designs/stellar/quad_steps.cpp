#include "models/designs/stellar/quad_steps.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

void find_steps(const std::vector<std::vector<std::uint64_t>>& bitmaps, const quad_round& of, bool all,
                quad_steps& steps)
{
    const std::size_t words = functional::words_of(of.inputs);
    steps.inputs.clear();
    steps.spikes.clear();
    for (std::size_t word = 0; word < words; ++word) {
        const auto bits_of = [&](std::size_t pixel, unsigned t) {
            return bitmaps[of.first_pixel + pixel][(of.first_timestep + t) * words + word];
        };
        std::uint64_t any =
            all ? functional::low_bits(static_cast<unsigned>(std::min<std::size_t>(64, of.inputs - word * 64))) : 0;
        for (std::size_t pixel = 0; pixel < of.pixels; ++pixel)
            for (unsigned t = 0; t < of.timesteps; ++t)
                any |= bits_of(pixel, t);
        for (; any != 0; any &= any - 1) {
            const unsigned bit = functional::lowest_bit(any);
            steps.inputs.push_back(static_cast<std::uint32_t>(word * 64 + bit));
            for (std::size_t pixel = 0; pixel < of.pixels; ++pixel) {
                unsigned spikes = 0;
                for (unsigned t = 0; t < of.timesteps; ++t)
                    spikes |= static_cast<unsigned>(bits_of(pixel, t) >> bit & 1) << t;
                steps.spikes.push_back(static_cast<std::uint16_t>(spikes));
            }
        }
    }
}

} // namespace loas::designs
