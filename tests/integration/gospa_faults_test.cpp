// GoSPA-SNN: heads, pointers and coordinates that lead nowhere end the layer, and say where.
#include "tests/integration/harness.h"

#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace loas;
using namespace loas::integration;

namespace
{

/// 9 x 300 inputs, 20 columns, T = 3; in tiles of 64 inputs lists are cut, and coordinates have two bytes. All spikes:
/// a list is 0, 1, 2, ...
reference::reference_layer layer_of_lists()
{
    support::random_source random(6);
    reference::reference_layer layer = matrix(9, 300, 20, 3);
    std::fill(layer.spikes.begin(), layer.spikes.end(), std::uint16_t{7});
    for (auto& weight : layer.weights)
        weight = static_cast<std::int8_t>(random.chance(1, 8) ? random.between(-128, 127) : 0);
    layer.threshold = 40;
    return layer;
}

using address = std::uint64_t (*)(loas_device& device, const loas_descriptor& descriptor);

/// Of pixel 5 in timestep 1.
std::uint64_t head(loas_device&, const loas_descriptor& d)
{
    return d.input_address + 8 * (9 + 5);
}

std::uint64_t count(loas_device& device, const loas_descriptor& d)
{
    return head(device, d) + 4;
}

/// Of that pixel's list.
template <unsigned index> std::uint64_t coordinate(loas_device& device, const loas_descriptor& d)
{
    std::uint32_t offset = 0;
    EXPECT_EQ(device.hal->dma_read(device.hal->context, &offset, head(device, d), 4), LOAS_OK);
    return d.input_address + loas_spike_layout(LOAS_SPIKES_COORDINATES, 9, 300, 3).values_offset + offset + 2 * index;
}

std::uint64_t column_pointer(loas_device&, const loas_descriptor& d)
{
    return d.weight_address + loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 20, 300).pointer_offset + 4 * 17;
}

struct fault_case {
    const char* name;
    address place;
    std::vector<std::uint8_t> bytes; ///< that stand there
    address blamed;
};

} // namespace

class gospa_bad_tensor : public testing::TestWithParam<fault_case>
{
};

TEST_P(gospa_bad_tensor, is_found)
{
    const fault_case& c = GetParam();
    const reference::reference_layer layer = layer_of_lists();
    machine_run run({"accelerator=gospa-snn", "memory.ram_mib=8", "gospa.tile_inputs=64", "gospa.rows=4"});
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor descriptor = loaded.descriptor();
        const std::uint64_t place = c.place(device, descriptor), blamed = c.blamed(device, descriptor);
        fail_with_bad_tensor(device, descriptor, place, c.bytes, blamed);
        run_good(device, loaded, layer);
    }));
}

INSTANTIATE_TEST_SUITE_P(
    places, gospa_bad_tensor,
    testing::Values(fault_case{"offset", head, {0xF0, 0xFF, 0xFF, 0xFF}, head},
                    fault_case{"count_above_the_channels", count, {45, 1, 0, 0}, head}, // 301
                    fault_case{"count_without_end", count, {0xFF, 0xFF, 0xFF, 0xFF}, head},
                    fault_case{"pointer_of_weights", column_pointer, {0xF0, 0xFF, 0xFF, 0xFF}, column_pointer},
                    fault_case{"repeated_coordinate", coordinate<5>, {4, 0}, head},
                    fault_case{"coordinate_of_a_tile_before", coordinate<130>, {0, 0}, head},
                    // The list seems to end early, and in the last tile begins with what is no channel.
                    fault_case{"no_channel_in_the_middle", coordinate<130>, {0xFF, 0xFF}, head},
                    fault_case{"no_channel_at_the_end", coordinate<299>, {44, 1}, head}),
    [](const auto& each) { return each.param.name; });
