#include "models/devices/uart.h"

#include "abi/loas_devices.h"

#include <utility>

namespace loas::devices
{
namespace
{

constexpr std::size_t fifo_bytes = 16;
constexpr std::uint32_t no_interrupt = 1, room_to_send = 2, byte_received = 4, fifos_on = 0xC0;

// Ten bits at 115200 baud.
sc_core::sc_time byte_time()
{
    return {10 * 1e6 / 115200, sc_core::SC_US};
}

} // namespace

uart::uart(const sc_core::sc_module_name& name, const sc_core::sc_time& latency)
    : register_device(name, uart_registers(), latency)
{
    attach_effects();
    SC_METHOD(receive);
    sensitive << m_byte_due;
    dont_initialize();
}

void uart::connect(uart_line line)
{
    m_line = std::move(line);
    if (m_line.receive)
        m_byte_due.notify(byte_time());
}

void uart::attach_effects()
{
    kernel::register_bank& bank = registers();
    const auto data = [this]() -> std::uint32_t {
        return divisor() ? m_divisor & 0xFF : m_received.empty() ? 0 : m_received.front();
    };
    const auto enable = [this] { return divisor() ? m_divisor >> 8 : m_enabled; };
    const auto identified = [this] { // as interrupt_id has shown it
        m_told_room = m_told_room || (interrupt_id() & 0xF) == room_to_send;
        drive();
    };
    const auto status = [this] {
        return LOAS_UART_LINE_STATUS_ROOM | LOAS_UART_LINE_STATUS_EMPTY |
               (m_received.empty() ? 0U : LOAS_UART_LINE_STATUS_RECEIVED);
    };
    bank.set_effects(LOAS_UART_REG_DATA,
                     {data, [this](std::uint32_t byte) { return write_data(byte); }, [this] { take_byte(); }});
    bank.set_effects(LOAS_UART_REG_IRQ_ENABLE, {enable, [this](std::uint32_t bits) { return write_enable(bits); }, {}});
    bank.set_effects(LOAS_UART_REG_IRQ_ID,
                     {[this] { return interrupt_id(); },
                      [this](std::uint32_t bits) { return write_fifo_control(bits); }, identified});
    bank.set_effects(LOAS_UART_REG_LINE_STATUS, {status, {}, {}});
}

bool uart::divisor() const
{
    return (registers().value(LOAS_UART_REG_LINE_CONTROL) & LOAS_UART_LINE_CONTROL_DIVISOR) != 0;
}

kernel::register_bank::verdict uart::write_data(std::uint32_t byte)
{
    if (divisor()) {
        m_divisor = (m_divisor & 0xFF00) | byte;
    } else {
        if (m_line.send)
            m_line.send(static_cast<unsigned char>(byte));
        m_told_room = false;
        drive();
    }
    return kernel::register_bank::verdict::drop;
}

kernel::register_bank::verdict uart::write_enable(std::uint32_t bits)
{
    if (divisor()) {
        m_divisor = (m_divisor & 0xFF) | bits << 8;
    } else {
        if ((bits & ~m_enabled & LOAS_UART_IRQ_SENT) != 0)
            m_told_room = false; // there is room, which is news for who has not asked before
        m_enabled = bits;
        drive();
    }
    return kernel::register_bank::verdict::drop;
}

kernel::register_bank::verdict uart::write_fifo_control(std::uint32_t bits)
{
    m_fifos = (bits & 1) != 0;
    if ((bits & 2) != 0) {
        m_received.clear();
        take_byte();
    }
    return kernel::register_bank::verdict::drop;
}

std::uint32_t uart::interrupt_id() const
{
    const std::uint32_t with = m_fifos ? fifos_on : 0;
    if ((m_enabled & LOAS_UART_IRQ_RECEIVED) != 0 && !m_received.empty())
        return byte_received | with;
    return ((m_enabled & LOAS_UART_IRQ_SENT) != 0 && !m_told_room ? room_to_send : no_interrupt) | with;
}

void uart::take_byte()
{
    if (divisor())
        return;
    if (!m_received.empty())
        m_received.pop_front();
    if (m_full)
        m_byte_due.notify(byte_time());
    m_full = false;
    drive();
}

void uart::receive()
{
    m_full = m_received.size() == fifo_bytes;
    if (m_full)
        return; // goes on when software has taken a byte: nothing is lost
    const int byte = m_line.receive();
    if (byte == uart_line::no_more)
        return;
    if (byte >= 0)
        m_received.push_back(static_cast<unsigned char>(byte));
    m_byte_due.notify(byte_time());
    drive();
}

void uart::drive()
{
    interrupt_out.drive((interrupt_id() & 0xF) != no_interrupt);
}

} // namespace loas::devices
