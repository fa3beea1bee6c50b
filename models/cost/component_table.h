// What a TPPE is made of: area and power of its components at 32 nm, and how they grow with its parameters.
//
// Source: the LoAS authors' result files (RuokaiYin/LoAS, MIT licence), table of the "tppe" processing element,
// synthesised with a cycle of 2.5 ns. Their FIFOs, masks and accumulators of other sizes (SparTen's four masks of A,
// the 24-bit accumulators of the ANN designs, FIFOs of 56 and 64 bits) are in proportion to their bits, exactly; so are
// the rules below wherever a component is made of registers.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace loas::cost
{

enum class tppe_component : unsigned {
    pseudo_accumulator,
    correction_accumulators,
    fast_prefix,
    laggy_prefix,
    position_fifo,
    weight_fifo,
    weight_buffer,
    a_mask,
    b_mask,
    count
};

constexpr std::size_t tppe_component_count = static_cast<std::size_t>(tppe_component::count);

struct component {
    std::string_view name;
    double area_mm2;
    double dynamic_mw; ///< while it works
    double leakage_mw;
};

/// Cycle of the table: an event costs this time of the dynamic power.
constexpr double table_cycle_ns = 2.5;

/// Parameters that change a TPPE's size; the defaults are the published ones.
struct tppe_size {
    unsigned timesteps = 4; ///< that the hardware can hold
    unsigned chunk_bits = 128;
    unsigned laggy_adders = 16;
    bool laggy_pipelined = false;
    unsigned fifo_depth = 8;
    unsigned weight_buffer_bytes = 128;
    unsigned acc_bits = 12;
    unsigned corr_bits = 10;
    unsigned accumulator_sets = 1;
};

/// As published, in the order of the enumeration.
const std::array<component, tppe_component_count>& published_tppe();

/// How many times as large as the published one a component is: the factor of its area, its leakage and its power when
/// all of it works.
double relative_size(tppe_component which, const tppe_size& size);

/// The component of a TPPE of this size.
component component_of(tppe_component which, const tppe_size& size);

/// The whole TPPE; without its P-LIF, which the table does not have.
component tppe_of(const tppe_size& size);

} // namespace loas::cost
