// Formats and the work area in the check of a descriptor. Everything else is checked through the machine.
#include "models/control/descriptor_check.h"

#include <gtest/gtest.h>

using namespace loas;

namespace
{

constexpr unsigned spike_count = LOAS_SPIKES_COUNT, weight_count = LOAS_WEIGHTS_COUNT;

/// 4 x 10 inputs, 6 columns, T = 3, or bytes with ReLU, in a memory of 1 MiB at 0x100000.
loas_descriptor matrix(unsigned formats)
{
    loas_descriptor d{};
    d.opcode = LOAS_OP_RUN_LAYER;
    const bool bytes = loas_format_is_bytes(formats & LOAS_FORMATS_SPIKES_MASK) != 0;
    d.timesteps = bytes ? 1 : 3;
    d.neuron = bytes ? LOAS_NEURON_RELU : 0;
    d.in_height = 4;
    d.in_width = d.kernel_h = d.kernel_w = d.stride_h = d.stride_w = d.pool = 1;
    d.in_channels = 10;
    d.out_channels = 6;
    d.formats = static_cast<std::uint8_t>(formats);
    d.input_address = 0x110000;
    d.weight_address = 0x120000;
    d.output_address = 0x130000;
    return d;
}

control::device_limits limits_of(std::uint32_t formats)
{
    control::device_limits limits;
    limits.features = LOAS_FEATURE_CURRENTS | LOAS_FEATURE_THRESHOLDS | LOAS_FEATURE_CARRY;
    limits.formats = formats;
    limits.max_timesteps = 16;
    limits.tiles = 5;
    limits.reachable = {{0x100000, 0x100000}};
    return limits;
}

loas_status status_of(const loas_descriptor& d, const control::device_limits& limits,
                      const std::vector<control::address_range>& rings = {})
{
    return control::check_descriptor(d, limits, rings).status;
}

} // namespace

TEST(descriptor_check, a_design_takes_its_own_formats_only)
{
    for (unsigned own = 0; own < spike_count * weight_count; ++own) {
        const unsigned device = own % spike_count | own / spike_count << LOAS_FORMATS_WEIGHTS_SHIFT;
        for (unsigned formats = 0; formats < 256; ++formats) {
            const bool known = formats % 16 < spike_count && formats / 16 < weight_count;
            const loas_status expected = !known              ? LOAS_STATUS_BAD_FLAGS
                                         : formats != device ? LOAS_STATUS_UNSUPPORTED
                                                             : LOAS_STATUS_OK;
            EXPECT_EQ(status_of(matrix(formats), limits_of(device)), expected) << device << " " << formats;
            // the bit of the work area is no part of a descriptor
            EXPECT_EQ(status_of(matrix(formats), limits_of(device | LOAS_FORMATS_WORK_AREA)), expected);
        }
    }
}

TEST(descriptor_check, bytes_take_relu_and_spikes_do_not)
{
    const auto status_with = [](unsigned formats, auto change) {
        loas_descriptor d = matrix(formats);
        d.bias_address = 0x140000;
        change(d);
        control::device_limits limits = limits_of(formats);
        limits.features = ~0U;
        return status_of(d, limits);
    };
    for (const unsigned format : {LOAS_SPIKES_BYTES, LOAS_SPIKES_BYTE_PAIRS}) {
        EXPECT_EQ(status_with(format, [](auto& d) { d.threshold = 31; }), LOAS_STATUS_OK);
        EXPECT_EQ(status_with(format, [](auto& d) { d.neuron = LOAS_NEURON_CURRENTS; }), LOAS_STATUS_OK);
        EXPECT_EQ(status_with(format, [](auto& d) { d.timesteps = 2; }), LOAS_STATUS_BAD_TIMESTEPS);
        EXPECT_EQ(status_with(format, [](auto& d) { d.neuron = 0; }), LOAS_STATUS_BAD_NEURON);
        EXPECT_EQ(status_with(format, [](auto& d) { d.threshold = 32; }), LOAS_STATUS_BAD_NEURON);
        EXPECT_EQ(status_with(format, [](auto& d) { d.threshold = -1; }), LOAS_STATUS_BAD_NEURON);
        EXPECT_EQ(status_with(format, [](auto& d) { d.flags = LOAS_FLAG_SINGLE_SPIKE_MASK; }), LOAS_STATUS_BAD_NEURON);
        for (const unsigned more : {LOAS_NEURON_SOFT_RESET, LOAS_NEURON_DELAYED_RESET, LOAS_NEURON_CARRY,
                                    LOAS_NEURON_THRESHOLDS})
            EXPECT_EQ(status_with(format, [&](auto& d) { d.neuron = static_cast<std::uint8_t>(d.neuron | more); }),
                      LOAS_STATUS_BAD_NEURON);
    }
    EXPECT_EQ(status_with(LOAS_SPIKES_PACKED, [](auto& d) { d.neuron = LOAS_NEURON_RELU; }), LOAS_STATUS_BAD_NEURON);
}

