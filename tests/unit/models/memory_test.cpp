#include "memory/channel_calendar.h"

#include "support/random.h"

#include <gtest/gtest.h>

#include <vector>

using loas::memory::channel_calendar;

TEST(channel_calendar, in_order_requests_queue_up)
{
    channel_calendar channel;
    EXPECT_EQ(channel.book(0, 10, 5), 10u);
    EXPECT_EQ(channel.book(0, 10, 5), 15u);
    EXPECT_EQ(channel.book(0, 30, 5), 30u);
    EXPECT_EQ(channel.book(0, 12, 0), 12u); // nothing to transfer
}

TEST(channel_calendar, an_earlier_request_takes_a_gap_that_is_long_enough)
{
    channel_calendar channel;
    channel.book(0, 0, 10);
    channel.book(0, 15, 10);
    EXPECT_EQ(channel.book(0, 0, 6), 25u); // the gap is 5 long
    EXPECT_EQ(channel.book(0, 0, 5), 10u);
    EXPECT_EQ(channel.book(0, 0, 1), 31u); // all closed now
}

// Against the same thing said with one flag per unit of time.
TEST(channel_calendar, equals_a_table_of_slots)
{
    loas::support::random_source random(5);
    for (int round = 0; round < 50; ++round) {
        channel_calendar channel;
        std::vector<bool> busy(20000);
        std::uint64_t now = 0;
        for (int i = 0; i < 500; ++i) {
            now += random.below(8);
            const std::uint64_t earliest = now + random.below(100);
            const std::uint64_t duration = random.between_unsigned(1, 9);
            std::uint64_t expected = earliest;
            for (std::uint64_t t = expected; t < expected + duration; ++t)
                if (busy[t])
                    expected = t + 1;
            for (std::uint64_t t = expected; t < expected + duration; ++t)
                busy[t] = true;
            ASSERT_EQ(channel.book(now, earliest, duration), expected) << "round " << round << ", request " << i;
        }
    }
}
