// The check of a run must be able to fail: a machine's memory by hand, right and then wrong by one bit.
#include "platform/run/layer_audit.h"

#include "tests/support/accounting.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace loas;
using observe::counter;

namespace
{

/// Memory of 64 KiB at address 0x1000 with one layer in it: 1 x 2 inputs, 1 column, T = 4.
struct small_memory {
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(0x10000);
    loas_descriptor descriptor{};

    small_memory()
    {
        descriptor.opcode = LOAS_OP_RUN_LAYER;
        descriptor.timesteps = 4;
        descriptor.in_height = descriptor.in_width = 1;
        descriptor.in_channels = 2;
        descriptor.out_channels = 1;
        descriptor.kernel_h = descriptor.kernel_w = descriptor.stride_h = descriptor.stride_w = descriptor.pool = 1;
        descriptor.leak_q8 = 128;
        descriptor.threshold = 5;
        descriptor.input_address = 0x1000;
        descriptor.weight_address = 0x2000;
        descriptor.output_address = 0x3000;
        // Channels 0 and 1 spike with words 0b0011 and 0b1001; weights 4 and 3.
        at(0x1000) = 0b11;
        at(0x1000 + loas_spike_layout(LOAS_SPIKES_PACKED, 1, 2, 4).values_offset) = 0b10010011;
        at(0x2000) = 0b11;
        at(0x2000 + loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 1, 2).values_offset) = 4;
        at(0x2000 + loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 1, 2).values_offset + 1) = 3;
        // O = 7, 4, 0, 3. X: 7 spike; 4, U = 2; 2, U = 1; 4. Output word 0b0001.
        at(0x3000) = 1;
        at(0x3000 + loas_spike_layout(LOAS_SPIKES_PACKED, 1, 1, 4).values_offset) = 0b0001;
    }

    std::uint8_t& at(std::uint64_t address) { return bytes.at(address - 0x1000); }

    run::memory_reader reader()
    {
        return [this](std::uint64_t address, void* data, std::size_t count) {
            if (address < 0x1000 || address - 0x1000 + count > bytes.size())
                return false;
            std::memcpy(data, &bytes[address - 0x1000], count);
            return true;
        };
    }
};

} // namespace

TEST(layer_audit, a_right_output_is_equal_and_its_operands_are_counted)
{
    small_memory memory;
    run::layer_audit audit(memory.reader(), {"first"}, {true, support::accounting_of("loas")});
    observe::layer_outcome outcome;
    outcome.counters[counter::cycles] = 77;
    outcome.utilisation.record(10, 20, 30);
    audit.layer_finished(memory.descriptor, outcome);
    outcome.utilisation.record(20, 30, 40);
    audit.layer_finished(memory.descriptor, outcome);
    EXPECT_TRUE(audit.differences().empty()) << audit.differences()[0];
    ASSERT_EQ(audit.layers().size(), 1u);
    const results::layer_result& layer = audit.layers()[0];
    EXPECT_EQ(layer.name, "first");
    EXPECT_EQ(layer.runs, 2u);
    EXPECT_EQ(layer.spikes, 2u * 4);
    EXPECT_EQ(layer.non_silent, 2u * 2);
    EXPECT_EQ(layer.weights, 2u);
    EXPECT_EQ(layer.published.cycles, 2u * 2);
    // Two runs, in each of which 2 words of 4 bits and 2 masks of 1 bit for the previous layer's write-back and the
    // fill, a word a match; two weights and their mask.
    EXPECT_EQ(layer.published.inputs.dram_item_bits(), 2u * 8);
    EXPECT_EQ(layer.published.inputs.dram_index_bits, 2u * 2);
    EXPECT_EQ(layer.published.written_back_item_bits(), 2u * 8);
    EXPECT_EQ(layer.published.inputs.sram_item_bits(), 2u * (8 + 8));
    EXPECT_EQ(layer.published.weights.dram_item_bits(), 2u * 16);
    EXPECT_EQ(layer.published.weights.dram_index_bits, 2u * 2);
    EXPECT_EQ(layer.counters[counter::cycles], 2u * 77);
    EXPECT_EQ(layer.utilisation.cycles(), 77u); // of the first run, to its end
    EXPECT_EQ(layer.utilisation.busy_tile_cycles(10), 3u);
    EXPECT_EQ(layer.utilisation.busy_tile_cycles(20), 0u);
}

