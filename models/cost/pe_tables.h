// What the PEs of the designs beside LoAS are made of: area and power of their components at 32 nm, from the same
// tables of the LoAS authors as component_table.h, and how they grow with a design's parameters (project's choice: what
// is made of registers in proportion to its bits).
//
// What the tables leave out is left out here too, and said where it matters: SparTen's register file of sums and
// GoSPA's weights held in a PE.
#pragma once

#include "models/cost/component_table.h"

#include <vector>

namespace loas::cost
{

enum class pe_kind : unsigned {
    tppe,
    sparten, ///< "sparten": accumulator, fast prefix-sum, masks (four of A), weight buffer
    gospa, ///< "gospa": the table is of all 16 PEs - 64 x 16 sums of 12 bits, 16 FIFOs of 8 x 7 bits - so a PE is 1/16
    gamma, ///< "gamma": buffers of 64 weights and their coordinates, 64 spikes, merger of radix 64, sum of 24 bits
    dense, ///< "ptb": the PE of a dense array, registers and accumulator; a tile is a row of them
};

/// Parameters that change the size of such a PE; the defaults are the published ones.
struct pe_size {
    pe_kind kind = pe_kind::tppe;
    unsigned chunk_bits = 128;  ///< SparTen
    unsigned acc_bits = 12;     ///< SparTen
    unsigned rows = 64;         ///< GoSPA: sums
    unsigned fifo_depth = 8;    ///< GoSPA
    unsigned radix = 64;        ///< Gamma
    unsigned array_columns = 4; ///< dense: PEs of a tile
};

/// Components of one PE of this size; of a tile for the dense design. Not for pe_kind::tppe.
std::vector<component> components_of(const pe_size& size);

/// What an event takes, in pJ: dynamic power of what works x the table's cycle.
struct pe_event_energies {
    double match_accumulator_pj = 0; ///< an addition
    double match_buffer_pj = 0;      ///< the weight's way out of its buffer
    double match_fifo_pj = 0;        ///< push and pop
    double join_prefix_pj = 0;       ///< a row's chunk against a column's
    double join_masks_pj = 0;        ///< A's mask register loaded
    double chunk_masks_pj = 0;       ///< B's mask register loaded
    double chunk_buffer_pj = 0;      ///< and its weights
    double element_merger_pj = 0;    ///< an element that is merged
    double element_buffers_pj = 0;   ///< an element's way through the buffers
    double cycle_registers_pj = 0;   ///< a PE's cycle on a pair, whether it adds or not
};
pe_event_energies event_energies_of(const pe_size& size);

/// What the PE of a design is made of, and what it takes.
struct pe_table {
    std::vector<component> components;
    pe_event_energies events;
    unsigned chunk_bits = 128; ///< of a chunk that is joined
};
pe_table pe_of(const pe_size& size);

} // namespace loas::cost
