// The rows of the designs beside LoAS; options.cpp says how to add one. What they share with LoAS (number of tiles,
// clock, chunks, latency of the neurons, compressor) they take from its rows.
#include "platform/config/option_rows.h"

namespace loas::config
{

void append_design_options(scenario& s, std::vector<option>& rows)
{
    const option added[] = {
        integer("nmtk.rows", s.nmtk.rows, 0, 1024, "rows", published,
                "LoAS-nmtk: each tile holds a column and so many rows stream by, with a sum for each; the tiles meet "
                "after each chunk, and prefix-sums and buffers are ideal; 0 = a tile holds a row, as in LoAS."),

        integer("sparten.rows", s.sparten.rows, 1, 1024, "rows", published,
                "SparTen-SNN: rows of A that a PE takes against a chunk of its column; it holds a sum for each."),
        integer("sparten.chunk_buffers", s.sparten.chunk_buffers, 1, 16, "chunks", published,
                "SparTen-SNN: chunks that a PE holds, the one it joins and those fetched ahead; with 1 the PEs meet "
                "after each chunk."),

        power_of_two("gospa.tile_inputs", s.gospa.tile_inputs, 64, 1024, "inputs", published,
                     "GoSPA-SNN: inputs of a tile, whose weights the PEs hold while spikes stream by."),
        integer("gospa.rows", s.gospa.rows, 1, 1024, "rows", published,
                "GoSPA-SNN: rows of a tile; a PE holds a partial sum for each, twice."),
        integer("gospa.stream_width", s.gospa.stream_width, 0, 256, "spikes", ours,
                "GoSPA-SNN: spikes that are compared with the masks of the columns in a cycle (16 two-byte coordinates "
                "are a "
                "line of the cache); 0 = any number."),
        integer("gospa.fifo_depth", s.gospa.fifo_depth, 0, 1024, "spikes", ours,
                "GoSPA-SNN: matched spikes that wait before a PE; when one is full, the stream stops; 0 = any "
                "number."),

        integer("gamma.radix", s.gamma.radix, 2, 1024, "rows", published,
                "Gamma-SNN: scaled rows of B and partial rows that a PE merges at a time."),
        integer("gamma.merger_latency", s.gamma.merger_latency, 0, 64, "cycles", ours,
                "Gamma-SNN: stages of the merger, one for each doubling of the radix."),
        integer("gamma.tile_inputs", s.gamma.tile_inputs, 0, 65535, "inputs", published,
                "Gamma-SNN: the PEs meet after a tile of so many inputs and gamma.tile_columns columns; 0 = each goes "
                "on by itself with whole rows."),
        integer("gamma.tile_columns", s.gamma.tile_columns, 1, 65535, "columns", published,
                "Gamma-SNN: columns of such a tile."),

        integer("dense.columns", s.dense.columns, 1, 1024, "columns", published,
                "Dense-SNN: columns of the array, whose rows are tppe.count."),
    };
    rows.insert(rows.end(), std::begin(added), std::end(added));
}

} // namespace loas::config
