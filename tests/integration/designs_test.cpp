// What every design owes to firmware, by way of the driver: odd tensors, resets at any time, answers that never come.
#include "tests/integration/harness.h"

#include "platform/designs/design.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace loas;
using namespace loas::integration;

namespace
{

unsigned spike_format(const loas_descriptor& descriptor)
{
    return descriptor.formats & LOAS_FORMATS_SPIKES_MASK;
}

unsigned weight_format(const loas_descriptor& descriptor)
{
    return unsigned{descriptor.formats} >> LOAS_FORMATS_WEIGHTS_SHIFT;
}

/// Sets the bits behind the 70 of each mask, 16 bytes each.
void spoil_mask_ends(const loas_hal& hal, std::uint64_t tensor, std::uint64_t masks)
{
    for (std::uint64_t mask = 0; mask < masks; ++mask) {
        std::uint8_t tail[8] = {};
        ASSERT_EQ(hal.dma_read(hal.context, tail, tensor + 16 * mask + 8, 8), LOAS_OK);
        tail[0] |= 0xC0;
        std::fill(tail + 1, tail + 8, std::uint8_t{0xFF});
        ASSERT_EQ(hal.dma_write(hal.context, tensor + 16 * mask + 8, tail, 8), LOAS_OK);
    }
}

std::uint32_t register_of(loas_device& device, std::uint32_t offset)
{
    std::uint32_t value = 0;
    EXPECT_EQ(device.hal->read32(device.hal->context, device.register_base + offset, &value), LOAS_OK);
    return value;
}

/// Simulated time until the device is no longer busy.
std::uint64_t busy_ns(loas_device& device)
{
    const std::uint64_t start = device.hal->time_ns(device.hal->context);
    while ((register_of(device, LOAS_REG_STATUS) & LOAS_STATE_BUSY) != 0) {
    }
    return device.hal->time_ns(device.hal->context) - start;
}

} // namespace

class every_design : public testing::TestWithParam<std::string>
{
protected:
    /// Of a design's name, or with a word more, with its free tiles at work.
    std::vector<std::string> machine_with(const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> all = {"accelerator=" + word()};
        if (word() != GetParam())
            all.push_back("scheduler.spread=columns");
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    std::string word() const { return GetParam().substr(0, GetParam().find(' ')); }
    reference::reference_layer small_layer() const { return for_design(word(), integration::small_layer()); }
};

TEST_P(every_design, ignores_mask_bits_past_the_fiber)
{
    machine_run run(machine_with({"memory.ram_mib=8"}));
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor descriptor = loaded.descriptor();
        const loas_tensor_layout input = loas_spike_layout(spike_format(descriptor), 5, 70, layer.timesteps);
        const loas_tensor_layout weights = loas_weight_layout(weight_format(descriptor), 9, 70);
        if (input.mask_stride != 0)
            spoil_mask_ends(*device.hal, descriptor.input_address, input.pointer_offset / input.mask_stride);
        if (weights.mask_stride != 0)
            spoil_mask_ends(*device.hal, descriptor.weight_address, weights.pointer_offset / weights.mask_stride);
        run_good(device, loaded, layer);
    }));
}

// 4 bytes a column each, of bias and of thresholds, and whatever the design: once a layer.
TEST_P(every_design, reads_a_threshold_for_each_column_with_the_bias)
{
    machine_run run(machine_with({"memory.ram_mib=8"}));
    reference::reference_layer layer = small_layer();
    if (layer.bytes) { // ReLU has none
        EXPECT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
            loas_descriptor with = loaded.descriptor();
            with.neuron |= LOAS_NEURON_THRESHOLDS;
            EXPECT_EQ(run_bad(device, with).status, LOAS_STATUS_BAD_NEURON);
            ASSERT_EQ(loas_recover(&device), LOAS_OK);
        }));
        return;
    }
    const observe::counter bias = observe::of(observe::counter::request_bytes, observe::operand::bias);
    layer.thresholds = {50, -1, 0, 1, 100, 200, 400, INT32_MAX, INT32_MIN};
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        run_good(device, loaded, layer);
        loas_descriptor without = loaded.descriptor();
        without.neuron = 0;
        ASSERT_EQ(loas_submit(&device, &without, nullptr), LOAS_OK);
        ASSERT_EQ(loas_wait(&device, 2, LOAS_WAIT_INTERRUPT, second_ns, nullptr), LOAS_OK);
        layer.thresholds.clear();
        EXPECT_EQ(loaded.read_output().spikes, reference::run_reference(layer).spikes);
    }));
    EXPECT_EQ(run.outcomes.at(0).counters[bias], 2u * 4 * 9);
    EXPECT_EQ(run.outcomes.at(1).counters[bias], 4u * 9);
}

// Software asks which design it is on, and what that takes.
TEST_P(every_design, says_what_it_is)
{
    const designs::design& design = designs::design_called(word());
    machine_run run(machine_with());
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        EXPECT_NE(std::uint32_t{design.id}, 0u) << "its number in the contract";
        EXPECT_EQ(register_of(device, LOAS_REG_ACCELERATOR), std::uint32_t{design.id});
        EXPECT_EQ(device.accelerator, std::uint32_t{design.id});
        EXPECT_EQ(register_of(device, LOAS_REG_FORMATS), design.formats);
        run_good(device, loaded, layer); // in these formats
    }));
}

