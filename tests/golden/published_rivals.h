// The same accounting for the designs that take one timestep after the other, played with copies of the tiles.
#pragma once

#include "tests/golden/number_tiles.h"

#include <map>
#include <string>

namespace loas::golden
{

enum class rival { sparten, gospa, gamma };

struct rival_rules {
    std::size_t tile_rows = 0, tile_k = 0, tile_columns = 0;
    std::size_t input_buffer = 0, weight_buffer = 0; ///< non-zeros
    unsigned coordinate_bits = 0;                    ///< of gospa's spikes, and of gamma's spikes and weights
};

/// As published.
rival_rules rules_of(rival machine);

/// The authors' counters under their names, in KB of 1024 bytes where they are traffic. spikes: for each timestep M
/// rows of K zeros and ones; weights: N columns of K numbers.
std::map<std::string, double> published_rival_traffic(rival machine, const rival_rules& rules,
                                                      const std::vector<number_matrix>& spikes,
                                                      const number_matrix& weights);

} // namespace loas::golden
