// The UART, against the 16550's data sheet as far as the model goes.
#include "abi/loas_devices.h"
#include "models/devices/uart.h"
#include "tests/unit/devices/device_bench.h"

#include <string>

using namespace loas;
using namespace loas::test;
using devices::uart_line;
using sc_core::wait;

namespace
{

using bench = device_bench<devices::uart>;
using byte = std::uint8_t;

// Ten bits at 115200 baud are 86.8 us.
const sc_core::sc_time after_a_byte = ns(87000);

struct uart_run {
    std::string sent;
    std::string input;
    std::size_t at = 0;

    void run(const std::function<void(bench&, devices::uart&)>& body)
    {
        devices::uart uart("uart", ns(10));
        uart_line line;
        line.send = [this](unsigned char c) { sent += static_cast<char>(c); };
        if (!input.empty())
            line.receive = [this] { return at < input.size() ? input[at++] : uart_line::no_more; };
        uart.connect(line);
        run_bench<devices::uart>(uart, [&](bench& b) { body(b, uart); });
    }
};

} // namespace

TEST(uart, sends_at_once_and_has_always_room)
{
    uart_run uart;
    uart.run([](bench& b, devices::uart& u) {
        for (const char c : std::string("hi\n")) {
            EXPECT_EQ(b.read<byte>(LOAS_UART_REG_LINE_STATUS), 0x60);
            b.write<byte>(LOAS_UART_REG_DATA, static_cast<byte>(c));
        }
        EXPECT_FALSE(u.interrupt_out.high());
        std::uint32_t word = 0;
        EXPECT_NE(b.access(tlm::TLM_READ_COMMAND, 0, &word, 4), tlm::TLM_OK_RESPONSE) << "bytes only";
    });
    EXPECT_EQ(uart.sent, "hi\n");
    EXPECT_EQ(now_ns(), 0u) << "no event";
}

TEST(uart, the_divisor_lies_behind_the_first_two_registers)
{
    uart_run uart;
    uart.run([](bench& b, devices::uart&) {
        b.write<byte>(LOAS_UART_REG_IRQ_ENABLE, 1);
        b.write<byte>(LOAS_UART_REG_LINE_CONTROL, 0x83);
        b.write<byte>(LOAS_UART_REG_DATA, 0x34);
        b.write<byte>(LOAS_UART_REG_IRQ_ENABLE, 0x3);
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_DATA), 0x34);
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_IRQ_ENABLE), 0x3);
        b.write<byte>(LOAS_UART_REG_LINE_CONTROL, 3);
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_IRQ_ENABLE), 1);
        b.write<byte>(LOAS_UART_REG_SCRATCH, 0xA5);
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_SCRATCH), 0xA5);
    });
    EXPECT_EQ(uart.sent, "");
}

TEST(uart, tells_once_that_there_is_room)
{
    uart_run uart;
    uart.run([](bench& b, devices::uart& u) {
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_IRQ_ID), 1);
        b.write<byte>(LOAS_UART_REG_IRQ_ENABLE, LOAS_UART_IRQ_SENT);
        EXPECT_TRUE(u.interrupt_out.high());
        EXPECT_EQ(b.look<byte>(LOAS_UART_REG_IRQ_ID), 2);
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_IRQ_ID), 2);
        EXPECT_FALSE(u.interrupt_out.high()) << "seen";
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_IRQ_ID), 1);
        b.write<byte>(LOAS_UART_REG_DATA, 'x');
        EXPECT_TRUE(u.interrupt_out.high());
        b.write<byte>(LOAS_UART_REG_IRQ_ID, 1); // FIFOs on
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_IRQ_ID), 0xC2);
    });
}

TEST(uart, receives_a_byte_each_ten_bits_and_interrupts)
{
    uart_run uart;
    uart.input = "ab";
    uart.run([](bench& b, devices::uart& u) {
        b.write<byte>(LOAS_UART_REG_IRQ_ENABLE, LOAS_UART_IRQ_RECEIVED);
        wait(ns(86000));
        EXPECT_FALSE(u.interrupt_out.high());
        wait(ns(1000));
        EXPECT_TRUE(u.interrupt_out.high());
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_IRQ_ID), 4);
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_LINE_STATUS), 0x61);
        EXPECT_EQ(b.look<byte>(LOAS_UART_REG_DATA), 'a');
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_DATA), 'a');
        EXPECT_FALSE(u.interrupt_out.high());
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_DATA), 0) << "nothing there";
        wait(after_a_byte);
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_DATA), 'b');
    });
}

TEST(uart, loses_nothing_when_software_is_slow)
{
    uart_run uart;
    for (int i = 0; i < 40; ++i)
        uart.input += static_cast<char>('0' + i);
    std::string got;
    uart.run([&](bench& b, devices::uart&) {
        wait(60 * after_a_byte);
        EXPECT_EQ(uart.at, 16u) << "as many as the FIFO holds";
        for (int i = 0; i < 40; ++i) {
            got += static_cast<char>(b.read<byte>(LOAS_UART_REG_DATA));
            wait(after_a_byte);
        }
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_LINE_STATUS), 0x60);
    });
    EXPECT_EQ(got, uart.input);
}

TEST(uart, forgets_what_it_has_received_when_told)
{
    uart_run uart;
    uart.input = "abc";
    uart.run([&](bench& b, devices::uart&) {
        wait(2 * after_a_byte);
        b.write<byte>(LOAS_UART_REG_IRQ_ID, 3);
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_LINE_STATUS), 0x60);
        wait(after_a_byte);
        EXPECT_EQ(b.read<byte>(LOAS_UART_REG_DATA), 'c');
    });
}