TEST(descriptor_check, unknown_formats_come_first_and_other_formats_after_the_sizes)
{
    loas_descriptor d = matrix(spike_count);
    d.timesteps = 0;
    EXPECT_EQ(status_of(d, limits_of(0)), LOAS_STATUS_BAD_FLAGS);
    d.opcode = LOAS_OP_NOP;
    EXPECT_EQ(status_of(d, limits_of(0)), LOAS_STATUS_BAD_FLAGS);
    d = matrix(LOAS_SPIKES_BITMAP);
    d.timesteps = 0;
    EXPECT_EQ(status_of(d, limits_of(0)), LOAS_STATUS_BAD_TIMESTEPS);
    d = matrix(LOAS_SPIKES_BITMAP);
    d.input_address = 0x110001;
    EXPECT_EQ(status_of(d, limits_of(0)), LOAS_STATUS_UNSUPPORTED);
    EXPECT_EQ(status_of(d, limits_of(LOAS_SPIKES_BITMAP)), LOAS_STATUS_MISALIGNED);
}

TEST(descriptor_check, sizes_are_those_of_the_format)
{
    loas_descriptor d = matrix(LOAS_SPIKES_COORDINATES);
    d.in_height = 60000;
    d.in_channels = 20000; // 60000 x 20000 x 3 x 2 bytes
    EXPECT_EQ(status_of(d, limits_of(LOAS_SPIKES_COORDINATES)), LOAS_STATUS_TOO_LARGE);
    d.formats = LOAS_SPIKES_BITMAP; // an eighth of a byte each
    EXPECT_EQ(status_of(d, limits_of(LOAS_SPIKES_BITMAP)), LOAS_STATUS_UNMAPPED);
}

TEST(descriptor_check, the_work_area_belongs_to_the_output)
{
    for (const bool currents : {false, true}) {
        loas_descriptor d = matrix(0);
        d.neuron = currents ? LOAS_NEURON_CURRENTS : 0;
        const control::device_limits without = limits_of(0), with = limits_of(LOAS_FORMATS_WORK_AREA);
        const std::uint64_t output =
            currents ? 4 * 6 * 3 * 4 : loas_spike_layout(LOAS_SPIKES_PACKED, 4, 6, 3).total_bytes;
        // M = 4, N = 6 rounded up to 64, T = 3, 5 tiles
        const std::uint64_t all = loas_align_up(output, 64) + 64 * (4 * 4 * 3 + 16 * 5);

        // reachable to its last byte
        const std::uint64_t last = 0x200000 - loas_align_up(all, 64);
        d.output_address = last;
        EXPECT_EQ(status_of(d, with), LOAS_STATUS_OK);
        d.output_address = last + 64;
        EXPECT_EQ(status_of(d, with), LOAS_STATUS_UNMAPPED);
        EXPECT_EQ(status_of(d, without), LOAS_STATUS_OK);

        // over input, weights, bias and rings with its last byte
        d = matrix(0);
        d.neuron = currents ? LOAS_NEURON_CURRENTS : 0;
        d.bias_address = 0x140000;
        for (const std::uint64_t other : {d.input_address, d.weight_address, d.bias_address, std::uint64_t{0x150000}}) {
            d.output_address = other - loas_align_up(all, 64);
            EXPECT_EQ(status_of(d, with, {{0x150000, 64}}), LOAS_STATUS_OK);
            d.output_address += 64;
            const control::check_result found = control::check_descriptor(d, with, {{0x150000, 64}});
            EXPECT_EQ(found.status, LOAS_STATUS_OVERLAP) << other;
            EXPECT_EQ(found.address, d.output_address);
            EXPECT_EQ(status_of(d, without, {{0x150000, 64}}), LOAS_STATUS_OK);
        }
    }
}

