// The machine as a firmware developer meets it: bad descriptors, errors, recovery, reset, both ways to wait.
#include "platform/machine/board.h"
#include "tests/integration/harness.h"

#include "tests/support/random.h"
#include "tests/support/random_layer.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace loas;
using namespace loas::integration;

extern "C" int example_program(const loas_hal* hal, std::uint16_t words_out[6]);

namespace
{

/// Bytes of the whole RAM in use, to see that nothing outside was written.
std::vector<std::uint8_t> memory_of(machine_run& run, std::size_t bytes)
{
    std::vector<std::uint8_t> memory(bytes);
    EXPECT_TRUE(run.machine().debug_read(machine::board::ram.base, memory.data(), bytes));
    return memory;
}

struct mistake {
    const char* name;
    loas_status expected;
    std::function<void(loas_descriptor&)> make;
};

std::vector<mistake> mistakes()
{
    const std::uint64_t ram_end = machine::board::ram.base + (std::uint64_t{8} << 20);
    return {
        {"opcode", LOAS_STATUS_BAD_OPCODE, [](auto& d) { d.opcode = 3; }},
        {"opcode 255", LOAS_STATUS_BAD_OPCODE, [](auto& d) { d.opcode = 255; }},
        {"flags", LOAS_STATUS_BAD_FLAGS, [](auto& d) { d.flags |= 0x80; }},
        {"unknown spike format", LOAS_STATUS_BAD_FLAGS, [](auto& d) { d.formats = 0x0f; }},
        {"unknown weight format", LOAS_STATUS_BAD_FLAGS, [](auto& d) { d.formats = 0x30; }},
        {"another design's spikes", LOAS_STATUS_UNSUPPORTED, [](auto& d) { d.formats = LOAS_SPIKES_BITMAP; }},
        {"another design's weights", LOAS_STATUS_UNSUPPORTED, [](auto& d) { d.formats = LOAS_WEIGHTS_DENSE << 4; }},
        {"reserved half", LOAS_STATUS_BAD_FLAGS, [](auto& d) { d.reserved1 = 1; }},
        {"no timesteps", LOAS_STATUS_BAD_TIMESTEPS, [](auto& d) { d.timesteps = 0; }},
        {"T above the capability", LOAS_STATUS_BAD_TIMESTEPS, [](auto& d) { d.timesteps = 5; }},
        {"T = 17", LOAS_STATUS_BAD_TIMESTEPS, [](auto& d) { d.timesteps = 17; }},
        {"no rows", LOAS_STATUS_BAD_SHAPE, [](auto& d) { d.in_height = 0; }},
        {"no width", LOAS_STATUS_BAD_SHAPE, [](auto& d) { d.in_width = 0; }},
        {"no inputs", LOAS_STATUS_BAD_SHAPE, [](auto& d) { d.in_channels = 0; }},
        {"no columns", LOAS_STATUS_BAD_SHAPE, [](auto& d) { d.out_channels = 0; }},
        {"kernel 0", LOAS_STATUS_BAD_SHAPE, [](auto& d) { d.kernel_h = 0; }},
        {"kernel too large", LOAS_STATUS_BAD_SHAPE, [](auto& d) { d.kernel_w = 2; }},
        {"stride 0", LOAS_STATUS_BAD_SHAPE, [](auto& d) { d.stride_h = 0; }},
        {"pool 0", LOAS_STATUS_BAD_POOLING, [](auto& d) { d.pool = 0; }},
        {"pool too large", LOAS_STATUS_BAD_POOLING, [](auto& d) { d.pool = 6; }},
        {"leak", LOAS_STATUS_BAD_NEURON, [](auto& d) { d.leak_q8 = 257; }},
        {"two resets", LOAS_STATUS_BAD_NEURON,
         [](auto& d) { d.neuron |= LOAS_NEURON_SOFT_RESET | LOAS_NEURON_DELAYED_RESET; }},
        {"potentials without bias", LOAS_STATUS_BAD_NEURON,
         [](auto& d) { d.neuron |= LOAS_NEURON_CARRY, d.bias_address = 0; }},
        {"potentials of currents", LOAS_STATUS_BAD_NEURON,
         [](auto& d) { d.neuron |= LOAS_NEURON_CARRY | LOAS_NEURON_CURRENTS; }},
        {"thresholds without bias", LOAS_STATUS_BAD_NEURON,
         [](auto& d) { d.neuron |= LOAS_NEURON_THRESHOLDS, d.bias_address = 0; }},
        {"thresholds of currents", LOAS_STATUS_BAD_NEURON,
         [](auto& d) { d.neuron |= LOAS_NEURON_THRESHOLDS | LOAS_NEURON_CURRENTS; }},
        {"one spike and potentials", LOAS_STATUS_BAD_NEURON,
         [](auto& d) { d.neuron |= LOAS_NEURON_FIRST_SPIKE | LOAS_NEURON_CARRY; }},
        {"one spike of currents", LOAS_STATUS_BAD_NEURON,
         [](auto& d) { d.neuron |= LOAS_NEURON_FIRST_SPIKE | LOAS_NEURON_CURRENTS; }},
        {"few spikes and a reset", LOAS_STATUS_BAD_NEURON,
         [](auto& d) { d.neuron |= LOAS_NEURON_FEW_SPIKES | LOAS_NEURON_SOFT_RESET; }},
        {"few spikes and potentials", LOAS_STATUS_BAD_NEURON,
         [](auto& d) { d.neuron |= LOAS_NEURON_FEW_SPIKES | LOAS_NEURON_CARRY; }},
        {"another design's few spikes", LOAS_STATUS_UNSUPPORTED, [](auto& d) { d.neuron |= LOAS_NEURON_FEW_SPIKES; }},
        {"another design's neurons", LOAS_STATUS_UNSUPPORTED, [](auto& d) { d.neuron |= LOAS_NEURON_FIRST_SPIKE; }},
        {"K too large", LOAS_STATUS_TOO_LARGE,
         [](auto& d) {
             d.in_channels = 65535;
             d.in_height = d.in_width = 255;
             d.kernel_h = d.kernel_w = 255;
         }},
        {"input too large", LOAS_STATUS_TOO_LARGE,
         [](auto& d) {
             d.in_height = d.in_width = 65535;
             d.in_channels = 65535;
         }},
        {"misaligned input", LOAS_STATUS_MISALIGNED, [](auto& d) { d.input_address += 8; }},
        {"misaligned weights", LOAS_STATUS_MISALIGNED, [](auto& d) { d.weight_address += 1; }},
        {"misaligned output", LOAS_STATUS_MISALIGNED, [](auto& d) { d.output_address += 32; }},
        {"misaligned bias", LOAS_STATUS_MISALIGNED, [](auto& d) { d.bias_address += 2; }},
        {"misaligned potentials", LOAS_STATUS_MISALIGNED,
         [](auto& d) { d.neuron |= LOAS_NEURON_CARRY, d.bias_address += 32; }},
        {"potentials across the end", LOAS_STATUS_UNMAPPED,
         [=](auto& d) { d.neuron |= LOAS_NEURON_CARRY, d.bias_address = ram_end - 64; }},
        {"potentials over the input", LOAS_STATUS_OVERLAP,
         [](auto& d) { d.neuron |= LOAS_NEURON_CARRY, d.bias_address = d.input_address - 64; }},
        {"output over the potentials", LOAS_STATUS_OVERLAP,
         [](auto& d) {
             d.neuron |= LOAS_NEURON_CARRY;
             d.output_address = loas_potentials_address(d.neuron, d.bias_address, d.out_channels);
         }},
        {"misaligned thresholds", LOAS_STATUS_MISALIGNED,
         [](auto& d) { d.neuron |= LOAS_NEURON_THRESHOLDS, d.bias_address += 2; }},
        {"thresholds behind the end", LOAS_STATUS_UNMAPPED,
         [=](auto& d) { d.neuron |= LOAS_NEURON_THRESHOLDS, d.bias_address = ram_end - 4 * 9; }},
        {"output over the thresholds", LOAS_STATUS_OVERLAP,
         [](auto& d) { d.neuron |= LOAS_NEURON_THRESHOLDS, d.bias_address = d.output_address - 4 * 9; }},
        {"unmapped input", LOAS_STATUS_UNMAPPED, [](auto& d) { d.input_address = 0x1000; }},
        {"unmapped weights", LOAS_STATUS_UNMAPPED, [=](auto& d) { d.weight_address = ram_end; }},
        {"output across the end", LOAS_STATUS_UNMAPPED, [=](auto& d) { d.output_address = ram_end - 64; }},
        {"wrapping output", LOAS_STATUS_UNMAPPED, [](auto& d) { d.output_address = ~std::uint64_t{63}; }},
        {"output in the registers", LOAS_STATUS_UNMAPPED,
         [](auto& d) { d.output_address = machine::board::accelerator.base; }},
        {"output over the input", LOAS_STATUS_OVERLAP, [](auto& d) { d.output_address = d.input_address; }},
        {"output over the weights", LOAS_STATUS_OVERLAP, [](auto& d) { d.output_address = d.weight_address; }},
    };
}

} // namespace

