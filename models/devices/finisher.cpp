#include "models/devices/finisher.h"

#include "abi/loas_devices.h"

#include <algorithm>
#include <utility>

namespace loas::devices
{

finisher::finisher(const sc_core::sc_module_name& name, const sc_core::sc_time& latency,
                   std::function<void(unsigned)> ended)
    : register_device(name, finisher_registers(), latency)
{
    const auto written = [ended = std::move(ended)](std::uint32_t value) {
        const std::uint32_t why = value & LOAS_FINISHER_WHY_MASK, code = value >> LOAS_FINISHER_CODE_SHIFT;
        if (why == LOAS_FINISHER_PASS)
            ended(0);
        else if (why == LOAS_FINISHER_FAIL)
            ended(std::max(code, 1U));
        return kernel::register_bank::verdict::drop;
    };
    registers().set_effects(LOAS_FINISHER_REG_END, {{}, written, {}});
}

} // namespace loas::devices
