// Odd tensors, errors and resets, to the letter of the contract.
#include "tests/integration/harness.h"

#include <gtest/gtest.h>

using namespace loas;
using namespace loas::integration;

namespace
{

std::uint32_t read_register(loas_device& device, std::uint32_t offset)
{
    std::uint32_t value = 0;
    EXPECT_EQ(device.hal->read32(device.hal->context, device.register_base + offset, &value), LOAS_OK);
    return value;
}

/// Simulated time until the device is no longer busy.
std::uint64_t busy_ns(loas_device& device)
{
    const std::uint64_t start = device.hal->time_ns(device.hal->context);
    while ((read_register(device, LOAS_REG_STATUS) & LOAS_STATE_BUSY) != 0) {
    }
    return device.hal->time_ns(device.hal->context) - start;
}

/// A fiber's pointer that leads outside its tensor.
void fail_with_wild_pointer(loas_device& device, const loas_descriptor& descriptor, std::uint64_t pointer)
{
    fail_with_bad_tensor(device, descriptor, pointer, {0xF0, 0xFF, 0xFF, 0xFF}, pointer);
}

} // namespace

TEST(corrupt_tensor, is_found_by_the_hardware)
{
    machine_run run({"memory.ram_mib=8"});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor descriptor = loaded.descriptor();
        const std::uint64_t input_pointer =
            descriptor.input_address + loas_spike_layout(LOAS_SPIKES_PACKED, 5, 70, 4).pointer_offset + 4 * 2;
        const std::uint64_t weight_pointer =
            descriptor.weight_address + loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 9, 70).pointer_offset + 4 * 8;
        for (const std::uint64_t pointer : {input_pointer, weight_pointer}) {
            fail_with_wild_pointer(device, descriptor, pointer);
            run_good(device, loaded, layer);
        }
    }));
}

TEST(odd_tensor, a_wild_pointer_of_any_column_fails_the_layer)
{
    machine_run run({"memory.ram_mib=8"});
    reference::reference_layer layer = small_layer();
    layer.in_channels = 700;
    layer.spikes.assign(5 * 700, 15);
    layer.weights.assign(9 * 700, 1);
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor descriptor = loaded.descriptor();
        const std::uint64_t pointers =
            descriptor.weight_address + loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 9, 700).pointer_offset;
        for (unsigned column = 0; column < 9; ++column)
            fail_with_wild_pointer(device, descriptor, pointers + 4 * column);
        run_good(device, loaded, layer);
    }));
}

TEST(odd_tensor, values_may_end_with_the_tensor_but_not_after_it)
{
    machine_run run({"memory.ram_mib=8"});
    reference::reference_layer layer = small_layer();
    std::fill(layer.weights.begin(), layer.weights.end(), std::int8_t{0});
    layer.weights[3] = 100; // column 0 has two weights
    layer.weights[5] = -7;
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        const loas_descriptor descriptor = loaded.descriptor();
        const loas_tensor_layout layout = loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 9, 70);
        const std::int8_t weights[] = {100, -7};
        std::uint32_t pointer = 9 * 70 - 2;
        ASSERT_EQ(hal.dma_write(hal.context, descriptor.weight_address + layout.total_bytes - 2, weights, 2), LOAS_OK);
        ASSERT_EQ(hal.dma_write(hal.context, descriptor.weight_address + layout.pointer_offset, &pointer, 4), LOAS_OK);
        run_good(device, loaded, layer);
        ++pointer;
        ASSERT_EQ(hal.dma_write(hal.context, descriptor.weight_address + layout.pointer_offset, &pointer, 4), LOAS_OK);
        EXPECT_EQ(run_bad(device, descriptor).status, LOAS_STATUS_BAD_TENSOR);
    }));
}

TEST(odd_tensor, mask_bits_past_the_fiber_are_ignored)
{
    machine_run run({"memory.ram_mib=8"});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        const auto spoil = [&](std::uint64_t tensor, unsigned fibers) { // 70 bits in 16 bytes
            for (unsigned fiber = 0; fiber < fibers; ++fiber) {
                std::uint8_t tail[8] = {};
                ASSERT_EQ(hal.dma_read(hal.context, tail, tensor + 16 * fiber + 8, 8), LOAS_OK);
                tail[0] |= 0xC0;
                std::fill(tail + 1, tail + 8, std::uint8_t{0xFF});
                ASSERT_EQ(hal.dma_write(hal.context, tensor + 16 * fiber + 8, tail, 8), LOAS_OK);
            }
        };
        spoil(loaded.descriptor().input_address, 5);
        spoil(loaded.descriptor().weight_address, 9);
        run_good(device, loaded, layer);
    }));
}

TEST(overlap, of_output_with_values_and_rings_is_refused)
{
    machine_run run({"memory.ram_mib=8"});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor good = loaded.descriptor();
        for (const std::uint64_t address :
             {good.input_address + loas_spike_layout(LOAS_SPIKES_PACKED, 5, 70, 4).values_offset,
              good.weight_address + loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 9, 70).values_offset,
              device.queue.ring_address, device.queue.completion_address & ~std::uint64_t{63}}) {
            loas_descriptor bad = good;
            bad.output_address = address;
            EXPECT_EQ(run_bad(device, bad).status, LOAS_STATUS_OVERLAP) << address;
            ASSERT_EQ(loas_recover(&device), LOAS_OK);
        }
        run_good(device, loaded, layer);
    }));
}

