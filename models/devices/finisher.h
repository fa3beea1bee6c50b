// The device that ends a program: what it writes here is its exit code.
#pragma once

#include "models/devices/device_registers.h"
#include "models/kernel/register_device.h"

#include <functional>
#include <systemc>

namespace loas::devices
{

class finisher : public kernel::register_device
{
public:
    /// ended: the program has ended with this code; 0: it passed.
    finisher(const sc_core::sc_module_name& name, const sc_core::sc_time& latency, std::function<void(unsigned)> ended);
};

} // namespace loas::devices