// Potentials lie behind the thresholds, here 10 columns: 80 bytes, and so 128 behind the bias.
TEST(descriptor_check, thresholds_move_the_potentials)
{
    loas_descriptor d = matrix(0);
    d.out_channels = 10;
    d.bias_address = 0x140000;
    d.neuron = LOAS_NEURON_CARRY;
    d.output_address = 0x140000 + 64 + 4 * 4 * 10 + 32; // the first multiple of 64 behind the potentials
    EXPECT_EQ(status_of(d, limits_of(0)), LOAS_STATUS_OK);
    d.neuron = LOAS_NEURON_CARRY | LOAS_NEURON_THRESHOLDS;
    EXPECT_EQ(status_of(d, limits_of(0)), LOAS_STATUS_OVERLAP);
    d.output_address += 64;
    EXPECT_EQ(status_of(d, limits_of(0)), LOAS_STATUS_OK);
    control::device_limits without = limits_of(0);
    without.features = LOAS_FEATURE_CARRY;
    EXPECT_EQ(status_of(d, without), LOAS_STATUS_UNSUPPORTED);
}

// Every tensor to its last byte: 4 x 10 packed inputs, 10 x 6 weights, 6 biases of 4 bytes.
TEST(descriptor_check, counts_to_the_last_byte_of_each_tensor)
{
    const control::device_limits limits = limits_of(0);
    const std::uint64_t inputs = loas_spike_layout(LOAS_SPIKES_PACKED, 4, 10, 3).total_bytes,
                        weights = loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 6, 10).total_bytes,
                        outputs = loas_spike_layout(LOAS_SPIKES_PACKED, 4, 6, 3).total_bytes;
    loas_descriptor d = matrix(0);
    const auto expect = [&](loas_status status, std::uint64_t address) {
        const control::check_result found = control::check_descriptor(d, limits, {});
        EXPECT_EQ(found.status, status) << std::hex << address;
        EXPECT_EQ(found.address, status == LOAS_STATUS_OK ? 0 : address);
    };
    // The bias right behind the output, over its last word, and with its own last word over the output's first.
    d.bias_address = d.output_address + loas_align_up(outputs, 4);
    expect(LOAS_STATUS_OK, d.bias_address);
    d.bias_address = d.output_address + loas_align_up(outputs, 4) - 4;
    expect(LOAS_STATUS_OVERLAP, d.output_address);
    d.bias_address = d.output_address - 24;
    expect(LOAS_STATUS_OK, d.bias_address);
    d.bias_address = d.output_address - 20;
    expect(LOAS_STATUS_OVERLAP, d.output_address);
    // Before memory, at its first byte, at its last one, beyond.
    d.bias_address = 0x100000 - 4;
    expect(LOAS_STATUS_UNMAPPED, d.bias_address);
    d.bias_address = 0x100000;
    expect(LOAS_STATUS_OK, d.bias_address);
    d.bias_address = 0x200000 - 24;
    expect(LOAS_STATUS_OK, d.bias_address);
    d.bias_address = 0x200000 - 20;
    expect(LOAS_STATUS_UNMAPPED, d.bias_address);
    d.bias_address = 0x200000;
    expect(LOAS_STATUS_UNMAPPED, d.bias_address);
    // With 6 thresholds behind it.
    d.neuron = LOAS_NEURON_THRESHOLDS;
    d.bias_address = 0x200000 - 48;
    expect(LOAS_STATUS_OK, d.bias_address);
    d.bias_address = 0x200000 - 44;
    expect(LOAS_STATUS_UNMAPPED, d.bias_address);
    d.bias_address = d.output_address - 48;
    expect(LOAS_STATUS_OK, d.bias_address);
    d.bias_address = d.output_address - 44;
    expect(LOAS_STATUS_OVERLAP, d.output_address);
    d.neuron = 0;
    d.bias_address = 0; // none: nothing to reach, nothing to overlap
    const std::uint64_t tensors[] = {inputs, weights, outputs};
    std::uint64_t* const addresses[] = {&d.input_address, &d.weight_address, &d.output_address};
    for (int i = 0; i < 3; ++i) {
        const std::uint64_t before = *addresses[i], last = 0x200000 - loas_align_up(tensors[i], 64);
        *addresses[i] = last;
        expect(LOAS_STATUS_OK, last);
        *addresses[i] = last + 64;
        expect(LOAS_STATUS_UNMAPPED, last + 64);
        *addresses[i] = before;
    }
    // Inputs and weights may share what the design only reads.
    d.weight_address = d.input_address;
    expect(LOAS_STATUS_OK, d.weight_address);
}
