// Networks that fail on the mock device: what is told, and what is left behind.
#include "tests/unit/sw/small_network.h"

namespace
{

using loas_test::long_ns;
using loas_test::mock_device;
using loas_test::small_network;

class network_failures : public loas_test::network_fixture
{
};

TEST_F(network_failures, failing_layer_is_named)
{
    for (uint32_t entries : {2u, 4u, 8u}) {
        for (loas_wait_mode mode : {LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT}) {
            open(entries);
            ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
            const auto image = small.image();
            for (uint32_t bad = 0; bad < 4; bad++) {
                ASSERT_EQ(loas_network_run(&dev, &net, image.data(), mode, long_ns), LOAS_OK);
                mock.fail_with[bad] = LOAS_STATUS_BAD_TENSOR;
                EXPECT_EQ(loas_network_run(&dev, &net, image.data(), mode, long_ns), LOAS_E_DEVICE);
                EXPECT_EQ(net.failed_layer, bad);
                EXPECT_EQ(net.completion.status, LOAS_STATUS_BAD_TENSOR);
                mock.fail_with.clear();
                ASSERT_EQ(bad % 2 ? loas_reset(&dev) : loas_recover(&dev), LOAS_OK);
                ASSERT_EQ(loas_reset(&dev), LOAS_OK);
            }
            ASSERT_EQ(loas_network_run(&dev, &net, image.data(), mode, long_ns), LOAS_OK);
            EXPECT_EQ(fetch(), small.scores(small.encoded(image)));
            ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
            loas_network_unload(&dev, &net);
        }
    }
}

TEST_F(network_failures, time_runs_out)
{
    open();
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    const auto image = small.image();
    mock.stuck = true;
    const uint64_t before = mock.now_ns();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_INTERRUPT, 100000), LOAS_E_TIMEOUT);
    EXPECT_LT(mock.now_ns() - before, 120000u);
    EXPECT_EQ(net.failed_layer, LOAS_NO_LAYER);
    mock.stuck = false;
    ASSERT_EQ(loas_reset(&dev), LOAS_OK);
    ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_INTERRUPT, long_ns), LOAS_OK);
    EXPECT_EQ(fetch(), small.scores(small.encoded(image)));
}

// Four layers of 40 us through a queue that holds one: it is waited for each, with what is left of one time-out.
TEST_F(network_failures, all_waits_share_one_time_out)
{
    for (loas_wait_mode mode : {LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT}) {
        open(2);
        ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
        mock.descriptor_ns = 40000;
        const auto image = small.image();
        uint64_t before = mock.now_ns();
        EXPECT_EQ(loas_network_run(&dev, &net, image.data(), mode, 100000), LOAS_E_TIMEOUT);
        EXPECT_GE(mock.now_ns() - before, 100000u);
        EXPECT_LT(mock.now_ns() - before, 110000u);
        ASSERT_EQ(loas_reset(&dev), LOAS_OK);
        before = mock.now_ns();
        EXPECT_EQ(loas_network_run(&dev, &net, image.data(), mode, 200000), LOAS_OK);
        EXPECT_GE(mock.now_ns() - before, 160000u);
        ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
        loas_network_unload(&dev, &net);
    }
}

// Layers end at any moment between the look at the queue and the doorbell: the one that is waited for always interrupts.
TEST_F(network_failures, no_interrupt_is_lost_where_layers_end_while_others_are_submitted)
{
    const int8_t weights[4] = {1, 0, 0, 1};
    loas_layer layer = {};
    layer.config = loas_layer_config_default(1, 1, 2, 2, 4);
    layer.weights = weights;
    std::vector<loas_layer> layers(70, layer);
    std::vector<loas_descriptor> descriptors(layers.size());
    loas_network deep = {};
    deep.layers = layers.data();
    deep.layer_count = uint32_t(layers.size());
    deep.descriptors = descriptors.data();
    std::vector<uint8_t> scratch(loas_network_scratch(&deep));
    deep.scratch = {scratch.data(), scratch.size()};
    const std::vector<uint16_t> words = {5, 10};
    for (uint32_t entries : {2u, 4u, 8u, 16u, 64u}) {
        open(entries);
        ASSERT_EQ(loas_network_load(&dev, &deep), LOAS_OK);
        for (mock.descriptor_ns = 100; mock.descriptor_ns < 6000; mock.descriptor_ns += 130) {
            const uint64_t before = mock.now_ns();
            ASSERT_EQ(loas_network_run_spikes(&dev, &deep, words.data(), LOAS_WAIT_INTERRUPT, long_ns), LOAS_OK);
            EXPECT_LT(mock.now_ns() - before, long_ns / 10) << entries << " entries, " << mock.descriptor_ns << " ns";
        }
        EXPECT_TRUE(mock.logs.empty()) << mock.logs.back();
        ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
        loas_network_unload(&dev, &deep);
    }
}