// Timesteps one after another: 2, 1, 0 and 1 matches in four tiles of two bits, all different. The weights, which are
// only read for this, are one tile.
TEST(layer_audit, each_design_has_its_own_accounting)
{
    small_memory memory;
    run::layer_audit audit(memory.reader(), {"first"}, {false, support::accounting_of("sparten-snn")});
    audit.layer_finished(memory.descriptor, {});
    const cost::published_traffic& published = audit.layers().at(0).published;
    EXPECT_EQ(published.cycles, 4u);
    EXPECT_EQ(published.matches, 4u);
    EXPECT_EQ(published.inputs.missed_tiles, 4u);
    EXPECT_EQ(published.inputs.dram_item_bits(), 4u * 2);
    EXPECT_EQ(published.weights.missed_tiles, 1u);
    EXPECT_EQ(published.weights.dram_item_bits(), 2u * 8);

    run::layer_audit of_none(memory.reader(), {"first"}, {false, {}});
    of_none.layer_finished(memory.descriptor, {});
    EXPECT_EQ(of_none.layers().at(0).published.cycles, 0u);
    EXPECT_EQ(of_none.layers().at(0).published.inputs.item_bits, 0u);
}

// Software may write over operands as soon as it likes; the output is worth what they were when the layer began.
TEST(layer_audit, operands_count_as_they_were_when_the_layer_began)
{
    small_memory memory;
    run::layer_audit audit(memory.reader(), {"first"}, {true, {}});
    audit.layer_started(memory.descriptor);
    memory.at(0x1000) = 0;
    memory.at(0x2000 + loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 1, 2).values_offset) = 100;
    audit.layer_finished(memory.descriptor, {});
    EXPECT_TRUE(audit.differences().empty()) << audit.differences()[0];
    EXPECT_EQ(audit.layers()[0].spikes, 4u);
    audit.layer_finished(memory.descriptor, {}); // of which no beginning was told
    EXPECT_EQ(audit.differences().size(), 1u);
    EXPECT_EQ(audit.layers()[0].spikes, 4u);
}

TEST(layer_audit, one_wrong_bit_is_a_difference)
{
    small_memory memory;
    memory.at(0x3000 + loas_spike_layout(LOAS_SPIKES_PACKED, 1, 1, 4).values_offset) ^= 0b1000;
    run::layer_audit audit(memory.reader(), {"first"}, {});
    audit.layer_finished(memory.descriptor, {});
    ASSERT_EQ(audit.differences().size(), 1u);
    EXPECT_EQ(audit.differences()[0], "first, run 1: pixel 0, channel 0: spikes 0x9 instead of 0x1");
    EXPECT_EQ(audit.layers()[0].golden_different, 1u);
}

TEST(layer_audit, a_wrong_current_is_a_difference)
{
    small_memory memory;
    memory.descriptor.neuron = LOAS_NEURON_CURRENTS;
    const std::int32_t currents[] = {7, 4, 0, 4};
    std::memcpy(&memory.at(0x3000), currents, sizeof currents);
    run::layer_audit audit(memory.reader(), {}, {});
    audit.layer_finished(memory.descriptor, {});
    ASSERT_EQ(audit.differences().size(), 1u);
    EXPECT_EQ(audit.differences()[0], "layer 0, run 1: row 0, column 0, timestep 3: current 4 instead of 3");
}

/// What memory of small_memory holds, as the driver should have been given it.
struct small_source {
    std::vector<std::uint16_t> spikes = {0b0011, 0b1001};
    std::vector<std::int8_t> weights = {4, 3};
    std::vector<std::int32_t> bias = {7};
    run::layer_audit::source of;

    small_source()
    {
        of.shape.timesteps = 4;
        of.shape.in_channels = 2;
        of.shape.threshold = 5;
        of.spikes = &spikes;
        of.weights = &weights;
    }
    std::vector<std::string> differences()
    {
        small_memory memory;
        run::layer_audit audit(memory.reader(), {"first"}, {});
        audit.expect(0, of);
        audit.layer_finished(memory.descriptor, {});
        audit.layer_finished(memory.descriptor, {});
        EXPECT_EQ(audit.layers().at(0).golden_different, audit.differences().size()) << "told once a layer";
        return audit.differences();
    }
};

