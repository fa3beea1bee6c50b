// Text on the UART: every conversion of loas_print, and what a line says that has no room yet.
#include "driver/loas_console.h"

#include "abi/loas_board.h"
#include "abi/loas_devices.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace
{

struct line {
    std::string sent, typed;
    unsigned looks_until_room = 0; // of each character
    unsigned looks = 0;
    loas_hal hal = {};

    line()
    {
        hal.context = this;
        hal.read8 = [](void* context, uint64_t address, uint8_t* value) {
            line& self = *static_cast<line*>(context);
            if (address == LOAS_BOARD_UART_BASE + LOAS_UART_REG_LINE_STATUS) {
                const bool room = self.looks++ >= self.looks_until_room;
                *value = uint8_t((room ? LOAS_UART_LINE_STATUS_ROOM : 0) |
                                 (self.typed.empty() ? 0 : LOAS_UART_LINE_STATUS_RECEIVED));
            } else if (address == LOAS_BOARD_UART_BASE + LOAS_UART_REG_DATA) {
                *value = uint8_t(self.typed.at(0));
                self.typed.erase(0, 1);
            } else {
                return int(LOAS_E_BUS);
            }
            return int(LOAS_OK);
        };
        hal.write8 = [](void* context, uint64_t address, uint8_t value) {
            line& self = *static_cast<line*>(context);
            EXPECT_EQ(address, uint64_t{LOAS_BOARD_UART_BASE + LOAS_UART_REG_DATA});
            EXPECT_GT(self.looks, self.looks_until_room) << "no room yet";
            self.looks = 0;
            self.sent += char(value);
            return int(LOAS_OK);
        };
    }

    template <typename... values> std::string print(const char* format, values... of)
    {
        sent.clear();
        loas_print(&hal, format, of..., 0); // one more than the format asks for, which does not matter
        return sent;
    }
};

} // namespace

TEST(console, prints_as_printf_does)
{
    line l;
    EXPECT_EQ(l.print("plain %% text\n"), "plain % text\n");
    EXPECT_EQ(l.print("%d %i %d", 0, 7, -12), "0 7 -12");
    EXPECT_EQ(l.print("%u %x", 4294967295u, 0xbeefu), "4294967295 beef");
    EXPECT_EQ(l.print("%lld %llu %llx", INT64_MIN, UINT64_MAX, 0x123456789abcdef0ull),
              "-9223372036854775808 18446744073709551615 123456789abcdef0");
    EXPECT_EQ(l.print("%ld %lu %zu", -5L, 6UL, size_t{7}), "-5 6 7");
    EXPECT_EQ(l.print("<%5d> <%05d> <%5d> <%05d>", 42, 42, -42, -42), "<   42> <00042> <  -42> <-0042>");
    EXPECT_EQ(l.print("<%4x> <%04x> <%2x>", 0xabu, 0xabu, 0xabcdu), "<  ab> <00ab> <abcd>");
    EXPECT_EQ(l.print("<%2d> <%12d>", -42, 1), "<-42> <           1>");
    EXPECT_EQ(l.print("%s and %c%c", "words", 'o', 'k'), "words and ok");
    EXPECT_EQ(l.print("%s", ""), "");
}

// Copied to where the compiler does not look at formats.
TEST(console, other_conversions_stand_as_they_are)
{
    line l;
    const char *const unknown = "%f %5q|", *const cut = "100 %", *const cut_later = "a%04l";
    EXPECT_EQ(l.print(unknown), "%f %5q|");
    EXPECT_EQ(l.print(cut), "100 %");
    EXPECT_EQ(l.print(cut_later), "a%04l");
}

TEST(console, waits_for_room_for_each_character)
{
    line l;
    l.looks_until_room = 3;
    EXPECT_EQ(l.print("ab%d", 1), "ab1");
}

TEST(console, reads_what_was_typed)
{
    line l;
    EXPECT_EQ(loas_console_read(&l.hal), -1);
    l.typed = "x\xff";
    EXPECT_EQ(loas_console_read(&l.hal), 'x');
    EXPECT_EQ(loas_console_read(&l.hal), 0xFF);
    EXPECT_EQ(loas_console_read(&l.hal), -1);
    l.hal.read8 = [](void*, uint64_t, uint8_t*) { return int(LOAS_E_BUS); };
    EXPECT_EQ(loas_console_read(&l.hal), -1);
}
