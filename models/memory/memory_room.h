// How memory holds up who asks: before an access is started, whether there is a place for it.
#pragma once

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

    protected:
        ~waiter() = default;
    };

    /// False: not now, and the waiter will be told. What is started all the same waits before the queue.
    virtual bool accepts(std::uint64_t /*address*/, std::uint64_t /*bytes*/, bool /*write*/) { return true; }
    void set_waiter(waiter& waiter) { m_waiter = &waiter; }

protected:
    ~memory_room() = default;

    waiter* m_waiter = nullptr;
};

} // namespace loas::memory