TEST(bad_descriptor, ends_in_completion_register_and_interrupt_and_the_queue_goes_on)
{
    machine_run run({"memory.ram_mib=8"});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        run_good(device, loaded, layer);
        for (const mistake& each : mistakes()) {
            loas_descriptor bad = loaded.descriptor();
            each.make(bad);
            bad.cookie = 4711;
            std::uint32_t ticket = 0;
            const std::vector<std::uint8_t> before = memory_of(run, 1 << 20);
            ASSERT_EQ(loas_submit(&device, &bad, &ticket), LOAS_OK) << each.name;
            loas_completion record{};
            ASSERT_EQ(loas_wait(&device, ticket, LOAS_WAIT_INTERRUPT, second_ns, &record), LOAS_E_DEVICE) << each.name;
            EXPECT_EQ(record.status, each.expected) << each.name << ": " << loas_status_text(record.status);
            EXPECT_EQ(record.cookie, 4711u);
            loas_error error{};
            ASSERT_EQ(loas_error_read(&device, &error), LOAS_OK);
            EXPECT_EQ(error.status, each.expected) << each.name;
            EXPECT_EQ(error.index, record.index);
            EXPECT_EQ(error.address, record.error_address);

            // Only the rings changed: one descriptor and one completion record.
            const std::vector<std::uint8_t> after = memory_of(run, 1 << 20);
            const std::uint64_t ring = device.queue.ring_address - machine::board::ram.base + 64u * record.index;
            const std::uint64_t records =
                device.queue.completion_address - machine::board::ram.base + 32u * record.index;
            for (std::uint64_t i = 0; i < after.size(); ++i)
                ASSERT_TRUE(before[i] == after[i] || (i >= ring && i < ring + 64) || (i >= records && i < records + 32))
                    << each.name << ": byte " << i;

            ASSERT_EQ(loas_recover(&device), LOAS_OK);
            run_good(device, loaded, layer);
        }
        EXPECT_EQ(loas_queue_close(&device), LOAS_OK);
    }));
}

