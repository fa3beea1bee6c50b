#include "mock_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "driver/loas_driver.h"

namespace
{

using loas_test::mock_device;

constexpr uint64_t long_ns = 1000000;

loas_descriptor nop(uint32_t cookie, uint8_t flags = 0)
{
    loas_descriptor d = {};
    d.opcode = LOAS_OP_NOP;
    d.flags = flags;
    d.cookie = cookie;
    return d;
}

class driver : public ::testing::Test
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

// ---------------------------------------------------------------- probe

TEST_F(driver, probe_reads_the_capabilities)
{
    mock.tiles = 7;
    mock.max_timesteps = 8;
    mock.version = LOAS_ABI_MAJOR << 16 | 5;
    ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
    EXPECT_EQ(dev.accelerator, uint32_t{LOAS_ACCELERATOR_LOAS});
    EXPECT_EQ(dev.features, 0x1Fu);
    EXPECT_EQ(dev.tiles, 7u);
    EXPECT_EQ(dev.max_timesteps, 8u);
    EXPECT_EQ(dev.chunk_bits, 128u);
    EXPECT_EQ(dev.clock_khz, 800000u);
    EXPECT_EQ(dev.version_minor, 5u);
}

TEST_F(driver, probe_refuses_what_it_does_not_know)
{
    mock.id = 0x12345678;
    EXPECT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_E_NO_DEVICE);
    mock.id = LOAS_ID_VALUE;
    mock.version = (LOAS_ABI_MAJOR + 1) << 16;
    EXPECT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_E_VERSION);
    mock.version = LOAS_ABI_MAJOR << 16;
    for (uint32_t timesteps : {0u, 17u}) {
        mock.max_timesteps = timesteps;
        EXPECT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_E_NO_DEVICE);
    }
    EXPECT_EQ(loas_device_probe(nullptr, mock.hal(), 0), LOAS_E_ARGUMENT);
    EXPECT_EQ(loas_device_probe(&dev, nullptr, 0), LOAS_E_ARGUMENT);
    EXPECT_EQ(loas_device_probe(&dev, mock.hal(), 0), LOAS_E_BUS); // nothing there
}

TEST_F(driver, log_may_be_missing)
{
    loas_hal hal = *mock.hal();
    hal.log = nullptr;
    mock.id = 0;
    EXPECT_EQ(loas_device_probe(&dev, &hal, mock_device::register_base), LOAS_E_NO_DEVICE);
}

// ---------------------------------------------------------------- queue

TEST_F(driver, queue_sizes)
{
    ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
    for (uint32_t entries : {0u, 1u, 3u, 100u, 8192u, 0x80000000u}) {
        EXPECT_EQ(loas_queue_open(&dev, entries), LOAS_E_ARGUMENT) << entries;
    }
    for (uint32_t entries = 2; entries <= 4096; entries *= 2) {
        ASSERT_EQ(loas_queue_open(&dev, entries), LOAS_OK) << entries;
        EXPECT_EQ(loas_queue_open(&dev, entries), LOAS_E_ARGUMENT) << "already open";
        const uint32_t ticket = submit(1);
        EXPECT_EQ(wait(ticket), LOAS_OK);
        EXPECT_EQ(loas_queue_close(&dev), LOAS_OK);
    }
}

TEST_F(driver, closed_queue_takes_nothing)
{
    ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
    EXPECT_EQ(try_submit(1), LOAS_E_ARGUMENT);
    EXPECT_EQ(wait(0), LOAS_E_ARGUMENT);
    EXPECT_EQ(wait(1), LOAS_E_ARGUMENT);
    EXPECT_EQ(loas_recover(&dev), LOAS_E_ARGUMENT);
    EXPECT_EQ(loas_reset(&dev), LOAS_OK);
}

TEST_F(driver, rings_wrap_around)
{
    for (uint32_t entries : {2u, 4u, 8u}) {
        open(entries);
        mock.executed.clear();
        for (uint32_t i = 0; i < 50; i++) {
            const uint32_t ticket = submit(i);
            ASSERT_EQ(wait(ticket), LOAS_OK);
            EXPECT_EQ(record.cookie, i);
            EXPECT_EQ(record.index, i % entries);
            EXPECT_EQ(record.sequence, i + 1);
            EXPECT_EQ(record.cycles, 1000u);
        }
        ASSERT_EQ(mock.executed.size(), 50u);
        EXPECT_TRUE(std::is_sorted(mock.executed.begin(), mock.executed.end()));
        ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
    }
}

