// What a TPPE is made of: area and power of its components at 32 nm, and how they grow with its parameters.
//
// Source: the LoAS authors' result files (RuokaiYin/LoAS, MIT licence), table of the "tppe" processing element,
// synthesised with a cycle of 2.5 ns. Their FIFOs, masks and accumulators of other sizes (four masks in place of one,
// the 24-bit accumulators of the ANN designs, FIFOs of 56 and 64 bits) are in proportion to their bits, exactly; so are
// the rules below wherever a component is made of registers. Tables of other PEs stand with their designs
// (platform/designs).
#pragma once

#include "models/compute/parameters.h"

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

/// So many times as large; name: "" = its own.
component scaled(component part, double factor, std::string_view name = {});

/// Cycle of the table: an event costs this time of the dynamic power.
constexpr double table_cycle_ns = 2.5;

/// Energy of an event in which all of it works.
constexpr double event_pj(const component& part)
{
    return part.dynamic_mw * table_cycle_ns;
}

/// The published sizes, to which the table belongs.
inline constexpr compute::tppe_parameters published_tppe_size;

/// As published, in the order of the enumeration.
const std::array<component, tppe_component_count>& published_tppe();

/// How many times as large as the published one a component is: the factor of its area, its leakage and its power when
/// all of it works.
double relative_size(tppe_component which, const compute::tppe_parameters& size);

/// The component of a TPPE of this size.
component component_of(tppe_component which, const compute::tppe_parameters& size);

/// An accumulator of so many bits, as PEs of the tables have it.
component accumulator_of(unsigned bits);

/// The neuron of a tile, all of its timesteps in a cycle. Nothing is published: three adders of the pseudo-accumulator's
/// kind a timestep (pseudo - correction, + U, comparison with the threshold), each with its register, of which one keeps
/// the potential (project's choice; the energy of an update is energy.plif_timestep_pj). Part of what area_of() calls
/// the rest.
component plif_of(const compute::tppe_parameters& size);

/// The whole TPPE; without its P-LIF, which the table does not have.
component tppe_of(const compute::tppe_parameters& size);

} // namespace loas::cost