// A fiber of weights that lies outside its tensor ends the layer, its pointer is named, and all goes on behind it.
TEST_P(every_design, refuses_a_wild_pointer)
{
    machine_run run(machine_with({"memory.ram_mib=8"}));
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor descriptor = loaded.descriptor();
        const unsigned format = weight_format(descriptor);
        if (format == LOAS_WEIGHTS_DENSE)
            return; // no pointers
        const std::uint64_t pointer = descriptor.weight_address + loas_weight_layout(format, 9, 70).pointer_offset +
                                      3 * (format == LOAS_WEIGHTS_ROWS ? std::uint64_t{LOAS_HEAD_BYTES} : 4);
        fail_with_bad_tensor(device, descriptor, pointer, {0xF0, 0xFF, 0xFF, 0xFF}, pointer);
        if (layer.bytes) { // of inputs: those of spikes have tests with their designs
            const unsigned inputs = spike_format(descriptor);
            const std::uint64_t of_row = descriptor.input_address + loas_spike_layout(inputs, 5, 70, 1).pointer_offset +
                                         3 * (inputs == LOAS_SPIKES_BYTE_PAIRS ? std::uint64_t{LOAS_HEAD_BYTES} : 4);
            fail_with_bad_tensor(device, descriptor, of_row, {0xF0, 0xFF, 0xFF, 0xFF}, of_row);
        }
        run_good(device, loaded, layer);
    }));
}

// At 1 MHz a layer takes hundreds of microseconds, and a reset may fall between two clock edges.
TEST_P(every_design, ends_a_layer_soon_whenever_a_reset_comes)
{
    machine_run run(machine_with({"clock_mhz=1"}));
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        const loas_descriptor descriptor = loaded.descriptor();
        ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
        const std::uint64_t whole_ns = busy_ns(device);
        const std::vector<std::uint8_t> blank(loas_spike_layout(spike_format(descriptor), 5, 9, layer.timesteps).total_bytes, 0xA5);
        for (unsigned wait_ns = 1; wait_ns < 3000; wait_ns += 190) {
            ASSERT_EQ(hal.dma_write(hal.context, descriptor.output_address, blank.data(), blank.size()), LOAS_OK);
            ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
            hal.wait_interrupt(hal.context, wait_ns);
            ASSERT_EQ(hal.write32(hal.context, device.register_base + LOAS_REG_CONTROL, LOAS_CONTROL_SOFT_RESET),
                      LOAS_OK);
            EXPECT_LT(busy_ns(device), whole_ns / 2) << "reset after " << wait_ns << " ns";
            for (unsigned i = LOAS_COUNTER_CYCLES + 1; i < LOAS_COUNTER_COUNT; ++i) {
                std::uint32_t value = 0;
                ASSERT_EQ(hal.read32(hal.context, device.register_base + LOAS_REG_COUNTERS + 8 * i, &value), LOAS_OK);
                EXPECT_EQ(value, 0u) << i;
            }
            std::vector<std::uint8_t> left(blank.size());
            ASSERT_EQ(hal.dma_read(hal.context, left.data(), descriptor.output_address, left.size()), LOAS_OK);
            EXPECT_EQ(left, blank);
            ASSERT_EQ(loas_reset(&device), LOAS_OK);
        }
        run_good(device, loaded, layer);
    }));
}

// An answer that never comes stops the machine at once, and it says who waits for whom.
TEST_P(every_design, tells_of_an_answer_that_never_comes)
{
    reference::reference_layer layer = matrix(20, 300, 20);
    support::random_source random(17);
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>(random.chance(1, 4) ? random.below(16) : 0);
    for (auto& weight : layer.weights)
        weight = static_cast<std::int8_t>(random.chance(1, 12) ? random.between(-128, 127) : 0);
    layer = for_design(word(), layer);
    machine_run run(machine_with({"dram.lose_response=30"}));
    EXPECT_FALSE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor descriptor = loaded.descriptor();
        std::uint32_t ticket = 0;
        ASSERT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
        loas_wait(&device, ticket, LOAS_WAIT_POLL, second_ns, nullptr);
        FAIL() << "the driver came back";
    }));
    EXPECT_TRUE(run.machine().stuck());
    const std::string text = run.machine().describe();
    for (const char* part :
         {"a descriptor in flight", "stuck", "waits for a read", "crossbar: port", "has not answered"})
        EXPECT_NE(text.find(part), std::string::npos) << part << " is missing in: " << text;
    EXPECT_LT(sc_core::sc_time_stamp(), sc_core::sc_time(1, sc_core::SC_MS)); // not after a time-out
}

std::vector<std::string> words_of_designs()
{
    const std::vector<std::string_view> words = config::design_words();
    std::vector<std::string> all(words.begin(), words.end());
    for (const designs::design* each : designs::all())
        if (each->takes("scheduler.spread"))
            all.push_back(std::string(each->word) + " spread");
    return all;
}

std::string name_of(const testing::TestParamInfo<std::string>& each)
{
    std::string name = each.param;
    std::replace(name.begin(), name.end(), '-', '_');
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(designs, every_design, testing::ValuesIn(words_of_designs()), name_of);
