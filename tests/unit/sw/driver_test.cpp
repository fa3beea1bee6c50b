// Probe, queue and waiting.
#include "tests/unit/sw/driver_fixture.h"

#include <algorithm>
#include <vector>

namespace
{

using loas_test::mock_device;
using loas_test::nop;

class driver : public loas_test::driver_fixture
{
};
class driver_wait : public loas_test::driver_wait_fixture
{
};
INSTANTIATE_TEST_SUITE_P(modes, driver_wait, ::testing::Values(LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT));

// ---------------------------------------------------------------- probe

TEST_F(driver, probe_reads_the_capabilities)
{
    mock.tiles = 7;
    mock.max_timesteps = 8;
    mock.version = LOAS_ABI_MAJOR << 16 | 5;
    ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
    EXPECT_EQ(dev.accelerator, uint32_t{LOAS_ACCELERATOR_LOAS});
    EXPECT_EQ(dev.features, 0x9Fu);
    EXPECT_EQ(dev.tiles, 7u);
    EXPECT_EQ(dev.max_timesteps, 8u);
    EXPECT_EQ(dev.chunk_bits, 128u);
    EXPECT_EQ(dev.clock_khz, 800000u);
    EXPECT_EQ(dev.version_minor, 5u);
    EXPECT_EQ(dev.spike_format, uint32_t{LOAS_SPIKES_PACKED});
    EXPECT_EQ(dev.weight_format, uint32_t{LOAS_WEIGHTS_COLUMNS});
    EXPECT_FALSE(dev.needs_work_area);
}

TEST_F(driver, probe_reads_the_formats)
{
    mock.formats = LOAS_SPIKES_COORDINATES | LOAS_WEIGHTS_ROWS << LOAS_FORMATS_WEIGHTS_SHIFT | LOAS_FORMATS_WORK_AREA;
    ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
    EXPECT_EQ(dev.spike_format, uint32_t{LOAS_SPIKES_COORDINATES});
    EXPECT_EQ(dev.weight_format, uint32_t{LOAS_WEIGHTS_ROWS});
    EXPECT_TRUE(dev.needs_work_area);
    mock.version = LOAS_ABI_MAJOR << 16; // had no such register
    ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
    EXPECT_EQ(dev.spike_format, uint32_t{LOAS_SPIKES_PACKED});
    EXPECT_EQ(dev.weight_format, uint32_t{LOAS_WEIGHTS_COLUMNS});
    EXPECT_FALSE(dev.needs_work_area);
    mock.version = LOAS_ABI_MAJOR << 16 | LOAS_ABI_MINOR;
    for (uint32_t unknown : {0x5u, 0xFu, 0x30u, 0xF0u, 0x100u, 0x20000u, 0x80000000u}) {
        mock.formats = unknown;
        EXPECT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_E_NO_DEVICE) << unknown;
    }
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

TEST_F(driver, probe_finds_the_rings_that_there_are)
{
    mock.rings = 4;
    for (uint32_t ring = 0; ring < 4; ring++) {
        ASSERT_EQ(loas_device_probe_ring(&dev, mock.hal(), mock_device::register_base, ring), LOAS_OK);
        EXPECT_EQ(dev.register_base, mock_device::register_base + ring * LOAS_REGISTER_BLOCK_BYTES);
    }
    EXPECT_EQ(loas_device_probe_ring(&dev, mock.hal(), mock_device::register_base, 4), LOAS_E_ARGUMENT);
    mock.version = LOAS_ABI_MAJOR << 16 | 1; // which had no such register
    EXPECT_EQ(loas_device_probe_ring(&dev, mock.hal(), mock_device::register_base, 0), LOAS_OK);
    EXPECT_EQ(loas_device_probe_ring(&dev, mock.hal(), mock_device::register_base, 1), LOAS_E_ARGUMENT);
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
    ASSERT_EQ(mock.logs.size(), 1u);
    EXPECT_NE(mock.logs[0].find("no interrupt came"), std::string::npos) << mock.logs[0];
    EXPECT_EQ(wait(submit(2, LOAS_FLAG_INTERRUPT), LOAS_WAIT_INTERRUPT, 50000), LOAS_OK);
    EXPECT_EQ(mock.logs.size(), 1u) << "this one was interrupted in time";
}

TEST_F(driver, a_handler_is_told_of_each_record_once)
{
    open(8);
    std::vector<std::pair<uint32_t, uint32_t>> told; // ticket, cookie
    const auto note = [](void* to, uint32_t ticket, const loas_completion* record) {
        static_cast<decltype(told)*>(to)->push_back({ticket, record->cookie});
    };
    const uint32_t first = submit(11, LOAS_FLAG_INTERRUPT), second = submit(12, LOAS_FLAG_INTERRUPT);
    EXPECT_EQ(loas_interrupt_service(&dev, note, &told), LOAS_OK);
    EXPECT_TRUE(told.empty()) << "too early";
    while (told.size() < 2) {
        ASSERT_EQ(mock.hal()->wait_interrupt(mock.hal()->context, 100000), LOAS_OK);
        ASSERT_EQ(loas_interrupt_service(&dev, note, &told), LOAS_OK);
    }
    EXPECT_EQ(told, (std::vector<std::pair<uint32_t, uint32_t>>{{first, 11}, {second, 12}}));
    EXPECT_EQ(loas_interrupt_service(&dev, note, &told), LOAS_OK);
    EXPECT_EQ(told.size(), 2u);
    EXPECT_EQ(wait(second, LOAS_WAIT_POLL, 0), LOAS_OK) << "it can still be asked for";
    EXPECT_EQ(mock.hal()->wait_interrupt(mock.hal()->context, 100), LOAS_E_TIMEOUT) << "the cause is cleared";
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

TEST_F(driver, after_a_spurious_interrupt_only_the_rest_of_the_time_is_waited)
{
    open(4);
    mock.stuck = true;
    const uint32_t ticket = submit(1, LOAS_FLAG_INTERRUPT);
    for (int spurious : {0, 1, 2, 3, 9}) { // 0, 15, 30, 45 of 50 us have passed; with the fourth, all
        mock.spurious_interrupts = spurious;
        mock.spurious_after_ns = 15000;
        const uint64_t before = mock.now_ns();
        EXPECT_EQ(wait(ticket, LOAS_WAIT_INTERRUPT, 50000), LOAS_E_TIMEOUT);
        EXPECT_GE(mock.now_ns() - before, 50000u) << spurious;
        EXPECT_LT(mock.now_ns() - before, 51000u) << spurious;
    }
    mock.spurious_interrupts = 0;
}

} // namespace