TEST(error_registers, keep_the_first_error_and_are_cleared_by_resume)
{
    machine_run run({"memory.ram_mib=8"});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        run_good(device, loaded, layer); // so that the index is not 0
        loas_descriptor bad = loaded.descriptor();
        bad.input_address += 8;
        const loas_completion record = run_bad(device, bad);
        ASSERT_EQ(hal.write32(hal.context, device.register_base + LOAS_REG_QUEUE_TAIL, 99), LOAS_OK); // a second error
        EXPECT_EQ(read_register(device, LOAS_REG_ERROR_CODE), static_cast<std::uint32_t>(LOAS_STATUS_MISALIGNED));
        EXPECT_EQ(read_register(device, LOAS_REG_ERROR_INDEX), 1u);
        EXPECT_EQ(read_register(device, LOAS_REG_ERROR_ADDRESS_LO), static_cast<std::uint32_t>(record.error_address));
        ASSERT_EQ(loas_recover(&device), LOAS_OK);
        for (const std::uint32_t offset :
             {LOAS_REG_ERROR_CODE, LOAS_REG_ERROR_INDEX, LOAS_REG_ERROR_ADDRESS_LO, LOAS_REG_ERROR_ADDRESS_HI})
            EXPECT_EQ(read_register(device, offset), 0u);
        run_good(device, loaded, layer);
    }));
}

TEST(interrupt, is_silent_while_not_enabled)
{
    machine_run run({});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        ASSERT_EQ(hal.write32(hal.context, device.register_base + LOAS_REG_IRQ_ENABLE, 0), LOAS_OK);
        const loas_descriptor descriptor = loaded.descriptor();
        ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
        EXPECT_EQ(hal.wait_interrupt(hal.context, 1000000), LOAS_E_TIMEOUT);
        EXPECT_EQ(read_register(device, LOAS_REG_IRQ_STATUS), LOAS_IRQ_COMPLETION);
        ASSERT_EQ(hal.write32(hal.context, device.register_base + LOAS_REG_IRQ_ENABLE, LOAS_IRQ_COMPLETION), LOAS_OK);
        EXPECT_EQ(hal.wait_interrupt(hal.context, 1000), LOAS_OK);
        EXPECT_EQ(hal.wait_interrupt(hal.context, ~std::uint64_t{0}), LOAS_OK); // level: still there
    }));
}

class soft_reset : public testing::TestWithParam<const char*>
{
};

// At 1 MHz a layer takes hundreds of microseconds, and a reset may fall between two clock edges.
TEST_P(soft_reset, ends_a_layer_soon_whenever_it_comes)
{
    machine_run run({"clock_mhz=1", std::string("accelerator=") + GetParam()});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        const loas_descriptor descriptor = loaded.descriptor();
        ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
        const std::uint64_t whole_ns = busy_ns(device);
        const std::vector<std::uint8_t> blank(loas_spike_layout(device.spike_format, 5, 9, 4).total_bytes, 0xA5);
        std::vector<std::uint64_t> waits_ns = {whole_ns / 3, whole_ns / 2, whole_ns / 3 * 2};
        for (std::uint64_t wait_ns = 1; wait_ns < 3000; wait_ns += 190)
            waits_ns.push_back(wait_ns);
        for (const std::uint64_t wait_ns : waits_ns) {
            ASSERT_EQ(hal.dma_write(hal.context, descriptor.output_address, blank.data(), blank.size()), LOAS_OK);
            ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
            hal.wait_interrupt(hal.context, wait_ns);
            ASSERT_EQ(hal.write32(hal.context, device.register_base + LOAS_REG_CONTROL, LOAS_CONTROL_SOFT_RESET),
                      LOAS_OK);
            EXPECT_LT(busy_ns(device), whole_ns / 2) << "reset after " << wait_ns << " ns";
            for (unsigned i = 0; i < LOAS_COUNTER_COUNT; ++i) {
                if (i != LOAS_COUNTER_CYCLES) {
                    EXPECT_EQ(read_register(device, LOAS_REG_COUNTERS + 8 * i), 0u) << i;
                }
            }
            std::vector<std::uint8_t> output(blank.size());
            ASSERT_EQ(hal.dma_read(hal.context, output.data(), descriptor.output_address, output.size()), LOAS_OK);
            EXPECT_EQ(output, blank);
            ASSERT_EQ(loas_reset(&device), LOAS_OK);
        }
        run_good(device, loaded, layer);
    }));
}

// Tiles that all meet, and tiles that each go on by themselves.
INSTANTIATE_TEST_SUITE_P(designs, soft_reset, testing::Values("loas", "gamma-snn"));

TEST(queue, rings_and_tensors_may_lie_above_4_gib)
{
    machine_run run({"memory.ram_mib=2304"});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        std::uint64_t filler = 0;
        ASSERT_EQ(hal.dma_alloc(hal.context, std::uint64_t{2} << 30, 64, &filler), LOAS_OK);
        loas_device device{};
        open_device(hal, device, 4);
        ASSERT_GE(device.queue.ring_address, std::uint64_t{1} << 32);
        loaded_layer loaded(device, layer);
        run_good(device, loaded, layer);
    }));
}
