// A level that one side drives and the other hears at once; an sc_signal's comes a delta later, and an instruction too.
#pragma once

#include <functional>
#include <utility>

namespace loas::kernel
{

class interrupt_line
{
public:
    void connect(std::function<void(bool)> hears) { m_hears = std::move(hears); }
    void drive(bool high)
    {
        if (high == m_high)
            return;
        m_high = high;
        if (m_hears)
            m_hears(high);
    }
    bool high() const { return m_high; }

private:
    bool m_high = false;
    std::function<void(bool)> m_hears;
};

} // namespace loas::kernel
