// The traffic accounting of the publication's own evaluation, played tile by tile with copies of the tiles.
#pragma once

#include "tests/golden/number_tiles.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace loas::golden
{

struct traffic_rules {
    std::size_t tile_rows = 16, tile_k = 128, tile_columns = 32;
    bool columns_outermost = false;    ///< loops n, m, k instead of m, n, k
    bool column_in_a_lane = false;     ///< a lane has a column and is sent rows, instead of the other way round
    std::size_t input_buffer = 131072; ///< non-zeros
    std::size_t weight_buffer = 4096;  ///< non-zeros
};

/// The authors' counters under their names: cycles, matches, hits (items), misses (tiles) and traffic in KB of 1024
/// bytes. spike_counts: M rows of K numbers; weights: N columns of K numbers.
std::map<std::string, double> published_traffic(const number_matrix& spike_counts, const number_matrix& weights,
                                                unsigned timesteps, const traffic_rules& rules);

} // namespace loas::golden
