// What the dispatcher asks of an accelerator, whichever design it is: run one checked layer.
#pragma once

#include "models/observe/layer_observer.h"

#include <string>
#include <systemc>

namespace loas::kernel
{

class layer_executor : public virtual sc_core::sc_interface
{
public:
    /// Runs the layer to its end in simulated time; called from a thread, with a descriptor whose fields were checked.
    virtual observe::layer_outcome execute(const loas_descriptor& descriptor) = 0;

    /// Makes a running execute() return soon; its outcome is then of no use.
    virtual void abort() = 0;

    /// For the watchdog: what the design waits for, in words; "" when it does not wait.
    virtual std::string describe() const = 0;
};

} // namespace loas::kernel