TEST_F(driver, full_queue)
{
    open(4);
    mock.stuck = true;
    for (uint32_t i = 0; i < 3; i++) {
        submit(i);
    }
    EXPECT_EQ(try_submit(3), LOAS_E_QUEUE_FULL);
    mock.stuck = false;
    // nobody waits: submission itself finds the room that completions leave
    uint32_t next = 3;
    for (int i = 0; i < 10000 && next < 20; i++) {
        const int result = try_submit(next);
        ASSERT_TRUE(result == LOAS_OK || result == LOAS_E_QUEUE_FULL);
        next += result == LOAS_OK;
        uint32_t status = 0;
        mock.hal()->read32(mock.hal()->context, mock_device::register_base + LOAS_REG_STATUS, &status);
    }
    EXPECT_EQ(next, 20u);
    EXPECT_EQ(wait(dev.queue.last_ticket), LOAS_OK);
    EXPECT_EQ(mock.executed.size(), 20u);
}

TEST_F(driver, close_abandons_what_is_in_flight)
{
    open(8);
    submit(1);
    submit(2);
    EXPECT_EQ(loas_queue_close(&dev), LOAS_OK);
    uint32_t id = 0;
    for (int i = 0; i < 1000; i++) { // the mock reports writes to freed memory
        mock.hal()->read32(mock.hal()->context, mock_device::register_base + LOAS_REG_ID, &id);
    }
    EXPECT_TRUE(mock.executed.empty());
}

TEST_F(driver, stale_records_are_not_taken_for_new_ones)
{
    open(2);
    // memory of the completion ring is poisoned by the mock: a record of sequence 0xA5A5A5A5 or any other is no record
    mock.stuck = true;
    const uint32_t ticket = submit(1);
    EXPECT_EQ(wait(ticket, LOAS_WAIT_POLL, 10000), LOAS_E_TIMEOUT);
    // a record that would have been right before a reset
    mock.stuck = false;
    EXPECT_EQ(wait(ticket), LOAS_OK);
    ASSERT_EQ(loas_reset(&dev), LOAS_OK);
    mock.stuck = true;
    EXPECT_EQ(wait(submit(2), LOAS_WAIT_POLL, 10000), LOAS_E_TIMEOUT);
}

TEST_F(driver, device_that_refuses_the_rings)
{
    mock.refuses_rings = true;
    ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
    EXPECT_EQ(loas_queue_open(&dev, 4), LOAS_E_DEVICE);
    EXPECT_EQ(mock.live_allocations(), 0u);
}

TEST_F(driver, reset_that_does_not_end)
{
    mock.reset_hangs = true;
    ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
    EXPECT_EQ(loas_queue_open(&dev, 4), LOAS_E_TIMEOUT);
    EXPECT_EQ(mock.live_allocations(), 0u);
    mock.reset_hangs = false;
    open(4);
    mock.reset_hangs = true;
    EXPECT_EQ(loas_reset(&dev), LOAS_E_TIMEOUT);
    EXPECT_EQ(try_submit(1), LOAS_E_ARGUMENT) << "queue does not run after a failed reset";
    mock.reset_hangs = false;
    EXPECT_EQ(loas_reset(&dev), LOAS_OK);
    EXPECT_EQ(wait(submit(1)), LOAS_OK);
}

// ---------------------------------------------------------------- waiting

class driver_wait : public driver, public ::testing::WithParamInterface<loas_wait_mode>
{
};
INSTANTIATE_TEST_SUITE_P(modes, driver_wait, ::testing::Values(LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT));

TEST_P(driver_wait, one_after_the_other)
{
    open(4);
    for (uint32_t i = 0; i < 10; i++) {
        ASSERT_EQ(wait(submit(i, LOAS_FLAG_INTERRUPT), GetParam()), LOAS_OK);
        EXPECT_EQ(record.cookie, i);
    }
    EXPECT_EQ(mock.interrupt_waits, GetParam() == LOAS_WAIT_INTERRUPT ? 10 : 0);
}