TEST(bad_descriptor, random_bytes_never_stop_the_machine)
{
    machine_run run({"memory.ram_mib=8"});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        support::random_source random(9);
        for (int round = 0; round < 3000; ++round) {
            loas_descriptor bad = loaded.descriptor();
            auto* bytes = reinterpret_cast<std::uint8_t*>(&bad);
            for (std::uint64_t i = random.between_unsigned(1, 4); i > 0; --i)
                bytes[random.below(sizeof bad)] = static_cast<std::uint8_t>(random.next());
            bad.flags |= LOAS_FLAG_INTERRUPT;
            std::uint32_t ticket = 0;
            ASSERT_EQ(loas_submit(&device, &bad, &ticket), LOAS_OK);
            const int result = loas_wait(&device, ticket, LOAS_WAIT_INTERRUPT, 1000 * second_ns, nullptr);
            ASSERT_TRUE(result == LOAS_OK || result == LOAS_E_DEVICE) << loas_result_text(result);
            ASSERT_EQ(loas_recover(&device), LOAS_OK);
            // A layer that was accepted may have written anywhere in memory that the guest named: start afresh.
            if (result == LOAS_OK && round % 50 == 0) {
                ASSERT_EQ(loas_reset(&device), LOAS_OK);
            }
        }
    }));
}

