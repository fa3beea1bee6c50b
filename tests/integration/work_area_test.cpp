// The work area behind an output belongs to the device while a layer runs and means nothing before and after; but host
// and device must agree on what lies there, whatever it is.
#include "tests/integration/harness.h"

#include "platform/designs/design.h"

#include <gtest/gtest.h>

using namespace loas;
using namespace loas::integration;

class work_area : public testing::TestWithParam<std::string>
{
};

// A layer whose work area lies over another layer's weights; the host puts right what it sees changed there; the other
// layer again. A cache that keeps what was given up shows the device bytes that the host never sees.
TEST_P(work_area, holds_afterwards_what_the_host_sees_there)
{
    reference::reference_layer wide = matrix(5, 300, 300); // many matches: partial sums of all kinds
    std::fill(wide.spikes.begin(), wide.spikes.end(), std::uint16_t{15});
    for (std::size_t i = 0; i < wide.weights.size(); i += 3)
        wide.weights[i] = static_cast<std::int8_t>(1 + i % 100);
    wide = for_design(GetParam(), wide);
    const reference::reference_layer small = for_design(GetParam(), small_layer());
    machine_run run({"accelerator=" + GetParam()});
    ASSERT_TRUE(run.run_with(wide, [&](loas_device& device, loaded_layer& first) {
        const loas_hal& hal = *device.hal;
        const auto finish = [&](const loas_descriptor& descriptor) {
            std::uint32_t ticket = 0;
            ASSERT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
            ASSERT_EQ(loas_wait(&device, ticket, LOAS_WAIT_INTERRUPT, second_ns, nullptr), LOAS_OK);
        };
        loaded_layer second(device, small);
        std::vector<std::uint8_t> weights(loas_weight_layout(device.weight_format, 9, 70).total_bytes);
        ASSERT_EQ(hal.dma_read(hal.context, weights.data(), second.descriptor().weight_address, weights.size()),
                  LOAS_OK);

        const std::uint64_t output_bytes =
            loas_align_up(loas_spike_layout(device.spike_format, 5, 300, wide.timesteps).total_bytes, LOAS_TENSOR_ALIGN);
        const std::uint64_t work_bytes = loas_work_bytes(5, 300, wide.timesteps, 16);
        ASSERT_GE(work_bytes, weights.size());
        loas_descriptor over = first.descriptor(), under = second.descriptor();
        ASSERT_EQ(hal.dma_alloc(hal.context, output_bytes + work_bytes, LOAS_TENSOR_ALIGN, &over.output_address),
                  LOAS_OK);
        under.weight_address = over.output_address + output_bytes;
        ASSERT_EQ(hal.dma_write(hal.context, under.weight_address, weights.data(), weights.size()), LOAS_OK);
        const reference::reference_output expected = reference::run_reference(small);
        finish(under);
        EXPECT_EQ(second.read_output().spikes, expected.spikes);

        finish(over);
        unsigned restored = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            std::uint8_t seen = 0;
            ASSERT_EQ(hal.dma_read(hal.context, &seen, under.weight_address + i, 1), LOAS_OK);
            if (seen == weights[i])
                continue;
            ++restored;
            ASSERT_EQ(hal.dma_write(hal.context, under.weight_address + i, &weights[i], 1), LOAS_OK);
        }
        finish(under);
        EXPECT_EQ(second.read_output().spikes, expected.spikes) << restored << " bytes were restored";
    }));
}

std::vector<std::string> with_work_area()
{
    std::vector<std::string> words;
    for (const designs::design* each : designs::all())
        if (each->has_partial_sums())
            words.emplace_back(each->word);
    return words;
}

INSTANTIATE_TEST_SUITE_P(designs, work_area, testing::ValuesIn(with_work_area()));
