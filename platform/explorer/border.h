// Where a point with all timesteps in a word stops being better than those with t in time, and than other orders with t in a
// word, as the layer had more or fewer timesteps, spikes or weights.
#pragma once

#include "platform/explorer/figures.h"
#include "platform/lowering/network.h"

#include <string>
#include <vector>

namespace loas::explorer
{

enum class border_axis { timesteps, spikes, weights };
inline constexpr border_axis all_axes[] = {border_axis::timesteps, border_axis::spikes, border_axis::weights};
const char* name_of(border_axis axis);

/// A layer that differs from the real one along one axis, the others held; sums over its runs.
struct border_step {
    border_axis axis;
    double factor; ///< times as many; 1: the layer as it is
    unsigned t = 1;
    std::uint64_t spikes = 0, inputs = 0; ///< of the unfolded input; inputs at each timestep
    std::uint64_t weights = 0, all_weights = 0;
    std::vector<point_counts> points{}; ///< of border_points()

    /// Of its axis: T, or the share of inputs that spike in a timestep, or of weights that are not 0.
    double value() const;
};

/// mnkt with all timesteps in a word, as LoAS has it; then its rivals on as many units: all 24 orders with t in time, and the
/// other five with t in a word.
std::vector<mapping> border_points(unsigned units);
enum class rivals { t_in_time, t_in_a_word };
rivals rivals_of(const mapping& border_point);

/// The steps of a layer, ascending along each axis; those that there cannot be are left out.
std::vector<border_step> border_steps(const lowering::layer_model& layer, unsigned timesteps,
                                      const std::vector<std::uint16_t>& spikes, const std::vector<mapping>& points,
                                      const std::vector<std::uint64_t>& capacities_bits, const work_rules& rules);
/// The same layer on another input, whose steps may be fewer.
void add_steps(std::vector<border_step>& to, const std::vector<border_step>& other);

} // namespace loas::explorer
