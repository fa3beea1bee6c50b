// A 16550 as software sees it. A byte written is sent at once. Bytes come in at a fixed rate, each when the one before
// has had its time, so what is read depends on the input and nothing else; while nobody sends, there is no event.
#pragma once

#include "models/devices/device_registers.h"
#include "models/kernel/interrupt_line.h"
#include "models/kernel/register_device.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <systemc>

namespace loas::devices
{

/// Where a UART's line leads. Each may be empty.
struct uart_line {
    std::function<void(unsigned char)> send;
    static constexpr int none_now = -1, no_more = -2;
    std::function<int()> receive; ///< the next byte, none_now or no_more
};

class uart : public kernel::register_device
{
public:
    kernel::interrupt_line interrupt_out;

    uart(const sc_core::sc_module_name& name, const sc_core::sc_time& latency);

    /// Before the simulation starts.
    void connect(uart_line line);

private:
    SC_HAS_PROCESS(uart);
    bool divisor() const;
    void attach_effects();
    kernel::register_bank::verdict write_data(std::uint32_t byte);
    kernel::register_bank::verdict write_enable(std::uint32_t bits);
    kernel::register_bank::verdict write_fifo_control(std::uint32_t bits);
    std::uint32_t interrupt_id() const;
    void take_byte();
    void receive();
    void drive();

    uart_line m_line;
    std::deque<unsigned char> m_received; ///< at most 16
    std::uint32_t m_divisor = 0;
    std::uint32_t m_enabled = 0;
    bool m_fifos = false;
    bool m_told_room = true; ///< software has seen the interrupt `room to send`
    bool m_full = false;     ///< receiving stands still
    sc_core::sc_event m_byte_due{"byte_due"};
};

} // namespace loas::devices
