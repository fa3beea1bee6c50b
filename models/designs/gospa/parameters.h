// Parameters of GoSPA-SNN beside those that all designs share. No SystemC.
#pragma once

#include "models/parameter/words.h"

namespace loas::designs
{

struct gospa_parameters {
    unsigned tile_inputs = 256;
    unsigned rows = 64;         ///< of a block
    unsigned stream_width = 16; ///< spikes a cycle; 0: any number
    unsigned fifo_depth = 8;    ///< matched spikes a PE; 0: any number

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.power_of_two("gospa.tile_inputs", tile_inputs, 64, 1024, "inputs", published,
                        "GoSPA-SNN: inputs of a tile, whose weights the PEs hold while spikes stream by.");
        to.integer("gospa.rows", rows, 1, 1024, "rows", published,
                   "GoSPA-SNN: rows of a tile; a PE holds a partial sum for each, twice.");
        to.integer("gospa.stream_width", stream_width, 0, 256, "spikes", ours,
                   "GoSPA-SNN: spikes that are compared with the masks of the columns in a cycle (16 two-byte "
                   "coordinates are a line of the cache); 0 = any number.")
            .under_published(0);
        to.integer("gospa.fifo_depth", fifo_depth, 0, 1024, "spikes", ours,
                   "GoSPA-SNN: matched spikes that wait before a PE; when one is full, the stream stops; 0 = any "
                   "number.")
            .under_published(0);
    }
};

} // namespace loas::designs
