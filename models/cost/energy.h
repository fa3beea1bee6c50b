// Energy of a layer from what was counted while it ran: in pJ, by component; and by the publication's own rule.
#pragma once

#include "models/cost/area.h"
#include "models/cost/parameters.h"
#include "models/observe/counters.h"
#include "models/observe/memory_statistics.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace loas::cost
{

enum class energy_group { compute, sram, dram, leakage };

struct energy_part_info {
    std::string_view name;
    energy_group group;
    std::string_view definition;
};
const energy_part_info& info_of(energy_part which);

struct layer_energy {
    std::array<double, energy_part_count> parts_pj{};

    double operator[](energy_part which) const { return parts_pj[static_cast<std::size_t>(which)]; }
    double& operator[](energy_part which) { return parts_pj[static_cast<std::size_t>(which)]; }
    double total_pj() const;
    double group_pj(energy_group group) const;
    void add(const layer_energy& other);
};

/// A layer that ran, perhaps several times: the sums over its runs.
struct layer_activity {
    const observe::counter_set& counters;
    const observe::memory_statistics& memory;
    unsigned timesteps;
    std::uint64_t columns;          ///< of one run
    double clock_mhz;               ///< of the accelerator
    std::uint64_t dram_burst_bytes; ///< that a burst moves
    unsigned dram_banks;            ///< of a channel
    double dram_clock_ns;           ///< of its commands
};

/// Of the global cache, by both sources.
struct cache_leakage {
    double published_mw, cacti_mw;

    double by(leakage_source source) const { return source == leakage_source::cacti ? cacti_mw : published_mw; }
};
cache_leakage leakage_of_cache(const cache::parameters& size, const energy_constants& constants);

/// Leakage of crossbars, P-LIFs, compressor and scheduler: of the option, which is that of the published size.
double rest_leakage_mw(const compute::tppe_parameters& size, const energy_constants& constants);

layer_energy physical_energy(const layer_activity& layer, const hardware_size& size, const energy_constants& constants);

/// Constants of the publication's rule for one design (the LoAS authors' result files, "energy").
struct published_constants {
    double leakage_mw;
    double compute_per_match;
    double compute_per_cycle = 0;
};

struct published_activity {
    std::uint64_t cycles = 0;
    double dram_bytes = 0, sram_bytes = 0;
    std::uint64_t matches = 0;
};

/// Dimensionless: the rule adds leakage in nJ, computation in pJ and, for each byte, a figure that is nJ per 32 bytes.
/// Only ratios of such sums can be compared with the published ones.
struct published_energy {
    double leakage = 0, dram = 0, sram = 0, compute = 0;

    double total() const { return leakage + dram + sram + compute; }
    void add(const published_energy& other);
};

/// What the rule charges for a byte of DRAM; where the authors compare with designs for ANNs, it is another.
constexpr double published_dram_per_byte = 2.9, published_dram_per_byte_of_anns = 9.6;

published_energy energy_by_published_rule(const published_activity& activity, const published_constants& constants,
                                          double dram_per_byte = published_dram_per_byte);

} // namespace loas::cost