// What hardware and golden make of memory agrees in all of these: only the source tells that it was packed wrongly.
TEST(layer_audit, memory_must_hold_what_the_driver_was_given)
{
    const auto told = [](const char* what) {
        return std::vector<std::string>{std::string("first: memory does not hold what the driver was given: ") + what};
    };
    EXPECT_EQ(small_source().differences(), std::vector<std::string>());
    small_source lost_five;
    lost_five.weights = {9, 3}; // packed as 4
    EXPECT_EQ(lost_five.differences(), told("weight 0 of 0: 4 instead of 9"));
    small_source spike;
    spike.spikes[1] = 0b1011;
    EXPECT_EQ(spike.differences(), told("spikes of channel 1 of 0: 9 instead of 11"));
    small_source bias;
    bias.of.bias = &bias.bias;
    EXPECT_EQ(bias.differences(), told("0 bias instead of 1"));
    small_source threshold;
    threshold.of.shape.threshold = 6;
    EXPECT_EQ(threshold.differences(), told("threshold 5 instead of 6"));
    small_source thresholds;
    thresholds.of.shape.thresholds = {5};
    EXPECT_EQ(thresholds.differences(), told("0 threshold instead of 1"));
    small_source masked;
    masked.of.shape.single_spike_mask = true;
    EXPECT_EQ(masked.differences(), told("single_spike_mask false instead of true"));
    small_source timesteps;
    timesteps.of.shape.timesteps = 5;
    EXPECT_EQ(timesteps.differences(), told("timesteps 4 instead of 5"));
}

TEST(layer_audit, what_cannot_be_read_is_said_and_does_not_stop_the_run)
{
    small_memory memory;
    memory.descriptor.weight_address = 0x100000;
    run::layer_audit audit(memory.reader(), {"first"}, {});
    EXPECT_FALSE(audit.looked());
    audit.layer_finished(memory.descriptor, {});
    EXPECT_TRUE(audit.looked());
    EXPECT_EQ(audit.differences(), std::vector<std::string>());
    ASSERT_EQ(audit.unchecked().size(), 1u);
    EXPECT_EQ(audit.unchecked()[0].rfind("layer with cookie 0: ", 0), 0u) << audit.unchecked()[0];
}

// Currents of bytes have no shift, so the descriptor's threshold may be any number.
TEST(layer_audit, currents_of_bytes_have_any_threshold)
{
    small_memory memory;
    memory.descriptor.timesteps = 1;
    memory.descriptor.formats = LOAS_SPIKES_BYTES | LOAS_WEIGHTS_COLUMNS << LOAS_FORMATS_WEIGHTS_SHIFT;
    memory.descriptor.neuron = LOAS_NEURON_CURRENTS;
    memory.descriptor.threshold = -1;
    memory.at(0x1000 + loas_spike_layout(LOAS_SPIKES_BYTES, 1, 2, 1).values_offset) = 2;
    memory.at(0x1000 + loas_spike_layout(LOAS_SPIKES_BYTES, 1, 2, 1).values_offset + 1) = 1;
    const std::int32_t current = 2 * 4 + 1 * 3;
    std::memcpy(&memory.at(0x3000), &current, sizeof current);
    run::layer_audit audit(memory.reader(), {"first"}, {});
    audit.layer_finished(memory.descriptor, {});
    EXPECT_EQ(audit.unchecked(), std::vector<std::string>());
    EXPECT_EQ(audit.differences(), std::vector<std::string>());
    EXPECT_TRUE(audit.looked());
}

TEST(layer_audit, without_golden_nothing_is_compared)
{
    small_memory memory;
    memory.at(0x3000) = 0;
    run::layer_audit audit(memory.reader(), {"first"}, {false, {}});
    audit.layer_finished(memory.descriptor, {});
    EXPECT_FALSE(audit.looked());
    EXPECT_EQ(audit.layers()[0].runs, 1u);
}
