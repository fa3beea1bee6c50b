// What an accelerator and the host side may ask of a cache in the data plane.
#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>

namespace loas::kernel
{

/// Who has given out pointers to memory, by which accesses pass a cache unseen.
class line_listener
{
public:
    /// A cache takes in a line: from now on these bytes may be in it, changed or not.
    virtual void line_taken(std::uint64_t address, std::uint64_t bytes) = 0;

protected:
    ~line_listener() = default;
};

class cache_control : public virtual sc_core::sc_interface
{
public:
    /// Starts to write all changed lines to memory at time_ps; they stay in the cache, unchanged.
    virtual void begin_write_back(std::uint64_t time_ps) = 0;
    /// Nothing is on its way between cache and memory, and a write-back that was begun is over.
    virtual bool quiet() const = 0;
    /// The longest that a line of that write-back waited for a DRAM refresh.
    virtual std::uint64_t write_back_refresh_ps() const = 0;
    /// Forgets changed lines, where none can be another's: the work that made them was abandoned.
    virtual void discard_changes() = 0;
    /// Somebody else will read or write memory: changed lines there are stored first, and before a write all lines
    /// there are dropped. Takes no time: a snoop in parallel to the access.
    virtual void snoop(std::uint64_t address, std::uint64_t bytes, bool write) = 0;
    /// transport_dbg: memory as it is with the changes that the cache holds.
    virtual unsigned debug(tlm::tlm_generic_payload& access) = 0;
    /// One of its lines, or one on its way, has some of these bytes.
    virtual bool holds(std::uint64_t address, std::uint64_t bytes) const = 0;
    /// nullptr: nobody.
    virtual void set_listener(line_listener* listener) = 0;
    /// For the watchdog; "" when nothing waits here.
    virtual std::string describe() const = 0;
};

} // namespace loas::kernel
