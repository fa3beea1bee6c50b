// Checks of a descriptor before anything is started: pure functions of the descriptor and of what the machine can do.
#pragma once

#include "abi/loas_abi.h"

#include <cstdint>
#include <vector>

namespace loas::control
{

/// A range of addresses, [base, base + size_bytes).
struct address_range {
    std::uint64_t base;
    std::uint64_t size_bytes;
};

struct device_limits {
    std::uint32_t features = 0; ///< LOAS_FEATURE_*
    std::uint32_t formats = 0;  ///< LOAS_FORMATS_*
    unsigned max_timesteps = 0;
    unsigned tiles = 0;                   ///< compute tiles
    std::vector<address_range> reachable; ///< memory that the accelerator can access
};

struct check_result {
    loas_status status = LOAS_STATUS_OK;
    std::uint64_t address = 0; ///< to blame, or 0
};

/// rings: where the queue's own rings lie; no output may touch them.
check_result check_descriptor(const loas_descriptor& descriptor, const device_limits& limits,
                              const std::vector<address_range>& rings);

} // namespace loas::control
