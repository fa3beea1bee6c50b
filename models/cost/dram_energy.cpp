#include "models/cost/dram_energy.h"

#include <algorithm>

namespace loas::cost
{

dram_energy energy_of_dram(const observe::channel_statistics& all, const dram_activity& activity,
                           const energy_constants& constants)
{
    const auto real = [](std::uint64_t count) { return static_cast<double>(count); };
    const double burst_pj = 8 * real(activity.burst_bytes) * constants.dram_bit_pj;
    dram_energy energy;
    energy.read_pj = real(all.reads - all.forwarded_reads) * burst_pj;
    energy.write_pj = real(all.writes - all.merged_writes) * burst_pj;
    energy.activate_pj = real(all.activates) * constants.dram_activate_pj;
    energy.refresh_pj = (real(all.refreshes) + real(all.bank_refreshes) / activity.banks) * constants.dram_refresh_pj;
    const double powered_ns = activity.channels * activity.time_ns; // mW x ns = pJ
    const double open_ns = std::min(real(all.open_clocks) * activity.clock_ns, powered_ns);
    energy.background_pj = open_ns * constants.dram_open_mw + (powered_ns - open_ns) * constants.dram_closed_mw;
    return energy;
}

} // namespace loas::cost