TEST(queue, wraps_around_and_runs_many_in_flight)
{
    machine_run run({});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        loas_descriptor descriptor = loaded.descriptor();
        descriptor.flags = 0;
        loas_descriptor fence{};
        fence.opcode = LOAS_OP_FENCE;
        fence.flags = LOAS_FLAG_INTERRUPT;
        for (int round = 0; round < 10; ++round) {
            std::uint32_t ticket = 0;
            ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
            ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
            ASSERT_EQ(loas_submit(&device, &fence, &ticket), LOAS_OK);
            ASSERT_EQ(loas_wait(&device, ticket, LOAS_WAIT_INTERRUPT, second_ns, nullptr), LOAS_OK);
        }
        std::uint64_t layers = 0, cycles = 0, busy = 0;
        ASSERT_EQ(loas_counter_read(&device, LOAS_COUNTER_LAYERS, &layers), LOAS_OK);
        ASSERT_EQ(loas_counter_read(&device, LOAS_COUNTER_CYCLES, &cycles), LOAS_OK);
        ASSERT_EQ(loas_counter_read(&device, LOAS_COUNTER_BUSY_CYCLES, &busy), LOAS_OK);
        EXPECT_EQ(layers, 20u);
        EXPECT_GT(busy, 0u);
        EXPECT_GT(cycles, busy);
    }));
}

TEST(queue, soft_reset_in_the_middle_of_a_layer)
{
    machine_run run({});
    reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        for (const unsigned wait_ns : {1u, 50u, 200u, 400u, 700u}) {
            const loas_descriptor descriptor = loaded.descriptor();
            ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
            ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
            hal.wait_interrupt(hal.context, wait_ns);
            ASSERT_EQ(loas_reset(&device), LOAS_OK);
            run_good(device, loaded, layer);
        }
    }));
}

TEST(queue, a_doorbell_beyond_the_ring_is_an_error_not_a_crash)
{
    machine_run run({});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        loas_device device{};
        open_device(hal, device, 4);
        ASSERT_EQ(hal.write32(hal.context, device.register_base + LOAS_REG_QUEUE_TAIL, 4), LOAS_OK);
        loas_error error{};
        ASSERT_EQ(loas_error_read(&device, &error), LOAS_OK);
        EXPECT_EQ(error.status, LOAS_STATUS_BAD_QUEUE);
        ASSERT_EQ(loas_reset(&device), LOAS_OK);
        loaded_layer loaded(device, layer);
        run_good(device, loaded, layer);
        // A ring that would go on behind the last address is refused when it is enabled.
        ASSERT_EQ(hal.write32(hal.context, device.register_base + LOAS_REG_CONTROL, LOAS_CONTROL_SOFT_RESET), LOAS_OK);
        for (const auto& [offset, value] : {std::pair{LOAS_REG_QUEUE_SIZE, 4U},
                                            {LOAS_REG_QUEUE_BASE_LO, 0xFFFFFF40U}, // room for three of four
                                            {LOAS_REG_QUEUE_BASE_HI, 0xFFFFFFFFU},
                                            {LOAS_REG_CONTROL, LOAS_CONTROL_ENABLE}})
            ASSERT_EQ(hal.write32(hal.context, device.register_base + offset, value), LOAS_OK);
        ASSERT_EQ(loas_error_read(&device, &error), LOAS_OK);
        EXPECT_EQ(error.status, LOAS_STATUS_BAD_QUEUE);
        EXPECT_EQ(error.address, 0xFFFFFFFFFFFFFF40U);
        // Rings outside memory: the descriptor cannot be fetched.
        ASSERT_EQ(hal.write32(hal.context, device.register_base + LOAS_REG_CONTROL, LOAS_CONTROL_SOFT_RESET), LOAS_OK);
        const std::pair<std::uint32_t, std::uint32_t> registers[] = {{LOAS_REG_QUEUE_SIZE, 4},
                                                                     {LOAS_REG_QUEUE_BASE_LO, 0x40},
                                                                     {LOAS_REG_COMPLETION_BASE_LO, 0x80000000},
                                                                     {LOAS_REG_CONTROL, LOAS_CONTROL_ENABLE},
                                                                     {LOAS_REG_QUEUE_TAIL, 1}};
        for (const auto& [offset, value] : registers)
            ASSERT_EQ(hal.write32(hal.context, device.register_base + offset, value), LOAS_OK);
        hal.wait_interrupt(hal.context, 1000);
        ASSERT_EQ(loas_error_read(&device, &error), LOAS_OK);
        EXPECT_EQ(error.status, LOAS_STATUS_BUS_ERROR);
        EXPECT_EQ(error.address, 0x40u);
    }));
}

