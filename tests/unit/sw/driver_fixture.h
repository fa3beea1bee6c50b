// A driver on the mock device. At the end of each test the queue closes and nothing is left allocated.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "driver/loas_driver.h"
#include "tests/unit/sw/mock_device.h"

namespace loas_test
{

constexpr uint64_t long_ns = 1000000;

inline loas_descriptor nop(uint32_t cookie, uint8_t flags = 0)
{
    loas_descriptor d = {};
    d.opcode = LOAS_OP_NOP;
    d.flags = flags;
    d.cookie = cookie;
    return d;
}

class driver_fixture : public ::testing::Test
{
protected:
    mock_device mock;
    loas_device dev = {};
    loas_completion record = {};

    void open(uint32_t entries)
    {
        ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
        ASSERT_EQ(loas_queue_open(&dev, entries), LOAS_OK);
    }
    uint32_t submit(uint32_t cookie, uint8_t flags = 0)
    {
        const loas_descriptor d = nop(cookie, flags);
        uint32_t ticket = 0;
        EXPECT_EQ(loas_submit(&dev, &d, &ticket), LOAS_OK);
        return ticket;
    }
    int try_submit(uint32_t cookie)
    {
        const loas_descriptor d = nop(cookie);
        return loas_submit(&dev, &d, nullptr);
    }
    int wait(uint32_t ticket, loas_wait_mode mode = LOAS_WAIT_POLL, uint64_t timeout_ns = long_ns)
    {
        return loas_wait(&dev, ticket, mode, timeout_ns, &record);
    }
    void TearDown() override
    {
        EXPECT_EQ(loas_queue_close(&dev), LOAS_OK);
        EXPECT_EQ(mock.live_allocations(), 0u);
        for (const auto& line : mock.logs) {
            EXPECT_EQ(line.find("BUG"), std::string::npos) << line;
        }
    }
};

class driver_wait_fixture : public driver_fixture, public ::testing::WithParamInterface<loas_wait_mode>
{
};

} // namespace loas_test
