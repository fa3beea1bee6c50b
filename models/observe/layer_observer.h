// Who wants to see each layer that the hardware ran: the platform's reports and its check against the golden model.
#pragma once

#include "abi/loas_abi.h"
#include "models/observe/counters.h"
#include "models/observe/memory_statistics.h"
#include "models/observe/utilisation.h"

namespace loas::observe
{

struct layer_outcome {
    loas_status status = LOAS_STATUS_OK;
    std::uint64_t error_address = 0;
    counter_set counters; ///< valid for status OK
    /// Streams of columns that came to the tiles side by side, at most; 0: columns always came in one.
    std::uint64_t column_streams = 0;
    memory_statistics memory;
    utilisation_timeline utilisation; ///< empty: the accelerator does not record it
};

/// Who counts beside the accelerator while a layer runs: the memory system.
class layer_meter
{
public:
    virtual ~layer_meter() = default;
    virtual void begin_layer() = 0;
    /// Adds what it counted since to the outcome.
    virtual void end_layer(layer_outcome& outcome) = 0;
};

class layer_observer
{
public:
    virtual ~layer_observer() = default;

    /// Called when its descriptor is good and before it touches memory.
    virtual void layer_started(const loas_descriptor& /*descriptor*/) {}
    /// Called when the layer's output is in memory and before software is told. Its operands may be gone by then, if
    /// software has written over them meanwhile.
    virtual void layer_finished(const loas_descriptor& descriptor, const layer_outcome& outcome) = 0;
};

} // namespace loas::observe