TEST(queue, cannot_be_changed_under_a_descriptor_in_flight)
{
    machine_run run({});
    const reference::reference_layer layer = small_layer();
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        const loas_descriptor descriptor = loaded.descriptor();
        std::uint32_t ticket = 0, status = 0;
        ASSERT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
        ASSERT_EQ(loas_submit(&device, &descriptor, nullptr), LOAS_OK);
        hal.wait_interrupt(hal.context, 100);
        const auto write = [&](std::uint32_t offset, std::uint32_t value) {
            return hal.write32(hal.context, device.register_base + offset, value);
        };
        EXPECT_EQ(write(LOAS_REG_QUEUE_SIZE, 8), LOAS_E_BUS);
        EXPECT_EQ(write(LOAS_REG_CONTROL, 0), LOAS_OK); // takes no further descriptor
        ASSERT_EQ(hal.read32(hal.context, device.register_base + LOAS_REG_STATUS, &status), LOAS_OK);
        EXPECT_EQ(status, LOAS_STATE_BUSY);
        EXPECT_EQ(write(LOAS_REG_QUEUE_SIZE, 8), LOAS_E_BUS);
        EXPECT_EQ(write(LOAS_REG_CONTROL, LOAS_CONTROL_ENABLE), LOAS_E_BUS);
        EXPECT_EQ(loas_wait(&device, ticket, LOAS_WAIT_POLL, second_ns, nullptr), LOAS_OK);
        hal.wait_interrupt(hal.context, 100);
        ASSERT_EQ(hal.read32(hal.context, device.register_base + LOAS_REG_STATUS, &status), LOAS_OK);
        EXPECT_EQ(status, LOAS_STATE_IDLE);
        EXPECT_EQ(run.outcomes.size(), 1u);
        ASSERT_EQ(loas_reset(&device), LOAS_OK);
        run_good(device, loaded, layer);
    }));
}

// The page's program, as it stands there, and not by its time-out of 1 ms.
TEST(interrupt, ends_the_example_of_the_software_page)
{
    machine_run run({});
    std::uint16_t words[6] = {};
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        EXPECT_EQ(example_program(&hal, words), LOAS_OK);
        EXPECT_LT(hal.time_ns(hal.context), 100000u);
    }));
    EXPECT_EQ(run.outcomes.size(), 1u);
    EXPECT_NE(std::count(words, words + 6, 0), 6);
}

TEST(cpu, waiting_without_an_interrupt_times_out_at_the_right_time)
{
    machine_run run({});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const std::uint64_t before = hal.time_ns(hal.context);
        EXPECT_EQ(hal.wait_interrupt(hal.context, 1234), LOAS_E_TIMEOUT);
        EXPECT_EQ(hal.time_ns(hal.context) - before, 1234u);
        std::uint32_t value = 0;
        EXPECT_EQ(hal.read32(hal.context, 0x4, &value), LOAS_E_BUS);
    }));
}
