// Who wants to know of each burst that a DRAM is asked for. It sees, and changes nothing.
#pragma once

#include "models/memory/dram/parameters.h"
#include "models/observe/operand.h"

#include <cstdint>

namespace loas::dram
{

struct asked_burst {
    std::uint64_t number;  ///< from 0, in the order of arrival
    std::uint64_t time_ps; ///< of arrival, an edge of the command clock
    std::uint64_t address; ///< of its first byte
    location where;
    bool write;
    observe::operand kind; ///< count: nobody said
};

class burst_observer
{
public:
    virtual ~burst_observer() = default;
    virtual void asked(const asked_burst& burst) = 0;
    /// Its data have moved at time_ps, or it is answered then. Of a later number this may be told earlier.
    virtual void answered(std::uint64_t number, std::uint64_t time_ps) = 0;
};

} // namespace loas::dram