TEST_P(driver_wait, tickets_met_on_the_way_are_kept)
{
    open(8);
    uint32_t tickets[7];
    for (uint32_t i = 0; i < 7; i++) {
        tickets[i] = submit(100 + i, LOAS_FLAG_INTERRUPT);
    }
    ASSERT_EQ(wait(tickets[6], GetParam()), LOAS_OK);
    EXPECT_EQ(record.cookie, 106u);
    for (uint32_t i : {3u, 0u, 6u, 5u, 1u, 0u, 2u, 4u}) {
        ASSERT_EQ(wait(tickets[i], GetParam(), 0), LOAS_OK);
        EXPECT_EQ(record.cookie, 100 + i);
    }
    // the ring holds the records of the last 8 tickets
    submit(107);
    ASSERT_EQ(wait(submit(108), LOAS_WAIT_POLL), LOAS_OK);
    EXPECT_EQ(wait(tickets[0]), LOAS_E_ARGUMENT);
    EXPECT_EQ(wait(tickets[1]), LOAS_OK);
    EXPECT_EQ(wait(dev.queue.last_ticket + 1), LOAS_E_ARGUMENT);
}

TEST_P(driver_wait, completion_before_the_wait_is_not_missed)
{
    open(4);
    const uint32_t ticket = submit(1, LOAS_FLAG_INTERRUPT);
    uint32_t id = 0;
    for (int i = 0; i < 1000; i++) {
        mock.hal()->read32(mock.hal()->context, mock_device::register_base, &id);
    }
    ASSERT_EQ(mock.executed.size(), 1u);
    EXPECT_EQ(wait(ticket, GetParam(), 0), LOAS_OK);
    EXPECT_EQ(mock.interrupt_waits, 0);
    // the interrupt of that one is still pending; it must not pass for the next
    EXPECT_EQ(wait(submit(2, LOAS_FLAG_INTERRUPT), GetParam()), LOAS_OK);
    EXPECT_EQ(record.cookie, 2u);
}

// The race proper: for every duration of a descriptor, so that its end falls on each point of the wait.
TEST_P(driver_wait, completion_at_any_moment)
{
    open(4);
    for (uint64_t duration = 1; duration < 1500; duration += 3) {
        mock.descriptor_ns = duration;
        const uint32_t ticket = submit(uint32_t(duration), LOAS_FLAG_INTERRUPT);
        ASSERT_EQ(wait(ticket, GetParam(), 5000), LOAS_OK) << duration;
        EXPECT_EQ(record.cookie, duration);
    }
}

TEST_P(driver_wait, timeout)
{
    open(4);
    mock.stuck = true;
    const uint32_t ticket = submit(1, LOAS_FLAG_INTERRUPT);
    const uint64_t before = mock.now_ns();
    EXPECT_EQ(wait(ticket, GetParam(), 50000), LOAS_E_TIMEOUT);
    EXPECT_GE(mock.now_ns() - before, 50000u);
    EXPECT_LT(mock.now_ns() - before, 60000u);
    EXPECT_EQ(wait(ticket, GetParam(), 0), LOAS_E_TIMEOUT);
    mock.stuck = false;
    EXPECT_EQ(wait(ticket, GetParam(), UINT64_MAX), LOAS_OK);
}

TEST_F(driver, interrupt_wait_without_the_flag_finds_the_record_at_the_end)
{
    open(4);
    EXPECT_EQ(wait(submit(1), LOAS_WAIT_INTERRUPT, 50000), LOAS_OK);
    EXPECT_GE(mock.now_ns(), 50000u);
}

TEST_F(driver, spurious_interrupts)
{
    open(4);
    mock.spurious_interrupts = 5;
    EXPECT_EQ(wait(submit(1, LOAS_FLAG_INTERRUPT), LOAS_WAIT_INTERRUPT), LOAS_OK);
    mock.spurious_interrupts = 1 << 30;
    mock.stuck = true;
    EXPECT_EQ(wait(submit(2, LOAS_FLAG_INTERRUPT), LOAS_WAIT_INTERRUPT), LOAS_E_TIMEOUT);
}

// ---------------------------------------------------------------- errors

TEST_P(driver_wait, failed_descriptor)
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

TEST_P(driver_wait, two_failures_are_two_failures)
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

TEST_F(driver, recover_before_anybody_waited)
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

TEST_P(driver_wait, error_address_above_4_gib)
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

TEST_P(driver_wait, halt_without_a_record)
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

TEST_P(driver_wait, reset_abandons_and_reopens)
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

TEST_F(driver, counters)
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
