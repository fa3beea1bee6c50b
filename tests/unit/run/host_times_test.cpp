#include "platform/run/host_times.h"

#include <gtest/gtest.h>

using loas::run::host_times;

TEST(host_times, of_several_runs_add_up)
{
    host_times all = {0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007};
    all.add({0.010, 0.020, 0.030, 0.040, 0.050, 0.060, 0.070});
    EXPECT_EQ(
        to_text(all).rfind("host ms: load 11.0, build 22.0, prepare 33.0, simulate 44.0, account 55.0, report 66.0, "
                           "to first cycle 77.0; peak KiB: ",
                           0),
        0u);
}
