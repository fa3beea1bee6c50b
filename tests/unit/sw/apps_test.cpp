// The applications on the mock device: what they compute, what they tell of an error, what they ask of their starter.
#include "apps/loas_apps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "abi/loas_board.h"
#include "tests/unit/sw/dense_layer.h"
#include "tests/unit/sw/mock_device.h"

namespace
{

using loas_test::dense_layer;
using loas_test::mock_device;

const loas_app_settings settings = {8, LOAS_WAIT_INTERRUPT, 1000000};

// An image of 2 x 2 pixels, encoded to 3 channels, and 2 classes.
class classify : public ::testing::Test
{
protected:
    mock_device mock;
    std::vector<int8_t> encoder_weights = {3, -1, 4};
    std::vector<int8_t> class_weights;
    loas_encoder encoder = {};
    loas_layer layer = {};
    loas_descriptor descriptors[1] = {};
    std::vector<uint8_t> scratch;
    loas_network net = {};
    std::vector<int32_t> images = {10, 0, 3, 7, 1, 9, 9, 0};
    std::vector<int64_t> scores = std::vector<int64_t>(4, -99);
    std::vector<uint64_t> told;
    int image_answer = LOAS_OK;
    loas_classify_job job = {};
    loas_app_status status = {};

    classify()
    {
        encoder.config = loas_layer_config_default(2, 2, 1, 3, 4);
        encoder.config.threshold = 15;
        encoder.weights = encoder_weights.data();
        layer.config = loas_layer_config_default(2, 2, 3, 2, 4);
        layer.config.kernel_h = layer.config.kernel_w = 2;
        layer.config.neuron = LOAS_NEURON_CURRENTS;
        for (int i = 0; i < 24; i++) {
            class_weights.push_back(int8_t(i % 5 - 2));
        }
        layer.weights = class_weights.data();
        net.encoder = &encoder;
        net.layers = &layer;
        net.layer_count = 1;
        net.descriptors = descriptors;
        scratch.resize(loas_network_scratch(&net));
        net.scratch = {scratch.data(), scratch.size()};
        job = {settings, &net, 2, scores.data(), this,
               [](void* context, uint64_t index, loas_classify_image* image) {
                   auto& self = *static_cast<classify*>(context);
                   *image = {self.images.data() + 4 * index, false, nullptr};
                   return self.image_answer;
               },
               [](void* context, uint64_t images_done) {
                   static_cast<classify*>(context)->told.push_back(images_done);
               }};
    }
    std::vector<int64_t> expected() const
    {
        dense_layer first, second;
        first.in_h = first.in_w = 2, first.out_c = 3, first.threshold = 15;
        first.weights.assign(encoder_weights.begin(), encoder_weights.end());
        second.in_h = second.in_w = second.kernel_h = second.kernel_w = 2, second.in_c = 3, second.out_c = 2;
        second.weights.assign(class_weights.begin(), class_weights.end());
        std::vector<int64_t> sums;
        for (size_t image = 0; image < 2; image++) {
            const auto words = first.spikes(
                first.currents([&](int y, int x, int, int) { return int64_t{images[4 * image + size_t(2 * y + x)]}; }));
            const auto currents = second.currents_of_words(words);
            for (size_t n = 0; n < 2; n++) {
                sums.push_back(currents[4 * n] + currents[4 * n + 1] + currents[4 * n + 2] + currents[4 * n + 3]);
            }
        }
        return sums;
    }
};

// One layer of the README's example, twice, with names for what the application asks.
class layers : public ::testing::Test
{
protected:
    mock_device mock;
    std::vector<uint16_t> words = {0xF, 0x0, 0x5, 0x1, 0x0, 0x3, 0x0, 0x8};
    std::vector<int8_t> weights = {5, 0, 0, -2, 0, 7, 0, 0, 3, 0, 4, 0};
    std::vector<uint8_t> memory;
    std::vector<std::string> asked;
    int layer_answer = LOAS_OK;
    uint64_t most_scratch = ~uint64_t{0};
    loas_layers_job job = {};
    loas_app_status status = {};

