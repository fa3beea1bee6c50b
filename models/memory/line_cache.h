// What crossbar, cache and their neighbours ask of each other, line by line. Interfaces only.
#pragma once

#include "models/observe/operand.h"

#include <cstdint>
#include <systemc>
#include <tlm>

namespace loas::memory
{

/// Who asked for a line that had to come from memory.
class line_client
{
public:
    virtual void line_arrived(std::uint32_t transaction, std::uint64_t time_ps, std::uint64_t refresh_ps,
                              tlm::tlm_response_status status) = 0;
    /// A miss register or a way came free: accesses answered by `blocked` or `no_room` may be tried again.
    virtual void line_unblocked(std::uint64_t time_ps) = 0;

protected:
    ~line_client() = default;
};

/// A part of one line: bytes [first, first + bytes) of it, from or to `data`.
struct line_access {
    std::uint64_t line_number;
    std::uint32_t first;
    std::uint32_t bytes;
    std::uint8_t* data;
    bool write;
    bool last_use; ///< of what is read: a whole line need not be written back
    observe::operand kind;
    std::uint32_t transaction; ///< the client's
};

enum class line_answer {
    ready,   ///< done, or the data are there after the hit latency
    pending, ///< line_arrived() will tell
    blocked, ///< no miss register, way or write buffer free: try again after line_unblocked()
    no_room, ///< memory's queue is full: the same
};

class line_cache : public virtual sc_core::sc_interface
{
public:
    virtual void set_client(line_client& client) = 0;
    virtual line_answer access(const line_access& access, std::uint64_t time_ps) = 0;
    /// Misses of successive cycles may be kept back until they are a run: all of it goes to memory, since nothing is
    /// asked for in the next cycle, or what memory might answer before time_ps, at which it is.
    virtual void flush() = 0;
    virtual void flush_before(std::uint64_t time_ps) = 0;
    /// An access that is not an ordinary read or write of memory, as it is: gets its error response.
    virtual void refuse(tlm::tlm_generic_payload& access) = 0;
    /// transport_dbg: memory as it is with the changes that the cache holds.
    virtual unsigned debug(tlm::tlm_generic_payload& access) = 0;
};

} // namespace loas::memory
