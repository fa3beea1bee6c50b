// Failed descriptors, recovery, reset, and a bus error at every call.
#include "tests/unit/sw/driver_fixture.h"

#include <algorithm>
#include <vector>

namespace
{

using loas_test::long_ns;
using loas_test::mock_device;
using loas_test::nop;

class driver_error : public loas_test::driver_fixture
{
};
class driver_error_wait : public loas_test::driver_wait_fixture
{
};
INSTANTIATE_TEST_SUITE_P(modes, driver_error_wait, ::testing::Values(LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT));

TEST_P(driver_error_wait, failed_descriptor)
{
    open(8);
    mock.fail_with[11] = LOAS_STATUS_BAD_SHAPE;
    const uint32_t first = submit(10), bad = submit(11), last = submit(12, LOAS_FLAG_INTERRUPT);
    EXPECT_EQ(wait(last, GetParam()), LOAS_E_DEVICE);
    EXPECT_EQ(record.cookie, 11u) << "the record of the one that failed";
    EXPECT_EQ(record.status, LOAS_STATUS_BAD_SHAPE);
    EXPECT_EQ(wait(first, GetParam()), LOAS_OK);
    EXPECT_EQ(wait(bad, GetParam()), LOAS_E_DEVICE);
    EXPECT_EQ(record.cookie, 11u);
    ASSERT_FALSE(mock.logs.empty());
    EXPECT_EQ(mock.logs[0], loas_status_text(LOAS_STATUS_BAD_SHAPE));

    loas_error error = {};
    ASSERT_EQ(loas_error_read(&dev, &error), LOAS_OK);
    EXPECT_EQ(error.status, uint32_t{LOAS_STATUS_BAD_SHAPE});
    EXPECT_EQ(error.index, 1u);

    ASSERT_EQ(loas_recover(&dev), LOAS_OK);
    EXPECT_EQ(wait(last, GetParam()), LOAS_OK);
    EXPECT_EQ(record.cookie, 12u);
    EXPECT_EQ(wait(bad, GetParam()), LOAS_E_DEVICE) << "its record does not change";
    ASSERT_EQ(loas_error_read(&dev, &error), LOAS_OK);
    EXPECT_EQ(error.status, uint32_t{LOAS_STATUS_OK});
    EXPECT_EQ(loas_recover(&dev), LOAS_OK) << "nothing to do";
}

TEST_P(driver_error_wait, two_failures_are_two_failures)
{
    open(8);
    mock.fail_with[11] = LOAS_STATUS_OVERLAP;
    mock.fail_with[12] = LOAS_STATUS_UNMAPPED;
    submit(11);
    submit(12);
    const uint32_t last = submit(13, LOAS_FLAG_INTERRUPT);
    for (uint16_t status : {LOAS_STATUS_OVERLAP, LOAS_STATUS_UNMAPPED}) {
        EXPECT_EQ(wait(last, GetParam()), LOAS_E_DEVICE);
        EXPECT_EQ(record.status, status);
        ASSERT_EQ(loas_recover(&dev), LOAS_OK);
    }
    EXPECT_EQ(wait(last, GetParam()), LOAS_OK);
}

TEST_F(driver_error, recover_before_anybody_waited)
{
    open(8);
    mock.fail_with[1] = LOAS_STATUS_OVERLAP;
    submit(1);
    const uint32_t last = submit(2);
    uint32_t status = 0;
    while (!(status & LOAS_STATE_HALTED)) {
        mock.hal()->read32(mock.hal()->context, mock_device::register_base + LOAS_REG_STATUS, &status);
    }
    ASSERT_EQ(loas_recover(&dev), LOAS_OK);
    EXPECT_EQ(wait(last), LOAS_OK);
}

TEST_P(driver_error_wait, error_address_above_4_gib)
{
    open(4);
    mock.fail_with[1] = LOAS_STATUS_UNMAPPED;
    loas_descriptor d = nop(1);
    d.input_address = 0x123456789ABCDEF0;
    uint32_t ticket = 0;
    ASSERT_EQ(loas_submit(&dev, &d, &ticket), LOAS_OK);
    ASSERT_EQ(wait(ticket, GetParam()), LOAS_E_DEVICE);
    EXPECT_EQ(record.error_address, 0x123456789ABCDEF0u);
    loas_error error = {};
    ASSERT_EQ(loas_error_read(&dev, &error), LOAS_OK);
    EXPECT_EQ(error.address, 0x123456789ABCDEF0u);
}

TEST_P(driver_error_wait, halt_without_a_record)
{
    open(4);
    mock.stuck = true;
    const uint32_t ticket = submit(1, LOAS_FLAG_INTERRUPT);
    // as after a doorbell that the device does not accept
    mock.refuses_rings = true;
    auto write = [&](uint32_t offset, uint32_t value) {
        return mock.hal()->write32(mock.hal()->context, mock_device::register_base + offset, value);
    };
    ASSERT_EQ(write(LOAS_REG_CONTROL, 0), 0);
    ASSERT_EQ(write(LOAS_REG_CONTROL, LOAS_CONTROL_ENABLE), 0);
    EXPECT_EQ(wait(ticket, GetParam()), LOAS_E_DEVICE);
    EXPECT_EQ(record.status, LOAS_STATUS_BAD_QUEUE);
    EXPECT_EQ(record.sequence, 0u);
}

TEST_P(driver_error_wait, reset_abandons_and_reopens)
{
    open(4);
    mock.fail_with[1] = LOAS_STATUS_BAD_TENSOR;
    const uint32_t bad = submit(1);
    const uint32_t behind = submit(2, LOAS_FLAG_INTERRUPT);
    ASSERT_EQ(wait(bad, GetParam()), LOAS_E_DEVICE);
    ASSERT_EQ(loas_reset(&dev), LOAS_OK);
    EXPECT_EQ(wait(bad, GetParam()), LOAS_E_ARGUMENT);
    EXPECT_EQ(wait(behind, GetParam()), LOAS_E_ARGUMENT);
    const uint32_t next = submit(3, LOAS_FLAG_INTERRUPT);
    EXPECT_NE(next, bad);
    EXPECT_NE(next, behind);
    EXPECT_EQ(wait(next, GetParam()), LOAS_OK);
    EXPECT_EQ(record.index, 0u);
    EXPECT_EQ(record.sequence, 1u);
    EXPECT_EQ(wait(behind, GetParam()), LOAS_E_ARGUMENT);
    EXPECT_EQ(mock.executed, (std::vector<uint32_t>{1, 3}));
}

TEST_F(driver_error, counters)
{
    ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
    for (int i = 0; i < LOAS_COUNTER_COUNT; i++) {
        mock.counters[i] = 0x100000000u * unsigned(i + 1) + unsigned(i);
    }
    for (int i = 0; i < LOAS_COUNTER_COUNT; i++) {
        uint64_t value = 0;
        ASSERT_EQ(loas_counter_read(&dev, loas_counter(i), &value), LOAS_OK);
        EXPECT_EQ(value, mock.counters[i]);
    }
    uint64_t value = 0;
    EXPECT_EQ(loas_counter_read(&dev, LOAS_COUNTER_COUNT, &value), LOAS_E_ARGUMENT);
}

TEST(driver_text, every_code_has_its_own_words)
{
    std::vector<std::string> texts;
    for (unsigned status = 0; status <= LOAS_STATUS_COUNT; status++) {
        texts.push_back(loas_status_text(status));
    }
    for (int result = 1; result >= LOAS_E_DEVICE; result--) {
        texts.push_back(loas_result_text(result));
    }
    for (const auto& text : texts) {
        EXPECT_FALSE(text.empty());
        EXPECT_EQ(std::count(texts.begin(), texts.end(), text), 1) << text;
    }
    EXPECT_STREQ(loas_result_text(-1000), loas_result_text(1));
    EXPECT_STREQ(loas_result_text(INT32_MIN), loas_result_text(1));
}

// ---------------------------------------------------------------- a bus error at every call

// Probes, opens, runs a few descriptors with a failure and a recovery among them, closes. Answers the first error.
int session(mock_device& mock, loas_device& dev, loas_wait_mode mode)
{
    uint32_t tickets[6] = {};
    loas_error error;
    uint64_t counter = 0;
    mock.fail_with[3] = LOAS_STATUS_BAD_SHAPE;
    int result = loas_device_probe(&dev, mock.hal(), mock_device::register_base);
    result = result ? result : loas_queue_open(&dev, 8);
    for (uint32_t i = 0; i < 6 && !result; i++) {
        const loas_descriptor d = nop(i, LOAS_FLAG_INTERRUPT);
        result = loas_submit(&dev, &d, &tickets[i]);
    }
    result = result ? result : loas_wait(&dev, tickets[1], mode, long_ns, nullptr);
    if (!result) {
        result = loas_wait(&dev, tickets[5], mode, long_ns, nullptr);
        result = result == LOAS_E_DEVICE ? LOAS_OK : result; // cookie 3
    }
    result = result ? result : loas_error_read(&dev, &error);
    result = result ? result : loas_recover(&dev);
    result = result ? result : loas_wait(&dev, tickets[5], mode, long_ns, nullptr);
    result = result ? result : loas_counter_read(&dev, LOAS_COUNTER_LAYERS, &counter);
    result = result ? result : loas_reset(&dev);
    return result ? result : loas_queue_close(&dev);
}

TEST(driver_faults, one_failing_call_is_an_error_and_leaves_nothing_behind)
{
    for (loas_wait_mode mode : {LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT}) {
        mock_device clean;
        loas_device dev = {};
        ASSERT_EQ(session(clean, dev, mode), LOAS_OK);
        ASSERT_GT(clean.calls, 40);
        for (bool takes_effect : {false, true}) {
            for (int call = 0; call < clean.calls; call++) {
                mock_device mock;
                mock.fail_call = call;
                mock.fail_takes_effect = takes_effect;
                const int result = session(mock, dev, mode);
                EXPECT_TRUE(result == LOAS_E_BUS || result == LOAS_E_MEMORY) << "call " << call << ": " << result;
                // the machine is good again: the device can be closed or reset and used
                if (dev.queue.open) {
                    EXPECT_EQ(loas_reset(&dev), LOAS_OK) << "call " << call;
                }
                EXPECT_EQ(loas_queue_close(&dev), LOAS_OK) << "call " << call;
                EXPECT_EQ(mock.live_allocations(), 0u) << "call " << call;
                mock.fail_with.clear();
                EXPECT_EQ(session(mock, dev, mode), LOAS_OK) << "call " << call;
                for (const auto& line : mock.logs) {
                    EXPECT_EQ(line.find("BUG"), std::string::npos) << line << ", call " << call;
                }
            }
        }
    }
}

} // namespace
