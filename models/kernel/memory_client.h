// What an accelerator's units that access memory have in common: arrivals that somebody waits for, the first fault of a
// layer, and what the watchdog wants to know.
#pragma once

#include "abi/loas_abi.h"

#include <cstdint>
#include <string>

namespace loas::kernel
{

struct arrival;

class arrival_listener
{
public:
    /// All accesses of `what` are done, at what.ready_cycle. May start further ones for it: then it is not there yet.
    virtual void arrived(arrival& what) = 0;

protected:
    ~arrival_listener() = default;
};

/// Something that is being fetched: it is there when all its accesses are done.
struct arrival {
    std::uint32_t accesses_missing = 0;
    std::uint64_t ready_cycle = 0;
    std::uint64_t refresh_cycles = 0; ///< that its slowest access waited for a DRAM refresh

    arrival_listener* then = nullptr;

    bool complete() const { return accesses_missing == 0; }
    void begin(std::uint64_t cycle)
    {
        accesses_missing = 0;
        ready_cycle = cycle;
        refresh_cycles = 0;
    }
};

/// The first thing that went wrong in a layer; later ones are its consequences or do not matter any more.
struct memory_fault {
    bool happened = false;
    loas_status status = LOAS_STATUS_OK;
    std::uint64_t address = 0;

    void note(loas_status what, std::uint64_t where)
    {
        if (!happened)
            *this = {true, what, where};
    }
};

class memory_client
{
public:
    /// Nothing of it is on its way to memory or back.
    virtual bool at_rest() const = 0;
    /// For the watchdog: what it waits for; "" when nothing waits here.
    virtual std::string describe() const = 0;

protected:
    ~memory_client() = default;
};

} // namespace loas::kernel
