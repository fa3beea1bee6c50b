// Several rings on one accelerator: every one like a device of its own, and turns between them.
#include "tests/integration/harness.h"

#include "abi/loas_board.h"
#include "driver/loas_interrupts.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <memory>

using namespace loas;
using namespace loas::integration;

namespace
{

/// Another layer for each ring.
reference::reference_layer layer_of_ring(unsigned ring)
{
    reference::reference_layer layer = small_layer();
    support::random_source random(100 + ring);
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>(random.below(16));
    return layer;
}

/// A ring with a queue and a layer in memory.
struct user {
    loas_device device{};
    reference::reference_layer layer;
    std::unique_ptr<loaded_layer> loaded;

    user(const loas_hal& hal, unsigned ring) : layer(layer_of_ring(ring))
    {
        open_device(hal, device, 8, ring);
        loaded = std::make_unique<loaded_layer>(device, layer);
    }

    std::uint32_t submit(std::uint32_t cookie, std::uint8_t flags = LOAS_FLAG_INTERRUPT)
    {
        loas_descriptor descriptor = loaded->descriptor();
        descriptor.cookie = cookie;
        descriptor.flags = flags;
        std::uint32_t ticket = 0;
        EXPECT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
        return ticket;
    }
    int wait(std::uint32_t ticket, loas_completion* record = nullptr)
    {
        return loas_wait(&device, ticket, LOAS_WAIT_POLL, second_ns, record);
    }
    void expect_right_output() { EXPECT_EQ(loaded->read_output().spikes, reference::run_reference(layer).spikes); }
    std::uint64_t counter(loas_counter which)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(loas_counter_read(&device, which, &value), LOAS_OK);
        return value;
    }
};

std::vector<std::unique_ptr<user>> users_of(const loas_hal& hal, unsigned rings)
{
    std::vector<std::unique_ptr<user>> users;
    for (unsigned ring = 0; ring < rings; ++ring)
        users.push_back(std::make_unique<user>(hal, ring));
    return users;
}

std::uint32_t pending(const loas_hal& hal)
{
    std::uint32_t inputs = 0;
    EXPECT_EQ(loas_interrupts_pending(&hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, &inputs), LOAS_OK);
    return inputs;
}

class rings : public testing::TestWithParam<unsigned>
{
};

} // namespace

TEST_P(rings, compute_what_the_golden_model_does)
{
    const unsigned count = GetParam();
    machine_run run({"queue.rings=" + std::to_string(count)});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const auto users = users_of(hal, count);
        for (int round = 0; round < 3; ++round) {
            std::vector<std::uint32_t> tickets;
            for (const auto& each : users)
                tickets.push_back(each->submit(0));
            for (unsigned ring = 0; ring < count; ++ring)
                EXPECT_EQ(users[ring]->wait(tickets[ring]), LOAS_OK);
            for (const auto& each : users)
                each->expect_right_output();
        }
        for (const auto& each : users) {
            EXPECT_EQ(each->counter(LOAS_COUNTER_LAYERS), 3u) << "counters are the ring's own";
            EXPECT_EQ(loas_queue_close(&each->device), LOAS_OK);
        }
        loas_device none{};
        EXPECT_EQ(loas_device_probe_ring(&none, &hal, LOAS_BOARD_ACCELERATOR_BASE, count), LOAS_E_ARGUMENT);
    }));
    EXPECT_EQ(run.outcomes.size(), 3u * count);
}

