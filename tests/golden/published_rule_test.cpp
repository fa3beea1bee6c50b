// The publication's accounting of cycles against numbers worked out by hand.
#include "platform/reference/reference.h"
#include "tests/golden/plain_matrix.h"
#include "tests/golden/published_rule.h"

#include <gtest/gtest.h>

namespace loas::golden
{

TEST(published_rule, small_tiles_by_hand)
{
    reference::reference_layer layer = plain_matrix(3, 3, 3);
    layer.spikes = {1, 1, 0, //
                    0, 1, 1, //
                    1, 1, 1};
    layer.weights = {5, 0, -1, // column 0 over k
                     1, 1, 0,  //
                     0, 0, 7};
    // Tiles of 2 rows, 2 k, 2 columns. Non-zero weights at k = 0, 1, 2: columns 0-1: 2, 1, 1; column 2: 0, 0, 1.
    // rows 0-1, columns 0-1: k 0-1: max(2+1, 1) = 3, k 2: max(0, 1) = 1; column 2: k 0-1: 0, k 2: max(0, 1) = 1
    // row 2,    columns 0-1: k 0-1: 3,               k 2: 1;             column 2: k 0-1: 0, k 2: 1
    EXPECT_EQ(published_cycles(layer, {2, 2, 2}), 3u + 1u + 0u + 1u + 3u + 1u + 0u + 1u);
    EXPECT_EQ(published_matches(layer), 3u + 3u + 5u); // rows 0, 1, 2
}

TEST(published_rule, default_tile)
{
    // Everything dense, each size one above the tile's: two row tiles, whose rows all take 129 * 33 cycles.
    const reference::reference_layer layer = plain_matrix(17, 129, 33);
    EXPECT_EQ(published_cycles(layer), 2u * 129u * 33u);
    EXPECT_EQ(published_matches(layer), 17u * 129u * 33u);
}

TEST(published_rule, channel_is_the_slowest)
{
    reference::reference_layer layer;
    layer.in_height = 2;
    layer.in_width = 2;
    layer.in_channels = 2;
    layer.kernel_w = 2;
    layer.spikes = {1, 0, 1, 0,  // row 0: channel 0 of both pixels
                    0, 1, 0, 1}; // row 1: channel 1 of both pixels
    layer.weights = {1, 1, 1, 1};
    // Chunks of 2 are the channels: max(2, 0) + max(0, 2). With the channel fastest it would be max(1, 1) twice.
    EXPECT_EQ(published_cycles(layer, {2, 2, 1}), 4u);
    layer.weights = {0, 0, 1, 0}; // channel 0 of the right pixel: matches row 0 only
    layer.spikes = {0, 0, 1, 0, 0, 0, 0, 0};
    EXPECT_EQ(published_matches(layer), 1u);
}

TEST(published_rule, bits_above_the_timesteps_do_not_count)
{
    reference::reference_layer layer = plain_matrix(1, 2, 1);
    layer.spikes = {2, 3};
    EXPECT_EQ(published_matches(layer), 1u);
}

} // namespace loas::golden