    layers()
    {
        job.settings = settings;
        job.count = 2;
        job.runs = 2;
        job.context = this;
        job.layer = [](void* context, uint32_t index, loas_layer_input* input) {
            auto& self = *static_cast<layers*>(context);
            self.asked.push_back("layer " + std::to_string(index));
            *input = {loas_layer_config_default(2, 1, 4, 3, 4), self.weights.data(), nullptr, self.words.data(), nullptr};
            return self.layer_answer;
        };
        job.scratch = [](void* context, uint64_t bytes) {
            auto& self = *static_cast<layers*>(context);
            self.asked.push_back("scratch");
            self.memory.resize(std::min(bytes, self.most_scratch));
            return loas_scratch{self.memory.data(), self.memory.size()};
        };
        job.loaded = [](void* context, uint32_t index) {
            static_cast<layers*>(context)->asked.push_back("loaded " + std::to_string(index));
        };
        job.done = [](void* context, uint32_t index, uint32_t runs_done) {
            static_cast<layers*>(context)->asked.push_back("done " + std::to_string(index) + "." +
                                                           std::to_string(runs_done));
        };
    }
};

} // namespace

TEST_F(classify, gives_the_scores_of_every_image)
{
    ASSERT_EQ(loas_classify(mock.hal(), &job, &status), LOAS_OK) << status.call;
    EXPECT_EQ(scores, expected());
    EXPECT_NE(scores[0], scores[2]) << "two images of which one would do say little";
    EXPECT_EQ(told, (std::vector<uint64_t>{1, 2}));
    EXPECT_EQ(mock.enabled_inputs, std::uint64_t{1} << LOAS_BOARD_ACCELERATOR_INTERRUPT);
    EXPECT_GT(mock.interrupt_waits, 0);
    EXPECT_EQ(mock.live_allocations(), 0u);
}

TEST_F(classify, tells_what_failed)
{
    mock.fail_with[0] = LOAS_STATUS_BAD_TENSOR;
    EXPECT_EQ(loas_classify(mock.hal(), &job, &status), LOAS_E_DEVICE);
    EXPECT_STREQ(status.call, "run the network");
    EXPECT_EQ(status.layer, 0u);
    ASSERT_TRUE(status.has_completion);
    EXPECT_EQ(status.completion.status, LOAS_STATUS_BAD_TENSOR);
    EXPECT_TRUE(told.empty());
}

TEST_F(classify, ends_where_there_is_no_image)
{
    image_answer = LOAS_E_MEMORY;
    EXPECT_EQ(loas_classify(mock.hal(), &job, &status), LOAS_E_MEMORY);
    EXPECT_STREQ(status.call, "take the image");
}

TEST_F(classify, tells_of_an_accelerator_that_is_not_there)
{
    mock.id = 0;
    EXPECT_EQ(loas_classify(mock.hal(), &job, &status), LOAS_E_NO_DEVICE);
    EXPECT_STREQ(status.call, "probe");
    EXPECT_EQ(status.layer, LOAS_NO_LAYER);
    EXPECT_FALSE(status.has_completion);
}

TEST_F(layers, run_one_after_another)
{
    ASSERT_EQ(loas_layers_run(mock.hal(), &job, &status), LOAS_OK) << status.call;
    EXPECT_EQ(asked, (std::vector<std::string>{"layer 0", "scratch", "loaded 0", "done 0.1", "done 0.2", "layer 1",
                                               "scratch", "loaded 1", "done 1.1", "done 1.2"}));
    EXPECT_EQ(mock.executed, (std::vector<uint32_t>{0, 0, 1, 1})) << "a layer's index is its cookie";
    EXPECT_EQ(mock.live_allocations(), 0u);
}

TEST_F(layers, end_when_there_is_no_layer_or_no_memory)
{
    layer_answer = LOAS_E_ARGUMENT;
    EXPECT_EQ(loas_layers_run(mock.hal(), &job, &status), LOAS_E_ARGUMENT);
    EXPECT_STREQ(status.call, "take the layer");
    layer_answer = LOAS_OK;
    most_scratch = 0;
    EXPECT_EQ(loas_layers_run(mock.hal(), &job, &status), LOAS_E_MEMORY);
    EXPECT_STREQ(status.call, "write the input");
}

TEST_F(layers, tell_which_one_timed_out)
{
    mock.stuck = true;
    EXPECT_EQ(loas_layers_run(mock.hal(), &job, &status), LOAS_E_TIMEOUT);
    EXPECT_STREQ(status.call, "run the layer");
    EXPECT_EQ(status.layer, 0u);
}
