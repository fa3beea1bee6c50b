#include "platform/draw/matched_layer.h"

#include <algorithm>

namespace loas::draw
{
namespace
{

/// As make_bytes() and draw_weight_value() draw them: mean squares of a byte and of a weight that are not 0.
constexpr double byte_square = 255.0 / 4 * 255 / 4, weight_square = 127.0 * 127 / 6;

/// Such that the outputs before they are cut have at most the standard deviation of the inputs' magnitudes, a quarter of
/// the range: a sum has as many products as there are matches a row and column on average, each of mean 0.
unsigned shift_for(const layer_statistics& l)
{
    const double matches = static_cast<double>(l.non_silent) * static_cast<double>(l.non_zero_weights) /
                           static_cast<double>(l.inputs() * l.rows() * l.out_channels);
    unsigned shift = 0;
    for (double square = matches * byte_square * weight_square; square > byte_square && shift < 31; square /= 4)
        ++shift;
    return shift;
}

} // namespace

matched_layer make_matched_bytes(const layer_statistics& statistics, std::uint64_t seed, bool skew)
{
    // Where inputs are not 0 is drawn as spikes of two timesteps that come both or not at all: then the weights are drawn
    // by the same activity, and none is a single spike.
    layer_statistics twice = statistics;
    twice.timesteps = 2;
    twice.spikes = 2 * statistics.non_silent;
    twice.non_silent_ft = statistics.non_silent;
    matched_layer made = make_matched_layer(twice, seed, skew);
    made.differences.spikes = made.differences.non_silent;
    made.differences.non_silent_ft = 0;
    functional::random_source random = values_source(statistics, seed);
    make_bytes(made, shift_for(statistics), random);
    return made;
}

} // namespace loas::draw
