// How memory holds up who asks: before an access is started, whether there is a place for it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loas::memory
{

class memory_room
{
public:
    class waiter
    {
    public:
        /// Some place came free: what was refused may be asked again.
        virtual void memory_has_room(std::uint64_t time_ps) = 0;
        /// Memory is about to decide: what was kept back has to be there.
        virtual void flush() = 0;

    protected:
        ~waiter() = default;
    };

    /// False: not now, and the waiter will be told. What is started all the same waits before the queue.
    virtual bool accepts(std::uint64_t /*address*/, std::uint64_t /*bytes*/, bool /*write*/, std::uint64_t /*time_ps*/)
    {
        return true;
    }
    /// True: certainly so many reads of a line of `bytes`, whatever comes before them.
    virtual bool accepts_lines(std::size_t /*lines*/, std::uint64_t /*bytes*/) { return false; }
    /// For how long after a read begins nothing of memory can come that depends on it; 0: something may come any time.
    /// Reads that begin meanwhile may be told of together (kernel::line_run).
    virtual std::uint64_t quiet_ps() const { return 0; }
    void set_waiter(waiter& waiter) { m_waiter = &waiter; }

protected:
    ~memory_room() = default;

    waiter* m_waiter = nullptr;
};

} // namespace loas::memory