TEST_F(network_failures, queue_full_of_others)
{
    open(2);
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    mock.stuck = true;
    const loas_descriptor other = {};
    ASSERT_EQ(loas_submit(&dev, &other, nullptr), LOAS_OK);
    const auto image = small.image();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_E_QUEUE_FULL);
}

TEST_F(network_failures, failure_of_somebody_else_is_not_blamed_on_a_layer)
{
    open();
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    loas_descriptor other = {};
    other.cookie = 77;
    mock.fail_with[77] = LOAS_STATUS_BAD_FLAGS;
    ASSERT_EQ(loas_submit(&dev, &other, nullptr), LOAS_OK);
    const auto image = small.image();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_E_DEVICE);
    EXPECT_EQ(net.failed_layer, LOAS_NO_LAYER);
    EXPECT_EQ(net.completion.cookie, 77u);
    EXPECT_EQ(loas_reset(&dev), LOAS_OK);
}

// ---------------------------------------------------------------- a bus error at every call

int session(mock_device& mock, loas_device& dev, small_network& small, std::vector<int64_t>& scores)
{
    const auto image = std::vector<int32_t>(64, 100);
    int result = loas_device_probe(&dev, mock.hal(), mock_device::register_base);
    result = result ? result : loas_queue_open(&dev, 4);
    result = result ? result : loas_network_load(&dev, &small.net);
    for (loas_wait_mode mode : {LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT}) {
        result = result ? result : loas_network_run(&dev, &small.net, image.data(), mode, long_ns);
        result = result ? result : loas_network_fetch(&dev, &small.net, scores.data());
    }
    std::vector<uint16_t> words(4 * 4 * 9);
    if (!result) {
        result = loas_spike_tensor_read(&dev, &small.layers[0].output, words.data(), small.net.scratch);
    }
    return result;
}

TEST(network_faults, one_failing_call_is_an_error_and_leaves_nothing_behind)
{
    mock_device clean;
    loas_device dev = {};
    small_network small;
    std::vector<int64_t> expected(40), scores(40);
    ASSERT_EQ(session(clean, dev, small, expected), LOAS_OK);
    const int calls = clean.calls;
    ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
    loas_network_unload(&dev, &small.net);
    EXPECT_EQ(clean.live_allocations(), 0u);
    for (int call = 0; call < calls; call++) {
        mock_device mock;
        mock.fail_call = call;
        mock.fail_takes_effect = call % 2;
        small.net.input.address = 0; // as before the first load
        const int result = session(mock, dev, small, scores);
        EXPECT_TRUE(result == LOAS_E_BUS || result == LOAS_E_MEMORY) << "call " << call << ": " << result;
        mock.fail_call = -1;
        if (dev.queue.open && small.net.input.address != 0) {
            const std::vector<int32_t> image(64, 100);
            EXPECT_EQ(loas_reset(&dev), LOAS_OK);
            EXPECT_EQ(loas_network_run(&dev, &small.net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
            EXPECT_EQ(loas_network_fetch(&dev, &small.net, scores.data()), LOAS_OK);
            EXPECT_EQ(scores, expected) << "call " << call;
        }
        EXPECT_EQ(loas_queue_close(&dev), LOAS_OK);
        loas_network_unload(&dev, &small.net);
        EXPECT_EQ(mock.live_allocations(), 0u) << "call " << call;
        for (const auto& line : mock.logs) {
            EXPECT_EQ(line.find("BUG"), std::string::npos) << line << ", call " << call;
        }
    }
}

} // namespace
