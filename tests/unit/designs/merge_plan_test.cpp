#include "models/designs/gamma/merge_plan.h"

#include <gtest/gtest.h>

using loas::designs::merge_plan;
using loas::designs::merge_round;

// Whatever the numbers: each fiber and each partial row is taken once, no round has more fibers than there are ways,
// all but the first are full, no more partial rows wait than may, and there are as few rounds as can be.
TEST(merge_plan, takes_everything_once_in_the_fewest_rounds)
{
    for (const std::uint32_t radix : {2U, 3U, 5U, 64U})
        for (std::uint32_t kept = 1; kept < radix; kept += 1 + kept / 4 * 3)
            for (std::uint32_t fibers = 0; fibers < 400; ++fibers) {
                merge_plan plan(fibers, radix, kept);
                std::uint32_t taken = 0, waiting = 0, rounds = 0;
                while (!plan.done()) {
                    const bool announced = plan.next_is_last();
                    const merge_round round = plan.next();
                    ASSERT_EQ(round.last, announced);
                    ASSERT_EQ(round.first, taken);
                    ASSERT_LE(round.partial_rows, waiting);
                    ASSERT_LE(round.rows + round.partial_rows, radix);
                    ASSERT_TRUE(rounds == 0 || round.rows + round.partial_rows == radix) << fibers << ' ' << radix;
                    taken += round.rows;
                    waiting += 1 - round.partial_rows;
                    ASSERT_LE(waiting, round.last ? 1 : kept);
                    ++rounds;
                }
                ASSERT_EQ(taken, fibers);
                ASSERT_EQ(waiting, 1u); // the result
                ASSERT_EQ(rounds, fibers < 2 ? 1 : (fibers - 1 + radix - 2) / (radix - 1)) << fibers << ' ' << radix;
            }
}
