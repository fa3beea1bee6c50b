// Parameters of tiles, neurons and output compressor. No SystemC.
#pragma once

#include "models/parameter/words.h"

namespace loas::compute
{

/// What accumulators do with a sum that their width does not hold.
enum class overflow {
    ideal,   ///< they are 32 bits wide; what would overflow is counted
    wrap,    ///< modulo the width, in two's complement
    saturate ///< each addition stops at the end of the range; weights are added in the order of their inputs
};

inline constexpr std::string_view overflow_words[] = {"ideal", "wrap", "saturate"};
constexpr parameter::words words_of(overflow)
{
    return overflow_words;
}

/// A temporal-parallel processing element and its inner-join unit; of the other designs, what their PEs have in common
/// with it.
struct tppe_parameters {
    unsigned count = 16;                ///< TPPEs, one row of A each
    unsigned max_timesteps = 4;         ///< width of a packed spike word
    unsigned chunk_bits = 128;          ///< mask positions joined at a time
    unsigned weight_buffer_bytes = 128; ///< per TPPE
    unsigned fast_latency = 1;          ///< cycles, fast prefix sum
    unsigned laggy_adders = 16;         ///< of the laggy prefix sum
    bool laggy_pipelined = false;
    bool laggy_ideal = false;       ///< corrections cost no time
    unsigned fifo_depth = 8;        ///< entries of each of the two FIFOs
    unsigned acc_bits = 12;         ///< pseudo-accumulator
    unsigned corr_bits = 10;        ///< correction accumulators
    unsigned accumulator_sets = 1;  ///< output neurons held at a time
    unsigned columns_per_sync = 0;  ///< 0 = as many as accumulator_sets
    unsigned empty_join_cycles = 1; ///< least cycles of a chunk join
    compute::overflow overflow = compute::overflow::ideal;

    /// Cycles of a chunk in the laggy prefix-sum.
    unsigned laggy_latency() const { return (chunk_bits + laggy_adders - 1) / laggy_adders; }
    /// Cycles from one chunk's start to the next one's.
    unsigned laggy_interval() const { return laggy_pipelined ? 1 : laggy_latency(); }
    /// Columns of B between two meetings of the tiles.
    unsigned sync_columns() const { return columns_per_sync != 0 ? columns_per_sync : accumulator_sets; }

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.integer("tppe.count", count, 1, 1024, "TPPEs", published,
                   "Number of TPPEs, each of which takes one row of A; of other designs, of their PEs.");
        to.integer("tppe.max_timesteps", max_timesteps, 1, 16, "timesteps", published,
                   "Most timesteps that the hardware can hold: width of a packed spike word.");
        to.power_of_two("tppe.chunk_bits", chunk_bits, 64, 512, "bits", published,
                        "Mask bits joined at a time (LoAS, SparTen-SNN); a chunk of the output compressor of all.");
        to.integer("tppe.weight_buffer_bytes", weight_buffer_bytes, 1, 65536, "bytes", published,
                   "Weight buffer in each TPPE.")
            .under_published(65536); // weights are never late
        to.integer("tppe.fast_latency", fast_latency, 1, 64, "cycles", published,
                   "Latency of the fast prefix sum (on B's mask; LoAS, SparTen-SNN); then it yields one match a "
                   "cycle.");
        to.integer("tppe.laggy_adders", laggy_adders, 1, 512, "adders", published,
                   "Adders of the laggy prefix sum (on A's mask); a chunk takes chunk_bits / adders cycles, rounded "
                   "up.");
        to.flag("tppe.laggy_pipelined", laggy_pipelined, published,
                "The laggy prefix sum takes a new chunk before the one before it is finished.");
        to.flag("tppe.laggy_ideal", laggy_ideal, ours, "Corrections cost no time; results do not change.")
            .under_published(true); // a tile takes its matches, nothing else
        to.integer("tppe.fifo_depth", fifo_depth, 1, 1024, "entries", published,
                   "Depth of the FIFO of matched positions and of the FIFO of matched weights.");
        to.integer("tppe.acc_bits", acc_bits, 2, 32, "bits", published, "Width of the pseudo-accumulator.");
        to.integer("tppe.corr_bits", corr_bits, 2, 32, "bits", published, "Width of a correction accumulator.");
        to.word("tppe.overflow", overflow, ours,
                "What an accumulator does with a sum beyond its width; ideal: adds in 32 bits, and what would overflow "
                "is counted.");
        to.integer("tppe.accumulator_sets", accumulator_sets, 1, 1024, "sets", published,
                   "Output neurons whose sums a TPPE holds at a time.")
            .under_published(32); // tiles of 32 columns ...
        to.integer("tppe.columns_per_sync", columns_per_sync, 0, 65535, "columns", ours,
                   "Columns of B after which the TPPEs meet; 0 = as many as accumulator_sets.")
            .under_published(0); // ... at whose end the rows meet
        to.integer("tppe.empty_join_cycles", empty_join_cycles, 0, 64, "cycles", ours,
                   "Least cycles that the join of a chunk takes, even without a match (LoAS, SparTen-SNN).")
            .under_published(0); // empty joins are free
    }
};

struct plif_parameters {
    unsigned latency = 1; ///< cycles for T outputs; of neurons that take timesteps in sequence, for each

    template <typename table> void describe(table& to)
    {
        to.integer("plif.latency", latency, 0, 1024, "cycles", parameter::published,
                   "Latency of the P-LIF unit, which yields all T outputs in one step. Neurons of designs that take "
                   "one timestep after the other take a sum a cycle; 0 = no time.")
            .under_published(0);
    }
};

struct compressor_parameters {
    unsigned adders = 16; ///< 0: compression takes no time

    template <typename table> void describe(table& to)
    {
        to.integer("compressor.adders", adders, 0, 512, "adders", parameter::ours,
                   "Adders of the output compressor (an inverted laggy prefix sum); 0 = it takes no time.")
            .under_published(0);
    }
};

} // namespace loas::compute