TEST_P(rings, interrupt_each_at_its_own_input)
{
    const unsigned count = GetParam();
    machine_run run({"queue.rings=" + std::to_string(count)});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const auto users = users_of(hal, count);
        for (unsigned ring = 0; ring < count; ++ring) {
            ASSERT_EQ(loas_interrupts_enable(&hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, 1u << ring),
                      LOAS_OK);
            const std::uint32_t ticket = users[ring]->submit(0);
            EXPECT_EQ(hal.wait_interrupt(hal.context, second_ns), LOAS_OK);
            EXPECT_EQ(pending(hal), 0u) << "claimed";
            EXPECT_EQ(loas_interrupts_complete(&hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT + ring),
                      LOAS_OK);
            EXPECT_EQ(pending(hal), 1u << ring) << "its cause has not been dealt with";
            EXPECT_EQ(loas_wait(&users[ring]->device, ticket, LOAS_WAIT_INTERRUPT, second_ns, nullptr), LOAS_OK);
            const std::uint64_t status = users[ring]->device.register_base + LOAS_REG_IRQ_STATUS;
            EXPECT_EQ(hal.write32(hal.context, status, LOAS_IRQ_COMPLETION), LOAS_OK);
            std::uint32_t claimed = 0; // the request was let through, cause or not
            EXPECT_EQ(loas_interrupts_claim(&hal, LOAS_BOARD_PLIC_BASE, &claimed), LOAS_OK);
            EXPECT_EQ(claimed, LOAS_BOARD_ACCELERATOR_INTERRUPT + ring);
            EXPECT_EQ(loas_interrupts_complete(&hal, LOAS_BOARD_PLIC_BASE, claimed), LOAS_OK);
            EXPECT_EQ(pending(hal), 0u);
        }
    }));
}

INSTANTIATE_TEST_SUITE_P(one_and_four, rings, testing::Values(1u, 4u));

// At 1 MHz a layer takes so long that all the others are queued while the first one runs.
TEST(rings, take_turns)
{
    machine_run run({"queue.rings=4", "clock_mhz=1"});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const auto users = users_of(hal, 4);
        std::vector<std::uint32_t> last(4);
        last[2] = users[2]->submit(20);
        hal.wait_interrupt(hal.context, 1000); // it runs
        for (unsigned ring : {0u, 1u, 2u, 3u})
            for (unsigned i = 1; i <= (ring == 1 ? 1u : 3u); ++i)
                last[ring] = users[ring]->submit(10 * ring + i);
        for (unsigned ring = 0; ring < 4; ++ring)
            EXPECT_EQ(users[ring]->wait(last[ring]), LOAS_OK);
    }));
    EXPECT_EQ(run.cookies, (std::vector<std::uint32_t>{20, 31, 1, 11, 21, 32, 2, 22, 33, 3, 23}));
}

TEST(rings, fail_and_are_reset_without_the_others)
{
    machine_run run({"queue.rings=2", "clock_mhz=1"});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const auto users = users_of(hal, 2);
        user &good = *users[0], &bad = *users[1];
        EXPECT_EQ(bad.wait(bad.submit(7, 0x80)), LOAS_E_DEVICE);
        const std::uint32_t ticket = good.submit(1);
        hal.wait_interrupt(hal.context, 1000);
        loas_error error{};
        ASSERT_EQ(loas_error_read(&good.device, &error), LOAS_OK);
        EXPECT_EQ(error.status, static_cast<std::uint32_t>(LOAS_STATUS_OK));
        ASSERT_EQ(loas_reset(&bad.device), LOAS_OK); // while the other's layer is under way
        EXPECT_EQ(good.wait(ticket), LOAS_OK);
        good.expect_right_output();
        EXPECT_EQ(good.counter(LOAS_COUNTER_LAYERS), 1u);
        EXPECT_EQ(bad.wait(bad.submit(2)), LOAS_OK);
        bad.expect_right_output();
    }));
}

TEST(rings, are_safe_from_each_others_outputs)
{
    machine_run run({"queue.rings=2"});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const auto users = users_of(hal, 2);
        loas_descriptor descriptor = users[0]->loaded->descriptor();
        descriptor.output_address = users[1]->device.queue.ring_address;
        EXPECT_EQ(run_bad(users[0]->device, descriptor).status, LOAS_STATUS_OVERLAP);
        ASSERT_EQ(loas_recover(&users[0]->device), LOAS_OK);
        run_good(users[0]->device, *users[0]->loaded, users[0]->layer);
    }));
}
